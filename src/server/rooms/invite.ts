// Invitations through the room and their refusal (XEP-0045 §7.8.2, §7.9, §9.5). Direct ones (XEP-0249) do not come by here.

import { child, type Element, el, elementsOf } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { applyAffiliations } from './affiliate.ts';
import type { Change } from './change.ts';
import { reasonElement, sendInvitation } from './invitation.ts';
import { shortText } from './message.ts';
import { ns } from './names.ts';
import { affiliationMay, roleMay } from './standing.ts';
import { affiliationOf, type Occupant, occupantOf, type Room } from './state.ts';

/** <x muc#user> in a message to the room: what it holds of invitations and refusals. */
export const invitationsIn = (stanza: Stanza): readonly Element[] => {
  const x = stanza.child('x', ns.user);
  return x ? elementsOf(x).filter(({ name }) => name === 'invite' || name === 'decline') : [];
};

/** So many at once. */
const invitationsMax = 20;

export const invite = (change: Change, stanza: Stanza, from: Jid, invitations: readonly Element[]): void => {
  const { room } = change;
  const occupant = occupantOf(room, from);
  if (!occupant) return change.refuse(stanza, 'not-acceptable', { type: 'cancel', text: 'you are not in the room' });
  if (!mayInvite(room, occupant)) return change.refuse(stanza, 'forbidden', { text: 'you may not invite others' });
  if (invitations.length > invitationsMax)
    return change.refuse(stanza, 'policy-violation', { text: `at most ${invitationsMax} invitations at once` });
  const invitees: Jid[] = [];
  for (const { attrs } of invitations) {
    const to = Jid.parse(attrs.to ?? '');
    if (!to.ok) return change.refuse(stanza, 'jid-malformed', { text: 'an invitation needs an address' });
    if (affiliationOf(room, to.value) === 'outcast')
      return change.refuse(stanza, 'not-allowed', { text: 'the invited is banned from the room' });
    invitees.push(to.value);
  }
  if (room.settings.isMembersOnly) {
    const outsiders = invitees.filter((to) => affiliationOf(room, to) === 'none');
    if (room.affiliations.size + outsiders.length > change.circumstances.limits.affiliationsMax)
      return change.refuse(stanza, 'resource-constraint', { text: 'the list of members is full' });
    applyAffiliations(
      change,
      outsiders.map((to) => ({ jid: to.bare, affiliation: 'member' })),
      { isInvited: true },
    );
  }
  invitations.forEach((element, n) => {
    const to = invitees[n];
    if (!to) return;
    const asked = child(element, 'continue');
    sendInvitation(change, to, {
      from: occupant.account,
      reason: shortText(change, element, 'reason'),
      continued: asked && el('continue', { thread: asked.attrs.thread }),
    });
  });
};

/** §5.1.1, §9.5: in a members-only room whoever invites makes a member. */
const mayInvite = (room: Room, { role, account }: Occupant): boolean =>
  room.settings.isMembersOnly
    ? room.settings.letsInvite || affiliationMay(affiliationOf(room, account), 'edit members')
    : roleMay(room.settings, role, 'invite');

/** Told to somebody who has to do with the room, or to nobody: the room carries no mail to strangers. */
export const decline = (change: Change, stanza: Stanza, from: Jid, refusals: readonly Element[]): void => {
  const { room } = change;
  for (const element of refusals.slice(0, invitationsMax)) {
    const to = Jid.parse(element.attrs.to ?? '');
    if (!to.ok) return change.refuse(stanza, 'jid-malformed', { text: 'a refusal needs an address' });
    const inviter =
      to.value.bare.equals(room.jid) && to.value.resource !== undefined
        ? room.occupants.get(to.value.resource)
        : [...room.occupants.values()].find(({ account }) => account.equals(to.value.bare));
    if (!inviter && affiliationOf(room, to.value) === 'none') continue;
    const address = inviter?.sessions[0]?.jid ?? to.value.bare;
    const reason = reasonElement(shortText(change, element, 'reason'));
    change.send(
      Stanza.make(
        { kind: 'message', from: room.jid, to: address },
        el('x', { xmlns: ns.user }, el('decline', { from: from.bare.toString() }, reason)),
      ),
    );
  }
};
