// The presence of the phone's user: what it published is kept for the account, and goes out as <presence/> (RFC 6121 §4) and
// personal events (XEP-0163) as the presence table says.

import { el } from '../../../xml/element.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { namespaces, writeNick } from '../../mapping/contact-presence.ts';
import { type OwnAttributes, type Published, publishedOf } from '../../mapping/presence-table.ts';
import { type Effects, keep, tell } from '../../service.ts';
import { keptSlot, type SessionView, slot } from '../../session-view.ts';
import { discoInfo, identitiesOf, phoneCaps } from '../client/caps.ts';
import { type Kept, kept } from '../common/kept.ts';
import { isWatcher, roster } from '../common/roster.ts';
import { sessionLists } from '../contact-lists/session-lists.ts';
import { type AttributeLists, noAttributeLists, shownToAll } from './attribute-lists.ts';
import { personalEvents } from './personal-events.ts';

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
  /** Monotonic ms of the first presence on this Link: contacts' answers come after it. */
  since: number | undefined;
  hasPep: Promise<boolean> | undefined;
}
export const outward = slot<Outward>('presence-outward', () => ({
  presence: undefined,
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
  const watchers = await watchersOf(session);
  const seen = publishedOf(
    own,
    { notAvailableMeansAway: session.personality.notAvailableMeansAway },
    shownToAll(lists, watchers),
  );
  const hasPep = await serverHasPep(session);
  // 1.3: a phone's own word for this session goes before what the user publishes.
  const { priority = seen.priority } = session.capabilities;
  const stanza = presenceOf({ ...seen, priority }, hasPep);
  const effects = hasPep ? eventsOf(session, seen) : [];
  const text = stanza.toXml();
  if (text === out.presence) return effects;
  out.presence = text;
  out.since ??= session.clock.mono();
  return [tell(stanza), ...effects];
};

/** Who is let see the user's presence, and in which lists they are. */
const watchersOf = async (session: SessionView): Promise<{ user: string; memberOf: string[] }[]> => {
  const { lists } = await sessionLists(session);
  const memberOf = new Map<string, string[]>();
  for (const { name, members } of lists)
    for (const { jid } of members) memberOf.set(jid.toString(), [...(memberOf.get(jid.toString()) ?? []), name]);
  return [...session.slot(roster).items].flatMap(([user, item]) =>
    isWatcher(item) ? [{ user, memberOf: memberOf.get(user) ?? [] }] : [],
  );
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

const eventsOf = (session: SessionView, seen: Published): Effects => {
  const before = session.slot(published);
  const now: Record<string, string> = {};
  for (const { node, value, publish } of personalEvents(seen)) {
    if (value !== undefined) now[node] = value;
    if (value === before[node]) continue;
    session.run(async () => {
      for (const { node, id, payload } of publish()) {
        const item = el('item', { id }, payload);
        const child = el('pubsub', { xmlns: namespaces.pubsub }, el('publish', { node }, item));
        const done = await session.iq({ type: 'set', child });
        if (done.ok) continue;
        session.log.warn({ node, fault: done.fault.reason }, 'the server did not take a personal event');
        return;
      }
    });
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [keep(published, now)];
};
