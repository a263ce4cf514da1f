// Registering with a room (XEP-0045 §7.10, §9.9): whoever does is a member, and nobody else may use the nickname. Where only
// members may enter, an admin who is in the room decides.

import { child, childText, type Element, el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { type Field, formNs, formValues, writeForm } from '../forms.ts';
import { applyAffiliations } from './affiliate.ts';
import { type Change, sessionsOf } from './change.ts';
import { ns } from './names.ts';
import { assignNick } from './nick.ts';
import { affiliationMay, isAtLeast } from './standing.ts';
import { affiliationOf, type Occupant, type Room } from './state.ts';

const nickField = 'muc#register_roomnick';
const allowField = 'muc#register_allow';
/** Not among the registered fields, but without it nobody knows who asks. */
const jidField = 'muc#jid';

export const answerRegister = (change: Change, stanza: Stanza, from: Jid, query: Element): void => {
  const { room } = change;
  const record = room.affiliations.get(from.bare.toString());
  if (!affiliationMay(affiliationOf(room, from), 'register'))
    return change.refuse(stanza, 'not-allowed', { text: 'you are banned from the room' });
  if (stanza.type === 'get') {
    const isRegistered = record?.nick !== undefined;
    return change.send(
      stanza.result(
        el(
          'query',
          { xmlns: ns.register },
          isRegistered && [el('registered'), el('username', null, record?.nick)],
          !isRegistered && el('instructions', null, 'Choose the nickname that shall be yours in this room.'),
          writeForm(ns.registerForm, [nickFieldFor(record?.nick ?? '')], `Registration with ${room.jid}`),
        ),
      ),
    );
  }
  if (child(query, 'remove')) return withdraw(change, stanza, from);
  const x = child(query, 'x', formNs);
  if (x && x.attrs.type !== 'submit') return change.refuse(stanza, 'bad-request', { text: 'a form is needed' });
  const wanted = (x ? formValues(x).get(nickField)?.[0] : childText(query, 'username')) ?? '';
  if (wanted === '') return change.refuse(stanza, 'bad-request', { text: 'a nickname is needed' });
  const nick = assignNick(room, wanted, from.bare, change.circumstances.limits);
  if (!nick.ok) return change.refuse(stanza, nick.fault.condition, { text: nick.fault.text });
  // As an occupant's resource it must be an address.
  if (!Jid.of(room.jid.local, room.jid.domain, nick.value).ok)
    return change.refuse(stanza, 'not-acceptable', { text: 'a nickname has no such characters' });
  if (!record && room.settings.isMembersOnly) return askAdmins(change, stanza, from, nick.value);
  if (!record && room.affiliations.size >= change.circumstances.limits.affiliationsMax)
    return change.refuse(stanza, 'resource-constraint', { text: 'the list of members is full' });
  applyAffiliations(change, [{ jid: from.bare, affiliation: record?.affiliation ?? 'member', nick: nick.value }], {
    isInvited: true,
  });
  change.send(stanza.result());
};

const nickFieldFor = (value: string): Field => ({
  name: nickField,
  type: 'text-single',
  label: 'Desired nickname',
  values: [value],
});

/** XEP-0077 §3.2. Owners and admins stay what they are, without the nickname. */
const withdraw = (change: Change, stanza: Stanza, from: Jid): void => {
  const affiliation = affiliationOf(change.room, from);
  applyAffiliations(
    change,
    [{ jid: from.bare, affiliation: isAtLeast(affiliation, 'admin') ? affiliation : 'none', nick: '' }],
    { isInvited: true },
  );
  change.send(stanza.result());
};

const adminsIn = (room: Room): Occupant[] =>
  [...room.occupants.values()].filter(({ account }) => affiliationMay(affiliationOf(room, account), 'edit members'));

const askAdmins = (change: Change, stanza: Stanza, from: Jid, nick: string): void => {
  const { room } = change;
  const admins = adminsIn(room);
  if (admins.length === 0)
    return change.refuse(stanza, 'not-allowed', { text: 'nobody who could admit you is in the room' });
  const fields: Field[] = [
    nickFieldFor(nick),
    { name: jidField, type: 'jid-single', label: 'Who asks', values: [from.bare.toString()] },
    { name: allowField, type: 'boolean', label: 'Allow this person to register with the room?', values: ['0'] },
  ];
  const request = Stanza.make(
    { kind: 'message', from: room.jid },
    writeForm(ns.registerForm, fields, 'Registration request'),
  );
  change.spread(request, admins.flatMap(sessionsOf));
  change.send(stanza.result());
};

/** §9.9: an admin's answer. Nobody who has become something else meanwhile is changed by it. */
export const approveRegistration = (
  change: Change,
  stanza: Stanza,
  from: Jid,
  values: ReadonlyMap<string, readonly string[]>,
): void => {
  const { room, circumstances } = change;
  if (!affiliationMay(affiliationOf(room, from), 'edit members'))
    return change.refuse(stanza, 'forbidden', { text: 'only an admin may do that' });
  const jid = Jid.parse(values.get(jidField)?.[0] ?? '');
  if (!jid.ok || jid.value.local === undefined)
    return change.refuse(stanza, 'bad-request', { text: 'the form does not say whom' });
  const [allow = '0'] = values.get(allowField) ?? [];
  if (!['1', 'true'].includes(allow) || affiliationOf(room, jid.value) !== 'none') return;
  if (room.affiliations.size >= circumstances.limits.affiliationsMax)
    return change.refuse(stanza, 'resource-constraint', { text: 'the list of members is full' });
  const nick = assignNick(room, values.get(nickField)?.[0] ?? '', jid.value.bare, circumstances.limits);
  applyAffiliations(change, [{ jid: jid.value.bare, affiliation: 'member', ...(nick.ok && { nick: nick.value }) }]);
};
