// The lists (XEP-0045 §8.2 to §9.8, §10.3 to §10.8, muc#admin): who has which role or affiliation, and changes, several at
// once: all of them or none.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import { childrenNamed, type Element, el, elementsOf } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import type { Stanza, StanzaCondition } from '../../xmpp/stanza.ts';
import { type AffiliationChange, applyAffiliations, applyRole } from './affiliate.ts';
import type { Change } from './change.ts';
import { shortText } from './message.ts';
import { ns } from './names.ts';
import { isReserved, nickKey } from './nick.ts';
import type { Actor } from './show.ts';
import {
  type Affiliation,
  affiliationFault,
  affiliationMay,
  affiliations,
  isAtLeast,
  type Role,
  roleFault,
  roles,
  type Standing,
} from './standing.ts';
import { affiliationOf, occupantOf, type Room, standingOf } from './state.ts';

type Fault = { readonly condition: StanzaCondition; readonly text: string };
const fault = (condition: StanzaCondition, text: string) => bad<Fault>({ condition, text });

/** Items in one request. */
const itemsMax = 100;

// ---- reading

export const answerList = (change: Change, stanza: Stanza, from: Jid, query: Element): void => {
  const [item] = childrenNamed(query, 'item');
  const { affiliation, role } = item?.attrs ?? {};
  const { room } = change;
  const items =
    affiliation !== undefined
      ? listAffiliation(room, standingOf(room, from), affiliation)
      : listRole(room, standingOf(room, from), role);
  if (items.ok) change.send(stanza.result(el('query', { xmlns: ns.admin }, items.value)));
  else change.refuse(stanza, items.fault.condition, { text: items.fault.text });
};

const listAffiliation = (room: Room, by: Standing, wanted: string): Outcome<Element[], Fault> => {
  if (wanted === 'none' || !affiliations.some((one) => one === wanted))
    return fault('bad-request', 'there is no list of that affiliation');
  if (!mayList(room, by, wanted as Affiliation)) return fault('forbidden', 'the list is not for you');
  return good(
    [...room.affiliations.values()]
      .filter(({ affiliation }) => affiliation === wanted)
      .map(({ jid, affiliation, nick, reason }) =>
        el('item', { affiliation, jid, nick }, reason !== undefined && el('reason', null, reason)),
      ),
  );
};

/** §5.2.1 note 3, §9.5, §10.5, §10.8: what hides addresses hides the lists, too. */
const mayList = ({ settings }: Room, { affiliation, role }: Standing, wanted: Affiliation): boolean => {
  if (affiliation === 'owner') return true;
  if (wanted === 'outcast') return affiliationMay(affiliation, 'ban');
  if (wanted === 'member' && affiliationMay(affiliation, 'edit members')) return true;
  const isOfTheRoom =
    role !== 'none' ? settings.memberList.some((one) => one === role) : isAtLeast(affiliation, 'member');
  return settings.whois === 'anyone' && isOfTheRoom;
};

const listRole = (room: Room, by: Standing, wanted: string | undefined): Outcome<Element[], Fault> => {
  if (wanted === undefined || wanted === 'none' || !roles.some((one) => one === wanted))
    return fault('bad-request', 'which list?');
  const isAllowed =
    wanted === 'moderator'
      ? isAtLeast(by.affiliation, 'admin')
      : isAtLeast(by.affiliation, 'admin') || by.role === 'moderator';
  if (!isAllowed) return fault('forbidden', 'the list is not for you');
  return good(
    [...room.occupants.values()]
      .filter(({ role }) => role === wanted)
      .map(({ nick, role, account, sessions }) =>
        el('item', { affiliation: affiliationOf(room, account), jid: sessions[0]?.jid.toString(), nick, role }),
      ),
  );
};

// ---- changing

type Asked =
  | ({ readonly kind: 'affiliation' } & AffiliationChange)
  | { readonly kind: 'role'; readonly nick: string; readonly role: Role; readonly reason: string | undefined };

