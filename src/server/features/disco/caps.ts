// XEP-0115 §5.1: a hash over what disco#info says, so that nobody has to ask twice.

import { createHash } from 'node:crypto';
import { childrenNamed, type Element, textOf } from '../../../xml/element.ts';
import type { DiscoIdentity } from '../../points.ts';

/** By code point, as i;octet wants it. */
const inOctetOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const joined = (lines: readonly string[]): string => lines.map((line) => `${line}<`).join('');

const verificationString = (identities: readonly DiscoIdentity[], features: readonly string[], forms = ''): string =>
  joined(
    identities
      .map(({ category, type, name = '', lang = '' }) => `${category}/${type}/${lang}/${name}`)
      .sort(inOctetOrder),
  ) +
  joined([...features].sort(inOctetOrder)) +
  forms;

/** The verification string, hashed with SHA-1, in Base64. */
export const capsVersion = (identities: readonly DiscoIdentity[], features: readonly string[]): string =>
  hashed('sha1', verificationString(identities, [...new Set(features)]));

const hashed = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('base64');

/** §5.4: the hash of what a disco#info answer says, or undefined when the answer is ill-formed (says something twice). */
export const infoVersion = (query: Element, algorithm: string): string | undefined => {
  const identities = childrenNamed(query, 'identity').map(
    ({ attrs: { category = '', type = '', name = '', 'xml:lang': lang = '' } }): DiscoIdentity => ({
      category,
      type,
      name,
      lang,
    }),
  );
  const features = childrenNamed(query, 'feature').map(({ attrs }) => attrs.var ?? '');
  const forms = childrenNamed(query, 'x', 'jabber:x:data').flatMap((form) => readForm(form) ?? []);
  const said = [
    identities.map(({ category, type, lang, name }) => JSON.stringify([category, type, lang, name])),
    features,
    forms.map(({ type }) => type),
  ];
  if (said.some((list) => new Set(list).size !== list.length)) return undefined;
  const formText = forms.sort((a, b) => inOctetOrder(a.type, b.type)).map(({ type, text }) => `${type}<${text}`);
  return hashed(algorithm, verificationString(identities, features, formText.join('')));
};

/** XEP-0128. A form without a hidden FORM_TYPE does not count (§5.4 3.6). */
const readForm = (form: Element): { type: string; text: string } | undefined => {
  const fields = childrenNamed(form, 'field').map((field) => ({
    name: field.attrs.var ?? '',
    type: field.attrs.type,
    values: childrenNamed(field, 'value').map(textOf).sort(inOctetOrder),
  }));
  const formType = fields.find(({ name }) => name === 'FORM_TYPE');
  const [type] = formType?.values ?? [];
  if (type === undefined || formType?.type !== 'hidden') return undefined;
  const rest = fields.filter((field) => field !== formType).sort((a, b) => inOctetOrder(a.name, b.name));
  return { type, text: joined(rest.flatMap(({ name, values }) => [name, ...values])) };
};
