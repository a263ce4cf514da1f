// What is searched for: the fields of the form, the old fields of XEP-0055 §3, and what is too little to go by.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { DirectoryField, DirectoryQuery } from '../../../store/store.ts';
import { child, type Element, elementsOf, textOf } from '../../../xml/element.ts';
import { formNs, formValues } from '../../forms.ts';
import { canonical, fence, wholeFields } from './entry.ts';

export const searchNs = 'jabber:iq:search';

/** The fields of the form. Those of XEP-0055 have its names, the others those that servers' directories have. */
export const searchFields: readonly {
  readonly name: string;
  readonly label: string;
  readonly field: DirectoryField;
}[] = [
  { name: 'user', label: 'User name', field: 'user' },
  { name: 'first', label: 'Given name', field: 'first' },
  { name: 'last', label: 'Family name', field: 'last' },
  { name: 'nick', label: 'Nickname', field: 'nick' },
  { name: 'email', label: 'E-mail address (whole)', field: 'email' },
  { name: 'tel', label: 'Telephone number (whole)', field: 'phone' },
  { name: 'locality', label: 'City', field: 'city' },
  { name: 'ctry', label: 'Country', field: 'country' },
  { name: 'x-gender', label: 'Gender', field: 'gender' },
  { name: 'x-marital-status', label: 'Marital status', field: 'marital' },
  { name: 'x-intention', label: 'Looking for', field: 'intention' },
  { name: 'x-interests', label: 'Interests', field: 'interests' },
];
export const ageFields = [
  { name: 'x-age-min', label: 'Age, at least' },
  { name: 'x-age-max', label: 'Age, at most' },
] as const;

export type QueryFault =
  | 'malformed'
  /** Nothing that would tell people apart. */
  | 'too-broad';

/** A search has a text of at least so many octets of UTF-8: three letters, or one word of Chinese. */
const octetsMin = 3;
const phoneDigitsMin = 6;
const textMax = 200;
/** Whoever knows these alone knows everybody. */
const telling: ReadonlySet<DirectoryField> = new Set(
  searchFields.flatMap(({ field }) => (field === 'gender' || field === 'marital' ? [] : field)),
);

export const queryOf = (query: Element, domain: string): Outcome<DirectoryQuery, QueryFault> => {
  const form = child(query, 'x', formNs);
  if (form && form.attrs.type !== 'submit') return bad('malformed');
  const said = form
    ? new Map([...formValues(form)].map(([name, values]) => [name, values[0] ?? '']))
    : new Map(elementsOf(query).map((one) => [one.name, textOf(one)]));
  if ((said.get('FORM_TYPE') ?? searchNs) !== searchNs) return bad('malformed');

  const parts: { field: DirectoryField; text: string }[] = [];
  let isTelling = false;
  for (const { name, field } of searchFields) {
    // COMPAT: clients of ejabberd's directory end a text with a star, to say that it is a beginning. (directory.test.ts)
    const text = canonical(
      field,
      (said.get(name) ?? '')
        .trim()
        .replace(/^\*+|\*+$/g, '')
        .slice(0, textMax),
    );
    if (text === '') continue;
    const isEnough = field === 'phone' ? text.length >= phoneDigitsMin : Buffer.byteLength(text) >= octetsMin;
    isTelling ||= telling.has(field) && isEnough;
    parts.push({ field, text: wholeFields.has(field) ? (field === 'phone' ? text : fence + text) + fence : text });
  }
  const years = (name: string): number | undefined => {
    const text = said.get(name)?.trim() ?? '';
    return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
  };
  if (!isTelling) return bad('too-broad');
  return good({ domain, parts, ageMin: years('x-age-min'), ageMax: years('x-age-max') });
};