export const changeList = (change: Change, stanza: Stanza, from: Jid, query: Element): void => {
  const items = elementsOf(query).filter(({ name }) => name === 'item');
  const asked: Asked[] = [];
  const refuse = ({ condition, text }: Fault): void => change.refuse(stanza, condition, { text });
  if (items.length === 0) return refuse({ condition: 'bad-request', text: 'no item' });
  if (items.length > itemsMax)
    return refuse({ condition: 'policy-violation', text: `at most ${itemsMax} items at once` });
  for (const item of items) {
    const read = readItem(change, item);
    if (!read.ok) return refuse(read.fault);
    asked.push(read.value);
  }
  const wrong = faultIn(change, from, asked);
  if (wrong) return refuse(wrong);

  const actor: Actor = { nick: occupantOf(change.room, from)?.nick, account: from.bare };
  // §8.2: who is removed hears of it first, then the moderator, then all others; one answer after all of it is as good.
  applyAffiliations(
    change,
    asked.filter((one) => one.kind === 'affiliation'),
    { actor },
  );
  for (const one of asked) if (one.kind === 'role') applyRole(change, one.nick, one.role, actor, one.reason);
  change.send(stanza.result());
};

const readItem = (change: Change, item: Element): Outcome<Asked, Fault> => {
  const { affiliation, role, jid, nick } = item.attrs;
  const reason = shortText(change, item, 'reason');
  if ((affiliation === undefined) === (role === undefined))
    return fault('bad-request', 'an item has either an affiliation or a role');
  if (role !== undefined) {
    if (!roles.some((one) => one === role)) return fault('bad-request', 'there is no such role');
    const occupant = nick === undefined ? undefined : change.room.occupants.get(nick);
    if (!occupant) return fault('item-not-found', 'nobody of that nickname is in the room');
    return good({ kind: 'role', nick: occupant.nick, role: role as Role, reason });
  }
  if (!affiliations.some((one) => one === affiliation)) return fault('bad-request', 'there is no such affiliation');
  // COMPAT: clients that know only the nickname of whom they ban (§9.1 asks for the address). (lists.conversation)
  const named = jid ?? (nick !== undefined ? change.room.occupants.get(nick)?.account.toString() : undefined);
  if (named === undefined) return fault(nick === undefined ? 'bad-request' : 'item-not-found', 'of whom?');
  const read = Jid.parse(named);
  if (!read.ok) return fault('jid-malformed', 'not an address');
  return good({
    kind: 'affiliation',
    jid: read.value.bare,
    affiliation: affiliation as Affiliation,
    reason,
    ...(jid !== undefined && nick !== undefined && { nick: nick.slice(0, change.circumstances.limits.nickMax).trim() }),
  });
};

/** Whatever of it must not be: then none of it is done. */
const faultIn = ({ room, circumstances }: Change, from: Jid, asked: readonly Asked[]): Fault | undefined => {
  const by = standingOf(room, from);
  const after = new Map([...room.affiliations].map(([jid, { affiliation }]) => [jid, affiliation as Affiliation]));
  for (const one of asked) {
    if (one.kind === 'role') {
      const target = room.occupants.get(one.nick);
      if (!target) return { condition: 'item-not-found', text: 'nobody of that nickname is in the room' };
      const standing = { role: target.role, affiliation: affiliationOf(room, target.account) };
      const condition = roleFault(by, standing, one.role);
      if (condition) return { condition, text: 'you may not do that' };
      continue;
    }
    const { jid, affiliation, nick } = one;
    const isDomain = jid.local === undefined;
    if (isDomain && affiliation !== 'outcast' && affiliation !== 'none')
      return { condition: 'not-acceptable', text: 'a domain can only be banned' };
    const isSelf = isDomain ? jid.domain === from.domain : jid.equals(from.bare);
    if (isSelf && affiliation === 'outcast' && affiliationMay(by.affiliation, 'ban'))
      return { condition: 'conflict', text: 'nobody bans himself' };
    const before = room.affiliations.get(jid.toString())?.affiliation ?? 'none';
    const condition = affiliationFault(by.affiliation, before, affiliation);
    if (condition) return { condition, text: 'you may not do that' };
    if (nick && isReserved(room, nickKey(nick), jid))
      return { condition: 'conflict', text: 'the nickname is reserved' };
    if (affiliation === 'none') after.delete(jid.toString());
    else after.set(jid.toString(), affiliation);
  }
  if (![...after.values()].includes('owner')) return { condition: 'conflict', text: 'a room needs an owner' };
  if (after.size > circumstances.limits.affiliationsMax && after.size > room.affiliations.size)
    return { condition: 'resource-constraint', text: 'the lists are full' };
  return undefined;
};
