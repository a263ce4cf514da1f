// Asking for voice in a moderated room, and granting it (XEP-0045 §7.13, §8.6).

import type { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { writeForm } from '../forms.ts';
import { applyRole } from './affiliate.ts';
import { type Change, sessionsOf } from './change.ts';
import { ns } from './names.ts';
import { roleMay } from './standing.ts';
import { occupantOf } from './state.ts';

type Values = ReadonlyMap<string, readonly string[]>;

const allowField = 'muc#request_allow';
const nickField = 'muc#roomnick';

/** A form of type muc#request in a message to the room: a request, or a moderator's answer to one. */
export const voiceForm = (change: Change, stanza: Stanza, from: Jid, values: Values): void => {
  const occupant = occupantOf(change.room, from);
  if (!occupant) return change.refuse(stanza, 'not-acceptable', { type: 'cancel', text: 'you are not in the room' });
  if (values.has(allowField)) return approve(change, stanza, from, values);
  if (values.get('muc#role')?.[0] !== 'participant')
    return change.refuse(stanza, 'bad-request', { text: 'only voice can be asked for' });
  // Whoever has it need not ask.
  if (occupant.role !== 'visitor') return;
  const { room } = change;
  const moderators = [...room.occupants.values()].filter(({ role }) =>
    roleMay(room.settings, role, 'grant and revoke voice'),
  );
  const request = Stanza.make(
    { kind: 'message', from: room.jid },
    writeForm(
      ns.request,
      [
        {
          name: 'muc#role',
          type: 'list-single',
          label: 'Requested role',
          options: ['participant'],
          values: ['participant'],
        },
        { name: 'muc#jid', type: 'jid-single', label: 'Who asks', values: [from.toString()] },
        { name: nickField, type: 'text-single', label: 'Nickname', values: [occupant.nick] },
        { name: allowField, type: 'boolean', label: 'Grant voice to this person?', values: ['0'] },
      ],
      'Voice request',
    ),
  );
  change.spread(request, moderators.flatMap(sessionsOf));
};

const approve = (change: Change, stanza: Stanza, from: Jid, values: Values): void => {
  const { room } = change;
  const moderator = occupantOf(room, from);
  if (!moderator || !roleMay(room.settings, moderator.role, 'grant and revoke voice'))
    return change.refuse(stanza, 'forbidden', { text: 'only a moderator may do that' });
  const [allow = '0'] = values.get(allowField) ?? [];
  const target = room.occupants.get(values.get(nickField)?.[0] ?? '');
  // Whoever has left meanwhile, or has voice, needs no answer.
  if (!['1', 'true'].includes(allow) || target?.role !== 'visitor') return;
  applyRole(change, target.nick, 'participant', { nick: moderator.nick, account: moderator.account }, undefined);
};
