// The presence of the phone's user: what it published is kept for the account, and goes out as <presence/> (RFC 6121 §4) and
// personal events (XEP-0163) as the presence table says.

import { LateMap } from '../../../base/late.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { namespaces, writeNick } from '../../mapping/contact-presence.ts';
import { type AttributeName, type OwnAttributes, type Published, publishedOf } from '../../mapping/presence-table.ts';
import { type Effect, type Effects, keep, tell } from '../../service.ts';
import { keptSlot, type SessionView, slot } from '../../session-view.ts';
import { discoInfo, identitiesOf, phoneCaps } from '../client/caps.ts';
import { type Kept, kept } from '../common/kept.ts';
import { isWatcher, roster } from '../common/roster.ts';
import { sessionLists } from '../contact-lists/session-lists.ts';
import {
  type AttributeLists,
  noAttributeLists,
  type Sight,
  shownTo,
  shownToAll,
  visibleTo,
  type Watcher,
} from './attribute-lists.ts';
import { setAccess, whitelists } from './node-access.ts';
import { nothingSaid, type PersonalEvent, personalEvents } from './personal-events.ts';

export const ownAttributes: Kept<OwnAttributes> = kept('presence.own', {});
export const attributeLists: Kept<AttributeLists> = kept('presence.attribute-lists', noAttributeLists);

/** The attributes as the user's own phone reads them: what the session itself makes true is added. */
export const ownSeen = (own: OwnAttributes, session: SessionView): OwnAttributes => ({
  ClientInfo: { ClientType: session.capabilities.clientType },
  CommCap: { CommC: [{ Cap: 'IM', Status: 'OPEN' }] },
  UserAvailability: { PresenceValue: 'AVAILABLE' },
  ...own,
  OnlineStatus: { PresenceValue: true },
});

interface Outward {
  /** The presence sent last, as text; undefined before the first. */
  presence: string | undefined;
  /** What was sent last to those who may see more than that, by bare JID. */
  readonly directed: LateMap<string, Stanza>;
  /** Monotonic ms of the first presence on this Link: contacts' answers come after it. */
  since: number | undefined;
  hasPep: Promise<boolean> | undefined;
}
export const outward = slot<Outward>('presence-outward', () => ({
  presence: undefined,
  directed: new LateMap(),
  since: undefined,
  hasPep: undefined,
}));
/** Personal events as published last, by node: they outlive the session on the server, so what was withdrawn is told. */
const published = keptSlot<Readonly<Record<string, string>>>('presence-events', {});

/**
 * Sends what changed of how the user is seen; nothing when nothing did. `change`: values that are about to be kept.
 * Rejects when the server does not give the roster.
 */
export const publish = async (
  session: SessionView,
  change: { readonly own?: OwnAttributes; readonly lists?: AttributeLists } = {},
): Promise<Effects> => {
  const out = session.slot(outward);
  const own = change.own ?? (await ownAttributes.read(session));
  const lists = change.lists ?? (await attributeLists.read(session));
  const { watchers, contactLists } = await watchersOf(session);
  const hasPep = await serverHasPep(session);
  const reader = { notAvailableMeansAway: session.personality.notAvailableMeansAway };
  /** 1.3: a phone's own word for this session goes before what the user publishes. */
  const { priority } = session.capabilities;
  const presenceFor = (sight: Sight): Stanza => {
    const seen = publishedOf(own, reader, sight);
    return presenceOf({ ...seen, priority: priority ?? seen.priority }, hasPep);
  };
  const toAll = shownToAll(lists, contactLists);
  const stanza = presenceFor(toAll);
  /** Watchers are many, and what they may see is of few kinds. */
  const byNames = new Map<string, Stanza>();
  const presenceForOne = (watcher: Watcher): Stanza => {
    const names = visibleTo(lists, watcher.user, watcher.memberOf)?.join() ?? '*';
    const known = byNames.get(names) ?? presenceFor(shownTo(lists, watcher));
    byNames.set(names, known);
    return known;
  };
  const text = stanza.toXml();
  const isNew = text !== out.presence;
  const effects: Effect[] = isNew ? [tell(stanza)] : [];
  out.presence = text;
  if (isNew) out.since ??= session.clock.mono();
  effects.push(...presenceForSome(out, isNew, stanza, watchers, presenceForOne));
  if (hasPep) {
    const mayRead = (names: readonly AttributeName[]): readonly string[] | undefined =>
      names.every(toAll)
        ? undefined
        : watchers.filter((watcher) => names.every(shownTo(lists, watcher))).map(({ user }) => user);
    effects.push(
      ...(await eventsOf(
        session,
        personalEvents(
          publishedOf(own, reader, () => true),
          own,
        ),
        mayRead,
      )),
    );
  }
  return effects;
};

