// The public profile of somebody who has no vCard but a vCard4 (XEP-0292), as far as it may be read.

import { child, childText } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { personOfVcard4, vcard4Node, vcard4Ns } from '../../../xmpp/person/vcard4.ts';
import type { SessionView } from '../../session-view.ts';
import { itemOf } from './node.ts';
import type { PropertyName } from './vcard.ts';

export const profileOfVcard4 = async (
  session: SessionView,
  jid: Jid,
): Promise<Map<PropertyName, string> | undefined> => {
  const item = await itemOf(session, jid, vcard4Node);
  const vcard = item && child(item, 'vcard', vcard4Ns);
  if (!vcard) return undefined;
  const { nick, fullName, city, country, note } = personOfVcard4(vcard);
  const gender = child(vcard, 'gender');
  const sex = gender && child(gender, 'sex');
  const known: readonly (readonly [PropertyName, string | undefined])[] = [
    ['PP_FRIENDLY_NAME', nick ?? fullName],
    ['PP_FREE_TEXT', note],
    ['PP_CITY', city],
    ['PP_COUNTRY', country],
    ['PP_GENDER', sex && childText(sex, 'text')?.trim()],
  ];
  return new Map(known.flatMap(([name, text]) => (text ? [[name, text] as const] : [])));
};
