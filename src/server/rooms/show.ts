// How occupants look to each other: presence with role, affiliation and, for those who may see it, the real address
// (XEP-0045 §7.2.2 to §7.2.4, §17.3), the occupant's id (XEP-0421), and status codes.

import { type Element, el } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { type Change, sessionsOf } from './change.ts';
import { type Code, code, ns } from './names.ts';
import { type Affiliation, type Role, roleMay } from './standing.ts';
import { affiliationOf, type Occupant, type Room, seesAddresses } from './state.ts';

export interface Look {
  /** True: the occupant leaves. */
  readonly isGone?: boolean;
  /** For everybody; 110 is added where it belongs. */
  readonly codes?: readonly Code[];
  /** The nickname it has from now on (§7.6). */
  readonly newNick?: string;
  readonly actor?: Actor | undefined;
  readonly reason?: string | undefined;
  /** §10.9. */
  readonly destroy?: Element;
  /** What it leaves with; otherwise what its first session shows. */
  readonly presence?: Stanza | undefined;
}

/** Who did it, for those who may know. */
export interface Actor {
  readonly nick: string | undefined;
  readonly account: Jid;
}

export const statusElements = (codes: readonly Code[]): Element[] =>
  codes.map((one) => el('status', { code: String(one) }));

export const occupantIdElement = (id: string): Element => el('occupant-id', { xmlns: ns.occupantId, id });

const itemElement = (
  attrs: { readonly affiliation: Affiliation; readonly role: Role; readonly jid?: string | undefined },
  look: Look,
  withAddresses: boolean,
): Element => {
  const { actor, reason, newNick } = look;
  return el(
    'item',
    { ...attrs, nick: newNick },
    actor &&
      (actor.nick !== undefined || withAddresses) &&
      el('actor', { nick: actor.nick, jid: withAddresses ? actor.account.toString() : undefined }),
    reason !== undefined && el('reason', null, reason),
  );
};

/** The presence, without address. `isSelf`: for the occupant's own sessions. */
export const presenceOf = (
  room: Room,
  occupant: Occupant,
  { withAddresses, isSelf, own = [] }: { withAddresses: boolean; isSelf: boolean; own?: readonly Code[] },
  look: Look = {},
): Stanza => {
  const [first] = occupant.sessions;
  const shown = look.presence ?? (look.isGone ? undefined : first?.presence);
  // Of a room that is no more nobody is anything (§10.9).
  const affiliation = look.destroy ? 'none' : affiliationOf(room, occupant.account);
  const role = look.isGone && look.newNick === undefined ? 'none' : occupant.role;
  const items = (withAddresses ? occupant.sessions : [undefined]).map((session) =>
    itemElement({ affiliation, role, jid: session?.jid.toString() }, look, withAddresses),
  );
  const codes = [...(isSelf ? [code.self, ...own] : []), ...(look.codes ?? [])];
  return Stanza.make(
    {
      kind: 'presence',
      type: look.isGone ? 'unavailable' : undefined,
      from: occupant.jid,
      id: shown?.id,
      lang: shown?.lang,
    },
    ...(shown?.elements ?? []),
    occupantIdElement(occupant.id),
    el('x', { xmlns: ns.user }, items, look.destroy, statusElements(codes)),
  );
};

/** Shows an occupant to the others, who see it if the room shows its role, then to its own sessions. */
export const showToAll = (change: Change, occupant: Occupant, look: Look = {}, own: readonly Code[] = []): void => {
  showToOthers(change, occupant, look);
  showToSelf(change, occupant, sessionsOf(occupant), look, own);
};

export const showToSelf = (
  change: Change,
  occupant: Occupant,
  to: readonly Jid[],
  look: Look = {},
  own: readonly Code[] = [],
): void => {
  const withAddresses = seesAddresses(change.room, occupant);
  change.show(presenceOf(change.room, occupant, { withAddresses, isSelf: true, own }, look), to);
};

export const showToOthers = (change: Change, occupant: Occupant, look: Look = {}): void =>
  showTo(change, occupant, [true, false], look);

/** A client more or less under the nickname: only who sees addresses sees a difference. */
export const showAddresses = (change: Change, occupant: Occupant): void => showTo(change, occupant, [true], {});

const showTo = (change: Change, occupant: Occupant, whom: readonly boolean[], look: Look): void => {
  const { room } = change;
  if (!roleMay(room.settings, occupant.role, 'show presence')) return;
  for (const withAddresses of whom) {
    const viewers = [...room.occupants.values()].filter(
      (one) => one.nick !== occupant.nick && seesAddresses(room, one) === withAddresses,
    );
    if (viewers.length > 0)
      change.show(presenceOf(room, occupant, { withAddresses, isSelf: false }, look), viewers.flatMap(sessionsOf));
  }
};

/** Shows everybody else who is there to sessions of one occupant (§7.2.2). */
export const showOthersTo = (change: Change, viewer: Occupant, to: readonly Jid[]): void => {
  for (const other of change.room.occupants.values())
    if (other.nick !== viewer.nick) showOneTo(change, other, viewer, to);
};

/** Shows another occupant to sessions of one, if it may be seen. */
export const showOneTo = (change: Change, other: Occupant, viewer: Occupant, to: readonly Jid[]): void => {
  const { room } = change;
  const withAddresses = seesAddresses(room, viewer);
  if (roleMay(room.settings, other.role, 'show presence'))
    change.show(presenceOf(room, other, { withAddresses, isSelf: false }), to);
};