/** Presence for those who may see more than all do. Sent after what all are sent, which would else be the last they heard. */
const presenceForSome = (
  out: Outward,
  isBroadcastNew: boolean,
  broadcast: Stanza,
  watchers: readonly Watcher[],
  presenceFor: (watcher: Watcher) => Stanza,
): Effect[] => {
  const before = new Map(out.directed.entries());
  out.directed.clear();
  const effects: Effect[] = [];
  for (const watcher of watchers) {
    const { user } = watcher;
    const own = presenceFor(watcher);
    const text = own.toXml();
    const told = before.get(user);
    if (text === out.presence) {
      // One who saw more until now is told what all are told.
      if (told !== undefined && !isBroadcastNew) effects.push(tell(broadcast.with({ to: Jid.from(user) })));
      continue;
    }
    out.directed.set(user, own);
    if (isBroadcastNew || told?.toXml() !== text) effects.push(tell(own.with({ to: Jid.from(user) })));
  }
  return effects;
};

/** A watcher's client has just come, and was told by the server what all are told. */
export const greet = (session: SessionView, user: Jid): Effects => {
  const own = session.slot(outward).directed.get(user.toString());
  return own ? [tell(own.with({ to: user }))] : [];
};

/** Who is let see the user's presence, in which lists they are, and which lists there are. */
const watchersOf = async (
  session: SessionView,
): Promise<{ readonly watchers: Watcher[]; readonly contactLists: ReadonlySet<string> }> => {
  const { lists } = await sessionLists(session);
  const memberOf = new Map<string, string[]>();
  for (const { name, members } of lists)
    for (const { jid } of members) memberOf.set(jid.toString(), [...(memberOf.get(jid.toString()) ?? []), name]);
  const watchers = [...session.slot(roster).items].flatMap(([user, item]) =>
    isWatcher(item) ? [{ user, memberOf: memberOf.get(user) ?? [] }] : [],
  );
  return { watchers, contactLists: new Set(lists.map(({ name }) => name)) };
};

const presenceOf = (seen: Published, hasPep: boolean): Stanza =>
  Stanza.make(
    { kind: 'presence' },
    seen.show === undefined ? undefined : el('show', null, seen.show),
    seen.status === undefined ? undefined : el('status', null, seen.status),
    seen.priority === 0 ? undefined : el('priority', null, String(seen.priority)),
    phoneCaps,
    seen.nick === undefined || hasPep ? undefined : writeNick(seen.nick),
  );

// ---- personal eventing (XEP-0163) -----------------------------------------------------------------------------------

/** §6.1: the account says of itself that it has PEP. Asked once per Link. */
const serverHasPep = (session: SessionView): Promise<boolean> => {
  const out = session.slot(outward);
  out.hasPep ??= session
    .iq({ type: 'get', to: session.user, child: el('query', { xmlns: discoInfo }), timeoutMs: 5000 })
    .then((answer) => {
      const query = answer.ok ? answer.value.child('query', discoInfo) : undefined;
      return (
        query !== undefined && identitiesOf(query).some(({ category, type }) => category === 'pubsub' && type === 'pep')
      );
    });
  return out.hasPep;
};

const eventsOf = async (
  session: SessionView,
  events: readonly PersonalEvent[],
  mayRead: (names: readonly AttributeName[]) => readonly string[] | undefined,
): Promise<Effects> => {
  const before = session.slot(published);
  const now: Record<string, string> = {};
  const news: { readonly event: PersonalEvent; readonly isSaid: boolean; readonly members?: readonly string[] }[] = [];
  for (const event of events) {
    const { node, attributes, value } = event;
    const members = value === undefined ? undefined : mayRead(attributes);
    const isSaid = value !== undefined && members?.length !== 0;
    const mark = isSaid ? `${value} ${members?.join() ?? '*'}` : undefined;
    if (mark !== undefined) now[node] = mark;
    if (mark !== before[node]) news.push({ event, isSaid, ...(members && { members }) });
  }
  // As almost always: who types a new status text has no new mood.
  if (news.length === 0) return [];
  const lists = await whitelists.read(session);
  const nextLists: Record<string, readonly string[]> = { ...lists };
  for (const { event, isSaid, members } of news) {
    const { node, nodes } = event;
    const restricted = lists[node];
    const isAccessNew = isSaid && (members ?? []).join() !== (restricted ?? []).join();
    if (isAccessNew)
      for (const one of nodes)
        if (members) nextLists[one] = members;
        else delete nextLists[one];
    session.run(async () => {
      let isFit = true;
      if (isAccessNew) for (const one of nodes) isFit &&= await setAccess(session, one, restricted, members);
      if (!isFit) session.log.warn({ node }, 'the server does not keep a personal event from those who may not see it');
      const items = isSaid && isFit ? event.items() : (nothingSaid.find((one) => one.node === node)?.items() ?? []);
      for (const { node, id, payload } of items) {
        const item = el('item', { id }, payload);
        const child = el('pubsub', { xmlns: namespaces.pubsub }, el('publish', { node }, item));
        const done = await session.iq({ type: 'set', child });
        if (done.ok) continue;
        session.log.warn({ node, fault: done.fault.reason }, 'the server did not take a personal event');
        return;
      }
    });
  }
  const effects: Effect[] = [keep(published, now)];
  if (JSON.stringify(lists) !== JSON.stringify(nextLists)) effects.push(whitelists.write(nextLists));
  return effects;
};
