// One SASL exchange as the server sees it (RFC 6120 §6): a machine without I/O. Each step says what has to happen next;
// what that brings is fed back by `respond`, `found` or `checked`.
//
// Nobody learns here whether an account exists: an unknown name is led through the same exchange with keys of its own that
// no password matches, and that stay the same from one attempt to the next.

import { Jid } from '../jid.ts';
import type { ChannelBindings } from './channel-binding.ts';
import type { Mechanism } from './mechanisms.ts';
import { parsePlain } from './plain.ts';
import { preparePassword } from './saslprep.ts';
import { fakeScramKeys, type ScramHash, type ScramKeys } from './scram-keys.ts';
import { type ClientFirst, utf8Of } from './scram-message.ts';
import { challenge, checkProof, readClientFirst, type ScramChallenge, type ScramFault } from './scram-server.ts';

export interface SaslServerOptions {
  readonly domain: string;
  /** What this stream has offered. */
  readonly offered: readonly Mechanism[];
  readonly bindings: ChannelBindings;
  readonly nonce: () => string;
  readonly fakeSaltSecret: Uint8Array;
  readonly iterations: number;
}

export type SaslStep =
  | { readonly next: 'challenge'; readonly data: string }
  /** Find the account's keys, then call `found`. */
  | { readonly next: 'lookup'; readonly account: Jid }
  /** Find out whether `password` makes these keys (`provesPassword`), then call `checked`. */
  | { readonly next: 'check'; readonly keys: ScramKeys; readonly password: string }
  /** `data`: to be sent with <success/>. */
  | { readonly next: 'success'; readonly account: Jid; readonly data: string | undefined }
  | { readonly next: 'failure'; readonly fault: ScramFault };

const hashOf = (mechanism: Mechanism): ScramHash => (mechanism.startsWith('SCRAM-SHA-256') ? 'SHA-256' : 'SHA-1');
const fail = (condition: ScramFault['condition'], reason: string): SaslStep => ({
  next: 'failure',
  fault: { condition, reason },
});

export class SaslServer {
  readonly #options: SaslServerOptions;
  readonly #mechanism: Mechanism;
  #waitsFor: 'first' | 'found' | 'proof' | 'checked' | 'nothing' = 'first';
  #account: Jid | undefined;
  #name = '';
  #isDisabled = false;
  #first: ClientFirst | undefined;
  #challenge: ScramChallenge | undefined;
  #password = '';

  constructor(mechanism: Mechanism, options: SaslServerOptions) {
    this.#mechanism = mechanism;
    this.#options = options;
  }

  /** The account the exchange is about, once it has come to a name. */
  get account(): Jid | undefined {
    return this.#account;
  }

  /** The client's next message, the initial response included (undefined: it sent none with <auth/>). */
  respond(data: Uint8Array | undefined): SaslStep {
    if (this.#waitsFor === 'first' && data === undefined) return { next: 'challenge', data: '' };
    const text = data && utf8Of(data);
    if (text === undefined) return this.#end(fail('malformed-request', 'not UTF-8'));
    if (this.#waitsFor === 'first') return this.#mechanism === 'PLAIN' ? this.#readPlain(text) : this.#readScram(text);
    if (this.#waitsFor === 'proof') return this.#readProof(text);
    return this.#end(fail('malformed-request', 'out of turn'));
  }

  /** What is known about the account that a 'lookup' step named. */
  found(credentials: { readonly keys: readonly ScramKeys[]; readonly isDisabled?: boolean } | undefined): SaslStep {
    const { fakeSaltSecret, iterations } = this.#options;
    this.#isDisabled = credentials?.isDisabled ?? false;
    const pick = (hash: ScramHash): ScramKeys | undefined => credentials?.keys.find((one) => one.hash === hash);
    const fake = (hash: ScramHash): ScramKeys => fakeScramKeys(hash, this.#name, fakeSaltSecret, iterations);
    if (this.#first) {
      const hash = hashOf(this.#mechanism);
      this.#challenge = challenge(this.#first, pick(hash) ?? fake(hash), this.#options.nonce(), this.#offer());
      this.#waitsFor = 'proof';
      return { next: 'challenge', data: this.#challenge.text };
    }
    this.#waitsFor = 'checked';
    const password = this.#password;
    this.#password = '';
    return { next: 'check', keys: pick('SHA-256') ?? pick('SHA-1') ?? fake('SHA-256'), password };
  }

  checked(isRight: boolean): SaslStep {
    return this.#end(isRight ? this.#success(undefined) : fail('not-authorized', 'password'));
  }

  #readPlain(text: string): SaslStep {
    const message = parsePlain(text);
    if (!message) return this.#end(fail('malformed-request', 'PLAIN message'));
    const prepared = preparePassword(message.password);
    if (!prepared.ok) return this.#end(fail('not-authorized', 'no such password'));
    this.#password = prepared.value;
    return this.#lookup(message.name, message.authzid);
  }

  #readScram(text: string): SaslStep {
    const first = readClientFirst(text, this.#offer());
    if (!first.ok) return this.#end({ next: 'failure', fault: first.fault });
    this.#first = first.value;
    return this.#lookup(first.value.name, first.value.gs2.authzid);
  }

  #readProof(text: string): SaslStep {
    const proven = checkProof(text, this.#challenge as ScramChallenge);
    return this.#end(proven.ok ? this.#success(proven.value) : { next: 'failure', fault: proven.fault });
  }

  #offer() {
    const { offered, bindings } = this.#options;
    return {
      hash: hashOf(this.#mechanism),
      isPlus: this.#mechanism.endsWith('-PLUS'),
      wasPlusOffered: offered.some((one) => one.endsWith('-PLUS')),
      bindings,
    };
  }

  /** Names are localparts; nobody acts for somebody else here (RFC 6120 §6.3.8). */
  #lookup(name: string, authzid: string | undefined): SaslStep {
    const account = Jid.of(name, this.#options.domain);
    if (!account.ok) return this.#end(fail('not-authorized', 'no such name'));
    if (authzid !== undefined) {
      const wished = Jid.parse(authzid);
      if (!wished.ok || !wished.value.equals(account.value)) return this.#end(fail('invalid-authzid', 'authzid'));
    }
    this.#account = account.value;
    this.#name = account.value.toString();
    this.#waitsFor = 'found';
    return { next: 'lookup', account: account.value };
  }

  #success(data: string | undefined): SaslStep {
    if (this.#isDisabled) return fail('account-disabled', 'disabled');
    return { next: 'success', account: this.#account as Jid, data };
  }

  #end(step: SaslStep): SaslStep {
    this.#waitsFor = 'nothing';
    this.#password = '';
    return step;
  }
}
