// What a room says of itself (XEP-0045 §6.3 to §6.6, §7.12, §17.1.1; XEP-0030, XEP-0128).

import { type Element, el, textOf } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type Field, writeResult } from '../forms.ts';
import type { Change } from './change.ts';
import { ns } from './names.ts';
import { occupantOf, type Room } from './state.ts';

/** What every room answers to. */
const always = [
  ns.info,
  ns.items,
  ns.muc,
  ns.request,
  ns.stableId,
  ns.selfPing,
  ns.occupantId,
  ns.stanzaId,
  ns.register,
  ns.ping,
];

const byConfiguration = ({ settings }: Room): string[] => [
  settings.isPublic ? 'muc_public' : 'muc_hidden',
  settings.isPersistent ? 'muc_persistent' : 'muc_temporary',
  settings.isMembersOnly ? 'muc_membersonly' : 'muc_open',
  settings.isModerated ? 'muc_moderated' : 'muc_unmoderated',
  settings.whois === 'anyone' ? 'muc_nonanonymous' : 'muc_semianonymous',
  settings.password === undefined ? 'muc_unsecured' : 'muc_passwordprotected',
];

export const answerInfo = (change: Change, stanza: Stanza, from: Jid, { attrs: { node } }: Element): void => {
  const { room } = change;
  switch (node) {
    case undefined:
      return change.send(
        stanza.result(
          el(
            'query',
            { xmlns: ns.info },
            identity(room.settings.name || room.jid.local),
            [...always, ...byConfiguration(room)].map((one) => el('feature', { var: one })),
            writeResult(ns.roomInfo, infoFields(room)),
          ),
        ),
      );
    case ns.reservedNick: {
      const nick = room.affiliations.get(from.bare.toString())?.nick;
      return change.send(stanza.result(el('query', { xmlns: ns.info, node }, nick !== undefined && identity(nick))));
    }
    case ns.traffic:
      // Whatever somebody sends is passed on (§17.1.1).
      return change.refuse(stanza, 'service-unavailable', { text: 'no namespaces are kept back' });
    default:
      return change.refuse(stanza, 'item-not-found', { text: 'there is no such node' });
  }
};

const identity = (name: string | undefined): Element => el('identity', { category: 'conference', type: 'text', name });

const infoFields = ({ settings, occupants, subject }: Room): Field[] => {
  const line = (name: string, value: string): Field => ({ name, type: 'text-single', label: '', values: [value] });
  const text = subject?.stanza.elements.find(({ name, xmlns }) => name === 'subject' && xmlns === 'jabber:client');
  return [
    line('muc#roominfo_description', settings.description),
    line('muc#roominfo_occupants', String(occupants.size)),
    ...(settings.lang === '' ? [] : [line('muc#roominfo_lang', settings.lang)]),
    ...(settings.pubsub === '' ? [] : [line('muc#roominfo_pubsub', settings.pubsub)]),
    // What is said in a room that not everybody may enter is not for everybody.
    ...(text && !settings.isMembersOnly && settings.password === undefined
      ? [line('muc#roominfo_subject', textOf(text))]
      : []),
    line('muc#roominfo_subjectmod', settings.letsChangeSubject ? '1' : '0'),
    line('muc#maxhistoryfetch', String(settings.historyMax)),
    line('muc#roomconfig_roomname', settings.name),
    line('muc#roomconfig_changesubject', settings.letsChangeSubject ? '1' : '0'),
    line('muc#roomconfig_allowinvites', settings.letsInvite ? '1' : '0'),
    line('muc#roomconfig_allowpm', settings.privateMessages),
  ];
};

/** §6.5: who is in the room is told to those who are in it. */
export const answerItems = (change: Change, stanza: Stanza, from: Jid, { attrs: { node } }: Element): void => {
  if (node !== undefined) return change.refuse(stanza, 'item-not-found', { text: 'there is no such node' });
  const { room } = change;
  const shown = occupantOf(room, from) ? [...room.occupants.values()] : [];
  change.send(
    stanza.result(
      el(
        'query',
        { xmlns: ns.items },
        shown.map(({ jid, nick }) => el('item', { jid: jid.toString(), name: nick })),
      ),
    ),
  );
};
