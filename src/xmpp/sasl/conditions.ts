// SASL failures (RFC 6120 §6.5).

import { type Element, el, elementsOf, textOf } from '../../xml/element.ts';
import { ns } from '../namespaces.ts';

export const saslConditions = [
  'aborted',
  'account-disabled',
  'credentials-expired',
  'encryption-required',
  'incorrect-encoding',
  'invalid-authzid',
  'invalid-mechanism',
  'malformed-request',
  'mechanism-too-weak',
  'not-authorized',
  'temporary-auth-failure',
] as const;
export type SaslCondition = (typeof saslConditions)[number];

export const saslFailure = (condition: SaslCondition, text?: string): Element =>
  el(
    'failure',
    { xmlns: ns.sasl },
    el(condition),
    text === undefined ? undefined : el('text', { 'xml:lang': 'en' }, text),
  );

/** What a <failure/> says; RFC 6120 §6.5 has a client treat conditions it does not know as <not-authorized/>. */
export const saslFailureOf = (failure: Element): { readonly condition: SaslCondition; readonly text: string } => {
  let condition: SaslCondition = 'not-authorized';
  let text = '';
  for (const one of elementsOf(failure)) {
    if (one.name === 'text') text = textOf(one).slice(0, 500);
    else condition = saslConditions.find((known) => known === one.name) ?? condition;
  }
  return { condition, text };
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The payload of <auth/>, <challenge/>, <response/> or <success/>: undefined when it is not base64; '=' is an empty one. */
export const decodePayload = (text: string): Uint8Array | undefined => {
  const trimmed = text.trim();
  if (trimmed === '=') return new Uint8Array(0);
  return base64.test(trimmed) ? Buffer.from(trimmed, 'base64') : undefined;
};
/** Empty data is '=' where RFC 6120 §6.4.2 has to tell it from none. */
export const encodePayload = (data: Uint8Array | string): string =>
  data.length === 0 ? '=' : Buffer.from(data as string).toString('base64');
