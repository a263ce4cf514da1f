// Records for the suite, in full, with what a test is about given as changes.

import type { AccountRecord, CspSessionRecord, RosterItem, SignInRecord, WaitingRequest } from '../store.ts';

export const mila = 'mila@home.test';
export const anna = 'anna@home.test';
export const day = 24 * 60 * 60 * 1000;

export const account = (address: string, changes: Partial<AccountRecord> = {}): AccountRecord => ({
  address,
  keys: [
    {
      hash: 'SHA-256',
      iterations: 10_000,
      salt: Uint8Array.of(0, 1, 254, 255),
      storedKey: Uint8Array.of(3, 4),
      serverKey: Uint8Array.of(5, 6),
    },
    {
      hash: 'SHA-1',
      iterations: 4096,
      salt: Uint8Array.of(7),
      storedKey: Uint8Array.of(8),
      serverKey: Uint8Array.of(),
    },
  ],
  createdAt: 1_244_815_140_000,
  disabled: false,
  ...changes,
});

export const rosterItem = (contact: string, changes: Partial<RosterItem> = {}): RosterItem => ({
  contact,
  name: undefined,
  groups: [],
  subscription: 'none',
  ask: false,
  request: undefined,
  approved: false,
  listed: true,
  ...changes,
});

export const session = (key: string, changes: Partial<CspSessionRecord> = {}): CspSessionRecord => ({
  key,
  account: mila,
  client: 'IMEI:350000000000006',
  lastHeardAt: 1000,
  expiresAt: 2000,
  state: '{"version":"1.2"}',
  ...changes,
});

export const waiting = (changes: Partial<Omit<WaitingRequest, 'seq'>> = {}): Omit<WaitingRequest, 'seq'> => ({
  session: 's1',
  account: mila,
  kind: 'message',
  body: '{"text":"ahoj"}',
  messageId: undefined,
  transactionId: undefined,
  handedOutAt: undefined,
  createdAt: 1000,
  expiresAt: undefined,
  ...changes,
});

export const signIn = (changes: Partial<SignInRecord> = {}): SignInRecord => ({
  at: 1000,
  address: mila,
  remote: '192.0.2.7',
  userAgent: 'Nokia6600',
  clientId: 'IMEI:350000000000006',
  version: '1.2',
  encoding: 'wbxml',
  scheme: 'MD5',
  outcome: 'signed-in',
  code: 200,
  reason: 'signed in',
  ...changes,
});
