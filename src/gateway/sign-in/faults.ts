// Why a sign-in failed: each reason with its status code and the words an operator reads. One table.

import type { LinkFault } from '../../xmpp/link.ts';

export interface Refusal {
  readonly code: number;
  /** For the operator: what happened. */
  readonly reason: string;
  /** For the phone's user, short; undefined: the code says it all. */
  readonly text?: string;
}

/** Unknown users and wrong passwords are the same to whoever asks. */
export const wrongPassword: Refusal = { code: 409, reason: 'wrong user name or password' };

export const refusals = {
  'bad-user-id': { code: 409, reason: 'the user name is no address' },
  'too-long': { code: 402, reason: 'the SessionCookie or ClientID is too long to be one' },
  'domain-not-served': { code: 516, reason: 'no backend is configured for this domain' },
  'wrong-digest': { code: 409, reason: 'the digest does not prove the password' },
  'no-digest-in-common': { code: 543, reason: 'the phone offers no digest scheme we have' },
  'too-many-attempts': { code: 503, reason: 'too many attempts wait at once', text: 'Please try again later.' },
  'too-many-sessions': { code: 503, reason: 'the gateway is full', text: 'Please try again later.' },
  'session-gone': { code: 502, reason: 'the session to take up again is gone' },
  'session-mismatch': { code: 422, reason: 'the SessionID belongs to another user or phone' },
  internal: { code: 500, reason: 'internal error' },
} as const satisfies Readonly<Record<string, Refusal>>;

export const linkRefusals: Readonly<Record<LinkFault['reason'], Refusal>> = {
  'not-authorized': wrongPassword,
  'account-disabled': { code: 403, reason: 'the account is disabled' },
  'credentials-needed': { code: 500, reason: 'the server cannot be entered without a password' },
  'no-common-mechanism': { code: 503, reason: 'the server offers no SASL mechanism we can use' },
  'tls-required': { code: 503, reason: 'the server offers no good TLS' },
  unreachable: { code: 503, reason: 'the server cannot be reached', text: 'The server cannot be reached.' },
  refused: { code: 503, reason: 'the server refused' },
};
