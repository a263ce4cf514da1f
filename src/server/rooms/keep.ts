// A room in the Store and back. What differs between a room before and after a step is what is written, all or nothing.

import type { RoomAffiliation, Store } from '../../store/store.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { stanzaFromText } from '../../xmpp/stanza-text.ts';
import type { RoomLimits } from './limits.ts';
import { defaultSettings, type RoomSettings } from './settings.ts';
import { isKept, type Room, type Said } from './state.ts';

/** The JSON of a room's record. Settings that a later version adds have their default in an older record. */
interface Kept {
  readonly settings: Partial<RoomSettings>;
  readonly subject?: { readonly stanza: string; readonly at: number };
  readonly secret: string;
}

const recordOf = ({ jid, creator, settings, subject, secret }: Room) => {
  const kept: Kept = {
    settings,
    secret,
    ...(subject && { subject: { stanza: subject.stanza.toXml(), at: subject.at } }),
  };
  return { room: jid.toString(), creator, state: JSON.stringify(kept) };
};

/** Undefined when there is no such room. */
export const loadRoom = async (store: Store, jid: Jid, limits: RoomLimits): Promise<Room | undefined> => {
  const room = jid.toString();
  const found = await store.rooms.get(room);
  if (!found) return undefined;
  const { settings, subject, secret } = JSON.parse(found.record.state) as Kept;
  const whole = { ...defaultSettings(limits), ...settings };
  const messages = await store.rooms.messages(room, { limit: whole.historyMax });
  return {
    jid,
    settings: whole,
    affiliations: new Map(found.affiliations.map((one) => [one.jid, one])),
    occupants: new Map(),
    nicks: new Map(),
    subject: subject && { stanza: stanzaFromText(subject.stanza), at: subject.at },
    history: messages.map(({ id, stanza, sentAt }) => ({ id, stanza: stanzaFromText(stanza), at: sentAt })),
    isLocked: false,
    creator: found.record.creator,
    secret,
  };
};

/** What a list of rooms needs to know of one that is only in the Store. */
export const nameAndPublicity = (state: string): { readonly name: string; readonly isPublic: boolean } => {
  const { settings } = JSON.parse(state) as Kept;
  return { name: settings.name ?? '', isPublic: settings.isPublic ?? false };
};

type Work = (store: Store) => Promise<unknown>;

/** Writes what has changed; undefined when there is nothing to write. `said`: in the step between the two. */
export const keepRoom = (
  store: Store,
  before: Room | undefined,
  after: Room | undefined,
  said: readonly Said[],
  limits: RoomLimits,
): Promise<void> | undefined => {
  const work = differences(before, after, said, limits);
  const [only] = work;
  if (!only) return undefined;
  if (work.length === 1) return only(store).then(() => undefined);
  return store.together(async (inside) => {
    for (const one of work) await one(inside);
  });
};

const messagesMax = ({ settings }: Room, limits: RoomLimits): number =>
  settings.isLogged ? Math.max(limits.loggedMax, settings.historyMax) : settings.historyMax;

const addMessage =
  (room: Room, { id, stanza, at }: Said, limits: RoomLimits): Work =>
  ({ rooms }) =>
    rooms.addMessage(room.jid.toString(), { id, stanza: stanza.toXml(), sentAt: at }, messagesMax(room, limits));

const differences = (
  before: Room | undefined,
  after: Room | undefined,
  said: readonly Said[],
  limits: RoomLimits,
): readonly Work[] => {
  if (!isKept(after)) {
    if (!isKept(before)) return [];
    const room = before.jid.toString();
    return [({ rooms }) => rooms.remove(room)];
  }
  const room = after.jid.toString();
  const save: Work = ({ rooms }) => rooms.save(recordOf(after));
  if (!isKept(before))
    return [
      ({ rooms }) => rooms.remove(room),
      save,
      ({ rooms }) => rooms.affiliate(room, [...after.affiliations.values()]),
      ...after.history.map((one) => addMessage(after, one, limits)),
    ];
  const work: Work[] = [];
  if (before.settings !== after.settings || before.subject !== after.subject) work.push(save);
  if (before.affiliations !== after.affiliations) {
    const changes = affiliationChanges(before.affiliations, after.affiliations);
    if (changes.length > 0) work.push(({ rooms }) => rooms.affiliate(room, changes));
  }
  const most = messagesMax(after, limits);
  if (most > 0) work.push(...said.map((one) => addMessage(after, one, limits)));
  if (most < messagesMax(before, limits)) work.push(({ rooms }) => rooms.trim(room, most));
  return work;
};

type Affiliations = Room['affiliations'];

const affiliationChanges = (
  before: Affiliations,
  after: Affiliations,
): (RoomAffiliation | { readonly jid: string; readonly affiliation: 'none' })[] => [
  ...[...after.values()].filter((one) => before.get(one.jid) !== one),
  ...[...before.keys()].filter((jid) => !after.has(jid)).map((jid) => ({ jid, affiliation: 'none' }) as const),
];
