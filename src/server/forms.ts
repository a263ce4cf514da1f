// XEP-0004 data forms and their types (XEP-0068), as far as the server's own forms need them.

import { childrenNamed, type Element, el, textOf } from '../xml/element.ts';

export const formNs = 'jabber:x:data';

export interface Field {
  readonly name: string;
  readonly type:
    | 'boolean'
    | 'hidden'
    | 'jid-multi'
    | 'jid-single'
    | 'list-multi'
    | 'list-single'
    | 'text-multi'
    | 'text-private'
    | 'text-single';
  readonly label: string;
  readonly options?: readonly string[];
  readonly values: readonly string[];
}

/** The values of a submitted form by field, FORM_TYPE among them. A field said twice counts as said last. */
export const formValues = (form: Element): Map<string, readonly string[]> =>
  new Map(
    childrenNamed(form, 'field').map((field) => [
      field.attrs.var ?? '',
      childrenNamed(field, 'value').map((value) => textOf(value)),
    ]),
  );

const valueElements = (values: readonly string[]): Element[] => values.map((value) => el('value', null, value));

const typeField = (formType: string): Element =>
  el('field', { var: 'FORM_TYPE', type: 'hidden' }, valueElements([formType]));

/** A form to be filled in. */
export const writeForm = (formType: string, fields: readonly Field[], title?: string): Element =>
  el(
    'x',
    { xmlns: formNs, type: 'form' },
    title === undefined ? undefined : el('title', null, title),
    typeField(formType),
    fields.map(({ name, type, label, options = [], values }) =>
      el(
        'field',
        { var: name, type, label },
        options.map((option) => el('option', null, valueElements([option]))),
        valueElements(values),
      ),
    ),
  );

/** What a form says, without asking for anything. */
export const writeResult = (formType: string, fields: readonly Field[]): Element =>
  el(
    'x',
    { xmlns: formNs, type: 'result' },
    typeField(formType),
    fields.map(({ name, values }) => el('field', { var: name }, valueElements(values))),
  );
