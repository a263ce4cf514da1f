// RFC 6120 §8.3.3 stanza error conditions as CSP status codes, as a phone's user should understand them.

import { conditionOf, type Stanza, type StanzaCondition } from '../../xmpp/stanza.ts';

/** What became of a message that came back. Codes: CSP reference, "Status codes". */
export const codeOfCondition: Readonly<Record<StanzaCondition, number>> = {
  'bad-request': 410,
  conflict: 410,
  'feature-not-implemented': 410,
  forbidden: 534,
  gone: 531,
  'internal-server-error': 500,
  'item-not-found': 531,
  'jid-malformed': 531,
  // RFC 6121 §8.5.1 and XEP-0191 say service-unavailable to hide whether the user exists; not-acceptable is a refusal.
  'not-acceptable': 538,
  'not-allowed': 534,
  'not-authorized': 534,
  'policy-violation': 410,
  'recipient-unavailable': 533,
  redirect: 531,
  'registration-required': 534,
  'remote-server-not-found': 516,
  'remote-server-timeout': 533,
  'resource-constraint': 507,
  'service-unavailable': 533,
  'subscription-required': 534,
  'undefined-condition': 410,
  'unexpected-request': 410,
};

/** The code and words for an error stanza: 410 "cannot deliver" when it says nothing we know. */
export const codeOfError = (stanza: Stanza): { readonly code: number; readonly text: string | undefined } => {
  const found = conditionOf(stanza);
  const isKnown = found !== undefined && Object.hasOwn(codeOfCondition, found.condition);
  const code = isKnown ? codeOfCondition[found.condition as StanzaCondition] : 410;
  return { code, text: found?.text ?? found?.condition };
};
