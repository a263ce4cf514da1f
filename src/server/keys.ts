// Passwords as RFC 5802 keys: what an account is verified against without its password being stored.

import type { Random } from '../base/random.ts';
import type { ScramKeys } from '../store/store.ts';
import { preparePassword } from '../xmpp/sasl/saslprep.ts';
import { defaultIterations, makeCredentials, provesPassword } from '../xmpp/sasl/scram-keys.ts';

/** Undefined when the password is not fit to be one. */
export const makeKeys = async (password: string, random: Random): Promise<readonly ScramKeys[] | undefined> => {
  const made = await makeCredentials(password, random);
  return made.ok ? made.value : undefined;
};

/** No account has this key: verifying against it takes the time that verifying takes. */
const nobody: ScramKeys = {
  hash: 'SHA-256',
  iterations: defaultIterations,
  salt: new Uint8Array(16),
  storedKey: new Uint8Array(32),
  serverKey: new Uint8Array(32),
};

/** Compares in constant time, and works as long when there is nothing to compare with. */
export const keysMatch = async (keys: readonly ScramKeys[], password: string): Promise<boolean> => {
  const key = keys.find(({ hash }) => hash === 'SHA-256') ?? keys[0];
  const prepared = preparePassword(password);
  const isProven = await provesPassword(key ?? nobody, prepared.ok ? prepared.value : '');
  return key !== undefined && prepared.ok && isProven;
};
