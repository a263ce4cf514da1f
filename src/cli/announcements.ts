// onesoup announce, onesoup announcements: what the operator says to the users, and what they answer.

import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Config } from '../config/config.ts';
import {
  type Announcement,
  addAnnouncement,
  type Heard,
  heardByAccount,
  readAnnouncements,
  removeAnnouncement,
} from '../store/announcements.ts';
import { Jid } from '../xmpp/jid.ts';
import { operateRunning } from './control.ts';
import { withStore } from './data.ts';
import { CommandError } from './failures.ts';
import { table } from './table.ts';

export interface AnnounceOptions {
  readonly to?: readonly string[];
  readonly option?: readonly string[];
  readonly requireAnswer?: boolean;
  readonly verify?: string;
  readonly verifyUrl?: string;
  /** Milliseconds. */
  readonly valid: number;
}

export const textMax = 1000;
const optionsMax = 9;
const optionMax = 100;
const recipientsMax = 1000;

export const announce = async (config: Config, text: string, options: AnnounceOptions): Promise<string> => {
  const announcement = made(config, text, options);
  const { id } = announcement;
  const running = await operateRunning(config.data, 'announce', announcement);
  if (running) return `announcement ${id} is out; who is not there hears it when they come`;
  await withStore(config, (store) => addAnnouncement(store, announcement));
  return `announcement ${id} will be heard when the server runs`;
};

/** Throws CommandError when it is none that could be shown. */
export const made = (config: Pick<Config, 'domain'>, given: string, options: AnnounceOptions): Announcement => {
  const { to, option: choices = [], requireAnswer = false, verify: key, verifyUrl: url, valid } = options;
  const text = given.trim();
  const refuse = (words: string): never => {
    throw new CommandError(words);
  };
  if (text === '' || text.length > textMax) refuse(`an announcement has from 1 to ${textMax} characters`);
  if (choices.length > optionsMax || choices.some((one) => one.trim() === '' || one.length > optionMax))
    refuse(`at most ${optionsMax} options of at most ${optionMax} characters`);
  if ([text, ...choices, key ?? '', url ?? ''].some((one) => /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(one)))
    refuse('there are control characters in it');
  if (url !== undefined && key === undefined) refuse('--verify-url shows the word that --verify names');
  if (to && to.length > recipientsMax) refuse(`at most ${recipientsMax} addresses`);
  const createdAt = systemClock.wall();
  return {
    id: `a${systemRandom.id(9)}`,
    text,
    options: choices.map((one) => one.trim()),
    requiresAnswer: requireAnswer,
    verification: key === undefined ? undefined : { key, ...(url !== undefined && { url }) },
    to: to?.map((name) => {
      const jid = name.includes('@') ? Jid.parse(name.trim()) : Jid.of(name.trim(), config.domain);
      return jid.ok && jid.value.local !== undefined ? jid.value.bare.toString() : refuse(`${name} is no address`);
    }),
    createdAt,
    expiresAt: createdAt + valid,
  };
};

export const withdraw = async (config: Config, id: string): Promise<string> => {
  const running = await operateRunning(config.data, 'withdraw', { id });
  const isGone = running ? running.isGone : await withStore(config, (store) => removeAnnouncement(store, id));
  if (!isGone) throw new CommandError(`there is no announcement ${id}`);
  return `announcement ${id} is taken back`;
};

export const listAnnouncements = (config: Config, id: string | undefined): Promise<string> =>
  withStore(config, async (store) => {
    const all = (await readAnnouncements(store)).filter((one) => id === undefined || one.id === id);
    if (all.length === 0) {
      if (id === undefined) return 'there are no announcements';
      throw new CommandError(`there is no announcement ${id}`);
    }
    const heard = new Map<string, (readonly [string, Heard])[]>(all.map((one) => [one.id, []]));
    for await (const { account, heard: of } of heardByAccount(store))
      for (const [one, state] of Object.entries(of)) heard.get(one)?.push([account, state]);
    return id === undefined
      ? overview(all, heard, systemClock.wall())
      : all.map((one) => details(one, heard.get(one.id) ?? [])).join('\n\n');
  });

type ByAnnouncement = ReadonlyMap<string, readonly (readonly [account: string, heard: Heard])[]>;

/** now: wall-clock ms. */
export const overview = (all: readonly Announcement[], heard: ByAnnouncement, now: number): string =>
  table(
    ['id', 'made (UTC)', 'until', 'for', 'heard by', 'answered', 'wrong keys', 'text'],
    all.map(({ id, createdAt, expiresAt, to, text }) => {
      const of = (heard.get(id) ?? []).map(([, state]) => state);
      return [
        id,
        time(createdAt),
        expiresAt > now ? time(expiresAt) : 'over',
        to === undefined ? 'everybody' : to.length === 1 ? (to[0] ?? '') : `${to.length} accounts`,
        String(of.filter(hasHeard).length),
        String(of.filter(({ answer }) => answer).length),
        String(of.reduce((sum, { wrongKeys = 0 }) => sum + wrongKeys, 0)),
        text.length > 40 ? `${text.slice(0, 39)}…` : text,
      ];
    }),
  );

export const details = (one: Announcement, heard: readonly (readonly [string, Heard])[]): string => {
  const lines = [one.text, ...one.options.map((option, n) => `${n + 1}. ${option}`)];
  const rows = heard
    .filter(([, state]) => hasHeard(state))
    .map(([account, state]) => [
      account,
      state.answer ? (state.answer.option === undefined ? 'yes' : (one.options[state.answer.option - 1] ?? '')) : '',
      state.answer ? time(state.answer.at) : '',
      state.wrongKeys ? String(state.wrongKeys) : '',
    ]);
  const answers =
    rows.length > 0 ? table(['account', 'answer', 'when (UTC)', 'wrong keys'], rows) : 'nobody has heard it yet';
  return `${lines.map((line) => line.replaceAll(/[^\P{C}\n]/gu, '\ufffd')).join('\n')}\n\n${answers}`;
};

const hasHeard = ({ isSent, shownOn, answer }: Heard): boolean =>
  isSent === true || Boolean(shownOn?.length) || !!answer;

const time = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
