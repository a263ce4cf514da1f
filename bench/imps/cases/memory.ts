// Memory of an idle phone that is signed in, beside the same number of plain XMPP sessions; and of an idle CIR connection.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFlags } from '../../../bin/node-flags.mjs';
import type { Progress } from '../../presence/report/progress.ts';
import { openAllCirs } from '../load/cir.ts';
import type { MemoryReport, MemoryRow } from '../report/results.ts';
import { writePeople } from '../world/people.ts';
import { type Program, startProgram } from '../world/process.ts';
import { warmUp } from './warm-up.ts';

export interface MemoryOptions {
  readonly idlePhones: number;
  readonly contacts: number;
  readonly cirConnections: readonly number[];
  readonly settleSeconds: number;
}

export const measureMemory = async (options: MemoryOptions, progress: Progress): Promise<readonly MemoryRow[]> => {
  const { idlePhones: count, contacts } = options;
  const rows: MemoryRow[] = [];
  const row = (what: MemoryRow['what'], number: number, before: MemoryReport, after: MemoryReport): void =>
    void rows.push({
      ...{ what, count: number, contacts },
      heapEach: Math.round((after.heap - before.heap) / number),
      residentEach: Math.round((after.rss - before.rss) / number),
    });
  for (const kind of ['links', 'phones'] as const) {
    progress.begins(`${count} ${kind} sign in`);
    await using host = await startHost(kind, options);
    row(kind, count, host.start, host.idle);
    progress.done(`${count} ${kind} signed in`);
    let before = host.idle;
    let open = 0;
    for (const wanted of kind === 'phones' && host.idle.port !== undefined ? options.cirConnections : []) {
      const cirs = await openAllCirs(host.idle.port ?? 0, (host.idle.sessionIds ?? []).slice(open, wanted));
      const after = await host.now();
      row('cir', cirs.length, before, after);
      progress.done(`${wanted} CIR connections open`);
      before = after;
      open = wanted;
    }
  }
  return rows;
};

interface MemoryHost extends AsyncDisposable {
  readonly start: MemoryReport;
  readonly idle: MemoryReport;
  readonly now: () => Promise<MemoryReport>;
}

const startHost = async (
  kind: 'links' | 'phones',
  { idlePhones, contacts, settleSeconds }: MemoryOptions,
): Promise<MemoryHost> => {
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-bench-'));
  let program: Program | undefined;
  const remove = async (): Promise<void> => {
    await program?.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await writePeople(join(directory, 'onesoup.db'), {
      phones: idlePhones + warmUp,
      friends: false,
      neighbours: contacts,
    });
    const main = new URL('./memory-host.ts', import.meta.url).pathname;
    // A plain session has nothing that would be over only then.
    const restMs = (kind === 'phones' ? settleSeconds : Math.min(2, settleSeconds)) * 1000;
    const args = [directory, kind, String(idlePhones), String(contacts), String(restMs)];
    const started = startProgram(['--expose-gc', ...nodeFlags, main, ...args]);
    program = started;
    const next = async (): Promise<MemoryReport> => JSON.parse(await started.line()) as MemoryReport;
    const start = await next();
    const idle = await next();
    const now = (): Promise<MemoryReport> => {
      started.say('now');
      return next();
    };
    return { start, idle, now, [Symbol.asyncDispose]: remove };
  } catch (cause) {
    await remove();
    throw cause;
  }
};
