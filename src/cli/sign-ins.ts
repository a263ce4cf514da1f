// onesoup signins: what phones tried, and what became of it.

import type { Config } from '../config/config.ts';
import type { SignInRecord } from '../store/store.ts';
import { withStore } from './data.ts';
import { table } from './table.ts';

export interface SignInOptions {
  readonly address?: string;
  readonly failed?: boolean;
  readonly limit: number;
}

export const listSignIns = (config: Config, { address, failed = false, limit }: SignInOptions): Promise<string> =>
  withStore(config, async ({ signIns }) => {
    const of = { limit, ...(address !== undefined && { address }) };
    const lists = failed
      ? await Promise.all([signIns.list({ ...of, outcome: 'refused' }), signIns.list({ ...of, outcome: 'failed' })])
      : [await signIns.list(of)];
    const records = lists
      .flat()
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
    return records.length
      ? table(
          ['time (UTC)', 'address', 'outcome', 'code', 'reason', 'scheme', 'CSP', 'phone', 'from'],
          records.map(row),
        )
      : 'there are no sign-ins to show';
  });

const row = (record: SignInRecord): readonly string[] => [
  new Date(record.at).toISOString().slice(0, 19).replace('T', ' '),
  record.address,
  record.outcome,
  String(record.code),
  record.reason,
  record.scheme,
  `${record.version} ${record.encoding}`,
  record.userAgent || record.clientId,
  record.remote,
];
