// The client's side of SCRAM (RFC 5802, 7677): opens, answers the challenge, and believes in success only when the server
// has proven that it knows the keys.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { ChannelBindingType } from './channel-binding.ts';
import {
  clientKeyOf,
  digest,
  equalOctets,
  hmac,
  iterationsMax,
  type ScramHash,
  saltPassword,
  serverKeyOf,
} from './scram-keys.ts';
import { escapeName, parseServerFinal, parseServerFirst, xor } from './scram-message.ts';

export interface ScramClientOptions {
  readonly hash: ScramHash;
  readonly name: string;
  /** Prepared (see `preparePassword`). */
  readonly password: string;
  /** Unguessable, printable ASCII without comma. */
  readonly nonce: string;
  /** Given: bind. 'unsupported': the server offered nothing to bind by ('y'). Undefined: we cannot ('n'). */
  readonly binding: { readonly type: ChannelBindingType; readonly data: Uint8Array } | 'unsupported' | undefined;
}

export type ScramClientFault = 'malformed' | 'nonce' | 'iterations' | 'signature' | 'refused';

export class ScramClient {
  readonly #options: ScramClientOptions;
  readonly #gs2: string;
  readonly #bare: string;
  #serverSignature: Uint8Array | undefined;

  constructor(options: ScramClientOptions) {
    const { binding } = options;
    this.#options = options;
    this.#gs2 = binding === undefined ? 'n,,' : binding === 'unsupported' ? 'y,,' : `p=${binding.type},,`;
    this.#bare = `n=${escapeName(options.name)},r=${options.nonce}`;
  }

  get first(): string {
    return this.#gs2 + this.#bare;
  }

  /** The answer to the server's challenge. Slow (PBKDF2), in the thread pool. */
  async answer(serverFirst: string): Promise<Outcome<string, ScramClientFault>> {
    const { hash, password, nonce, binding } = this.#options;
    const read = parseServerFirst(serverFirst);
    if (!read) return bad('malformed');
    if (!read.nonce.startsWith(nonce) || read.nonce.length === nonce.length) return bad('nonce');
    if (read.iterations > iterationsMax) return bad('iterations');
    const data = typeof binding === 'object' ? binding.data : Buffer.alloc(0);
    const bound = Buffer.concat([Buffer.from(this.#gs2), data]).toString('base64');
    const withoutProof = `c=${bound},r=${read.nonce}`;
    const authMessage = `${this.#bare},${serverFirst},${withoutProof}`;
    const salted = await saltPassword(hash, password, read.salt, read.iterations);
    const clientKey = clientKeyOf(hash, salted);
    const proof = xor(clientKey, hmac(hash, digest(hash, clientKey), authMessage));
    this.#serverSignature = hmac(hash, serverKeyOf(hash, salted), authMessage);
    return good(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  }

  /** Checks the server's last message. */
  verify(serverFinal: string): Outcome<void, ScramClientFault> {
    const read = parseServerFinal(serverFinal);
    if (!read || !this.#serverSignature) return bad('malformed');
    if ('error' in read) return bad('refused');
    return equalOctets(read.signature, this.#serverSignature) ? good(undefined) : bad('signature');
  }
}
