// What a phone said and was told, for the debug log: decoded, and without what nobody else may know. A report of a phone that
// does something strange begins with its first three requests.

import type { CspMessage, Received } from '../imps/message.ts';

/** Passwords and what proves them, what a session is known by, and what people write to each other. */
const secrets: ReadonlySet<string> = new Set([
  'Password',
  'DigestBytes',
  'SessionID',
  'sessionId',
  'ContentData',
  'SegmentContent',
  'VerificationKey',
  'CIRURL',
  'CIRHTTPAddress',
]);

/** Becomes text only where a log writes it: at other levels it costs nothing. */
export const traced = (message: CspMessage | Received['message'] | undefined): object => ({
  toJSON: () => (message ? withoutSecrets(message) : 'nothing'),
});

const withoutSecrets = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `(${value.length} octets)`;
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secrets.has(key) ? hidden(inner) : withoutSecrets(inner)]),
  );
};

/** Its length tells whether it was cut. */
const hidden = (value: unknown): unknown =>
  typeof value === 'string' || value instanceof Uint8Array ? `(${value.length} hidden)` : value && '(hidden)';
