// XEP-0115 Entity Capabilities 1.6: the hash over what a client says of itself in XEP-0030.

import { createHash } from 'node:crypto';
import { childrenNamed, type Element, el, textOf } from '../../../xml/element.ts';

export const discoInfo = 'http://jabber.org/protocol/disco#info';
const formNamespace = 'jabber:x:data';

export interface Identity {
  readonly category: string;
  readonly type: string;
  readonly lang?: string | undefined;
  readonly name?: string | undefined;
}

export const identitiesOf = (query: Element): Identity[] =>
  childrenNamed(query, 'identity').map(({ attrs }) => ({
    category: attrs.category ?? '',
    type: attrs.type ?? '',
    lang: attrs['xml:lang'],
    name: attrs.name,
  }));

/** §5.1: the verification string's SHA-1, base64. */
export const capsHash = (query: Element): string => {
  const text = (parts: readonly string[]): string => parts.map((part) => `${part}<`).join('');
  const identities = identitiesOf(query).map(
    ({ category, type, lang, name }) => `${category}/${type}/${lang ?? ''}/${name ?? ''}`,
  );
  const features = childrenNamed(query, 'feature').map(({ attrs }) => attrs.var ?? '');
  const forms = childrenNamed(query, 'x', formNamespace).map((form) => {
    const fields = childrenNamed(form, 'field').map((field) => ({
      name: field.attrs.var ?? '',
      values: childrenNamed(field, 'value').map(textOf).sort(byOctets),
    }));
    const type = fields.find(({ name }) => name === 'FORM_TYPE')?.values[0] ?? '';
    const rest = fields.filter(({ name }) => name !== 'FORM_TYPE').sort((a, b) => byOctets(a.name, b.name));
    return { type, text: text([type, ...rest.flatMap(({ name, values }) => [name, ...values])]) };
  });
  forms.sort((a, b) => byOctets(a.type, b.type));
  const whole =
    text(identities.sort(byOctets)) + text(features.sort(byOctets)) + forms.map((form) => form.text).join('');
  return createHash('sha1').update(whole, 'utf8').digest('base64');
};

const byOctets = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What the gateway says of a phone. Its PEP interests (`+notify`, XEP-0163 §4) are those the presence table reads. */
export const phoneInfo: Element = el(
  'query',
  { xmlns: discoInfo },
  el('identity', { category: 'client', type: 'phone', name: 'onesoup' }),
  ...[
    'http://jabber.org/protocol/caps',
    discoInfo,
    'http://jabber.org/protocol/geoloc+notify',
    'http://jabber.org/protocol/mood+notify',
    'http://jabber.org/protocol/nick+notify',
    'urn:xmpp:avatar:metadata+notify',
    'urn:xmpp:ping',
    'urn:xmpp:receipts',
    'urn:xmpp:sfs:0',
    'jabber:x:oob',
  ].map((feature) => el('feature', { var: feature })),
);

const node = 'https://onesoup.example/phone';
const ver = capsHash(phoneInfo);
/** What stands in a phone's presence. */
export const phoneCaps: Element = el('c', { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node, ver });

/** Is it the client itself that is asked for, or this version of it? */
export const isPhoneNode = (asked: string | undefined): boolean => asked === undefined || asked === `${node}#${ver}`;

/** Does an answer to disco#info list the feature? */
export const hasFeature = (query: Element, feature: string): boolean =>
  childrenNamed(query, 'feature').some(({ attrs }) => attrs.var === feature);
