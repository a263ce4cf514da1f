// onesoup phones: who is signed in from a phone, with what, and how it is woken: * behind a channel that has brought it,
// parentheses around one that is not there now. And signing phones out.

import type { Config } from '../config/config.ts';
import type { SessionOverview } from '../gateway/gateway.ts';
import { operateRunning } from './control.ts';
import { CommandError } from './failures.ts';
import { table } from './table.ts';

export interface PhonesOptions {
  readonly address?: string;
  readonly json?: boolean;
}
export interface KickOptions {
  readonly reason: string;
}

const nobodyRuns = 'no server runs here; phones are signed in while one does';

export const showPhones = async (config: Config, { address, json = false }: PhonesOptions): Promise<string> => {
  const told = await operateRunning(config.data, 'phones', address === undefined ? {} : { address });
  if (!told) throw new CommandError(nobodyRuns);
  if (!told.ok) throw new CommandError(told.fault.text);
  return json ? JSON.stringify(told.value, undefined, 2) : page(told.value, Date.now());
};

export const kickPhones = async (config: Config, address: string, { reason }: KickOptions): Promise<string> => {
  const told = await operateRunning(config.data, 'kick', { address, reason });
  if (!told) throw new CommandError(nobodyRuns);
  if (!told.ok) throw new CommandError(told.fault.text);
  const { count } = told.value;
  if (count === 0) throw new CommandError(`no phone of ${address} is signed in`);
  return count === 1 ? 'one phone was signed out' : `${count} phones were signed out`;
};

/** now: wall-clock ms. */
export const page = (phones: readonly SessionOverview[], now: number): string =>
  phones.length === 0
    ? 'no phone is signed in'
    : table(
        ['address', 'phone', 'CSP', 'woken by', 'last heard', 'from', 'waiting', 'server'],
        [...phones]
          .sort((a, b) => b.lastHeardAt - a.lastHeardAt)
          .map((one) => [
            one.user,
            one.userAgent || one.client,
            one.version,
            channel(one),
            `${duration((now - one.lastHeardAt) / 1000)} ago`,
            one.remoteAddress,
            String(one.waiting),
            one.hasLink ? 'connected' : 'not connected',
          ]),
      );

/** What a wake-up could go over now; in parentheses what was agreed and is not there. */
const channel = ({ channels, isOnSms }: SessionOverview): string =>
  (isOnSms ? 'is sent SMS' : '') ||
  channels
    .map(({ method, isUp, hasWorked }) => (isUp ? `${method}${hasWorked ? '*' : ''}` : `(${method})`))
    .join(' ') ||
  'polling';

const duration = (seconds: number): string =>
  seconds < 120
    ? `${Math.max(0, Math.round(seconds))} s`
    : seconds < 7_200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3_600)} h`;
