// What the user has chosen for groups, across sessions: to be taken in at sign-in, to get no private messages.

import type { Effect } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';
import { type Kept, kept } from '../common/kept.ts';
import type { OwnChoice } from './properties.ts';
import type { Room } from './rooms.ts';

interface KeptChoice extends OwnChoice {
  readonly id: string;
  readonly nick: string;
  readonly wantsNotices: boolean;
}
/** By room. */
type Choices = Readonly<Record<string, KeptChoice>>;

export const choices: Kept<Choices> = kept('groups.choices', {});
const choicesMax = 100;

export const choiceOf = async (session: SessionView, room: Room): Promise<OwnChoice> =>
  (await choices.read(session))[room.jid.toString()] ?? {};

/** Undefined when there are too many. */
export const withChoice = async (session: SessionView, room: Room, choice: OwnChoice): Promise<Effect | undefined> => {
  const before = await choices.read(session);
  const key = room.jid.toString();
  const next = { ...before[key], ...choice, id: room.id, nick: room.nick, wantsNotices: room.wantsNotices };
  // What is as it is without a choice need not be kept.
  const { [key]: _, ...others } = before;
  const isPlain = next.autoJoin !== true && next.privateMessaging !== false;
  if (!isPlain && Object.keys(others).length >= choicesMax) return undefined;
  return choices.write(isPlain ? others : { ...others, [key]: next });
};

export const withoutChoice = async (session: SessionView, room: Room): Promise<Effect> => {
  const { [room.jid.toString()]: _, ...others } = await choices.read(session);
  return choices.write(others);
};
