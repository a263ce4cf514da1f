// Searching for groups: the public rooms of the user's server (XEP-0045 §6.3), and those that the user is in, owns or has
// chosen to be in.

import { childrenNamed, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import type { SessionView } from '../../session-view.ts';
import { groupOf, roomServiceOf } from '../groups/address.ts';
import { choices } from '../groups/choices.ts';
import { infoOf } from '../groups/membership.ts';
import { rooms } from '../groups/rooms.ts';

export type GroupField = 'id' | 'name' | 'topic' | 'joined' | 'owner' | 'autojoin';
export interface GroupCriterion {
  readonly field: GroupField;
  readonly text: string;
}

const discoItems = 'http://jabber.org/protocol/disco#items';
const itemsMax = 1000;
/** Rooms that are asked for their topic, one by one. */
const askedMax = 50;
/** Whether these hold says the user's own state, whatever the text is: they are about whoever asks. */
const aboutUs: ReadonlySet<GroupField> = new Set(['joined', 'owner', 'autojoin']);

interface Found {
  readonly jid: Jid;
  /** As the phone writes it, where it has. */
  readonly id: string;
  readonly name: string;
  topic: string | undefined;
  readonly isOurs: ReadonlySet<GroupField>;
}

/** Groups' addresses, those that the user is in first. */
export const findGroups = async (
  session: SessionView,
  pairs: readonly GroupCriterion[],
): Promise<{ readonly groups: readonly string[]; readonly isComplete: boolean }> => {
  const own = await ownRooms(session);
  const isOnlyOwn = pairs.some(({ field }) => aboutUs.has(field));
  const listed = isOnlyOwn ? [] : await publicRooms(session);
  const known = new Set(own.map(({ jid }) => jid.toString()));
  const all = [...own, ...(listed ?? []).filter(({ jid }) => !known.has(jid.toString()))];
  const simple = all.filter((room) => pairs.every((pair) => pair.field === 'topic' || holds(room, pair)));
  const topics = pairs.filter(({ field }) => field === 'topic');
  if (topics.length > 0)
    await Promise.all(
      simple.slice(0, askedMax).map(async (room) => {
        if (room.topic !== undefined) return;
        const info = await infoOf(session, room.jid);
        if (typeof info !== 'number') room.topic = info.form.get('muc#roominfo_subject') ?? '';
      }),
    );
  const groups = simple.filter((room) => topics.every((pair) => holds(room, pair))).map(({ id }) => id);
  return { groups, isComplete: listed !== undefined };
};

const holds = ({ jid, id, name, topic, isOurs }: Found, { field, text }: GroupCriterion): boolean => {
  const has = (...texts: (string | undefined)[]): boolean =>
    texts.some((one) => one && folded(one).includes(folded(text)));
  switch (field) {
    case 'id':
      return has(id, jid.toString());
    case 'name':
      return has(name, jid.local);
    case 'topic':
      return has(topic);
    default:
      return isOurs.has(field);
  }
};
const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

const ownRooms = async (session: SessionView): Promise<Found[]> => {
  const found = new Map<string, Found & { readonly isOurs: Set<GroupField> }>();
  for (const { jid, id, nick, topic, occupants, isIn } of session.slot(rooms).all) {
    if (!isIn) continue;
    const isOurs = new Set<GroupField>(['joined']);
    if (occupants.get(nick)?.affiliation === 'owner') isOurs.add('owner');
    found.set(jid.toString(), { jid, id, name: jid.local ?? '', topic, isOurs });
  }
  for (const [room, { autoJoin, id }] of Object.entries(await choices.read(session))) {
    if (!autoJoin) continue;
    const jid = Jid.from(room);
    const one = found.get(room) ?? { jid, id, name: jid.local ?? '', topic: undefined, isOurs: new Set<GroupField>() };
    one.isOurs.add('autojoin');
    found.set(room, one);
  }
  return [...found.values()];
};

/** Undefined: the room service did not answer. None when the server has no rooms. */
const publicRooms = async (session: SessionView): Promise<Found[] | undefined> => {
  const service = await roomServiceOf(session, session.user.domain);
  if (!service) return [];
  const answer = await session.iq({ type: 'get', to: service, child: el('query', { xmlns: discoItems }) });
  const query = answer.ok ? answer.value.child('query', discoItems) : undefined;
  if (!query) return undefined;
  const items = childrenNamed(query, 'item').slice(0, itemsMax);
  const found = await Promise.all(
    items.map(async ({ attrs }): Promise<Found[]> => {
      const jid = Jid.parse(attrs.jid ?? '');
      if (!jid.ok || jid.value.local === undefined) return [];
      const id = await groupOf(session, jid.value);
      return [{ jid: jid.value, id, name: attrs.name ?? '', topic: undefined, isOurs: new Set() }];
    }),
  );
  return found.flat();
};
