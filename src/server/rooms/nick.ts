// Nicknames: which are good ones, which are taken, which are reserved (XEP-0045 §7.2.9, §7.6, §7.10, §16.1).

import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { StanzaCondition } from '../../xmpp/stanza.ts';
import type { RoomLimits } from './limits.ts';
import type { Occupant, Room } from './state.ts';

/** Nicknames that look alike are the same to whoever chooses one: letter case, width and spaces make no difference. */
export const nickKey = (nick: string): string => nick.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();

export type NickFault = { readonly condition: StanzaCondition; readonly text: string };

/**
 * The nickname that an account gets when it asks for this one. White space at its ends goes, and several spaces are one.
 * Where the account is in the room under a nickname that looks the same, it gets that (§7.2.9: one nickname, several clients);
 * unless it is there with this `session` only: then it may spell it as it likes.
 */
export const assignNick = (
  room: Room,
  wanted: string,
  account: Jid,
  limits: RoomLimits,
  session?: Jid,
): Outcome<string, NickFault> => {
  const nick = wanted.replace(/\s+/gu, ' ').trim();
  if (nick === '') return bad({ condition: 'jid-malformed', text: 'a nickname is needed' });
  if ([...nick].length > limits.nickMax)
    return bad({ condition: 'not-acceptable', text: `a nickname has ${limits.nickMax} characters at most` });
  // Whoever has it already keeps it until he leaves, though it was reserved for another meanwhile.
  if (room.occupants.get(nick)?.account.equals(account)) return good(nick);
  const key = nickKey(nick);
  let own: Occupant | undefined;
  for (const occupant of room.occupants.values()) {
    if (nickKey(occupant.nick) !== key) continue;
    if (!occupant.account.equals(account)) return bad({ condition: 'conflict', text: 'the nickname is taken' });
    own = occupant;
  }
  if (!own && isReserved(room, key, account)) return bad({ condition: 'conflict', text: 'the nickname is reserved' });
  const isOnlyThere = own?.sessions.every(({ jid }) => jid.equals(session));
  return good(own && !isOnlyThere ? own.nick : nick);
};

/** Is it reserved for somebody else? `key`: of nickKey. */
export const isReserved = ({ affiliations }: Room, key: string, account: Jid): boolean => {
  const holder = holders(affiliations).get(key);
  return holder !== undefined && holder !== account.toString();
};

/** Who has which nickname reserved; worked out once for as long as the lists stay the same. */
const holders = (affiliations: Room['affiliations']): ReadonlyMap<string, string> => {
  let found = known.get(affiliations);
  if (!found) {
    found = new Map(
      [...affiliations.values()].flatMap(({ jid, nick }) => (nick === undefined ? [] : [[nickKey(nick), jid]])),
    );
    known.set(affiliations, found);
  }
  return found;
};
const known = new WeakMap<Room['affiliations'], ReadonlyMap<string, string>>();
