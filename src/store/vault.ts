// Passwords that phones' digest schemes need, and secrets that only a phone's session may open. The database holds what is
// sealed, files beside it the keys: a copy of the one is worth nothing without the other.
//
//   device password   sealed under the newest key, bound to its account: a row moved to another account does not open
//   session secret    sealed under a key made (HKDF) of ours and of the phone's SessionID, which we do not keep

import { hkdfSync } from 'node:crypto';
import { type Random, systemRandom } from '../base/random.ts';
import { KeyRing, open, seal } from './key-ring.ts';
import type { Address, Store } from './store.ts';

export interface SealedPassword {
  readonly keyId: string;
  readonly sealed: Uint8Array;
}

export class PasswordVault {
  readonly #ring: KeyRing;
  readonly #store: Store;
  readonly #random: Random;

  /** `directory`: where the key files are, made with a first key when there is none. Throws KeyRingError. */
  constructor(directory: string, store: Store, random: Random = systemRandom) {
    this.#random = random;
    this.#ring = new KeyRing(directory, random);
    this.#store = store;
  }

  // ---- device passwords -------------------------------------------------------------------------------------------

  /** The password kept for the account's phones; undefined when there is none, or when its key is gone. */
  async devicePassword(account: Address): Promise<string | undefined> {
    const kept = await this.#store.devicePasswords.get(account);
    return kept && this.open(account, kept.keyId, kept.sealed);
  }

  async keepDevicePassword(account: Address, password: string): Promise<void> {
    const { keyId, sealed } = this.seal(account, password);
    await this.#store.devicePasswords.set(account, keyId, sealed);
  }

  /** False when there was none. */
  forgetDevicePassword(account: Address): Promise<boolean> {
    return this.#store.devicePasswords.remove(account);
  }

  seal(account: Address, password: string): SealedPassword {
    const { id, octets } = this.#ring.newest;
    return { keyId: id, sealed: seal(octets, passwordContext(account), Buffer.from(password), this.#random) };
  }

  /** Undefined when the key is gone, or the row is not what was sealed for this account. */
  open(account: Address, keyId: string, sealed: Uint8Array): string | undefined {
    const key = this.#ring.key(keyId);
    const plain = key && open(key.octets, passwordContext(account), sealed);
    return plain && Buffer.from(plain).toString();
  }

  /**
   * Makes a new key and seals every password anew under it. Returns how many were, and the accounts whose password does
   * not open. Old key files may go once nothing is left under them. Safe beside a running server, and to run again.
   */
  async rotate(): Promise<{ readonly resealed: number; readonly lost: readonly Address[] }> {
    const { id } = this.#ring.addKey();
    const lost = new Set<Address>();
    let resealed = 0;
    for (;;) {
      const left = await this.#store.devicePasswords.sealedUnderOther(id, lost.size + 100);
      const accounts = left.filter((account) => !lost.has(account));
      if (!accounts.length) return { resealed, lost: [...lost] };
      for (const account of accounts) {
        // Together, so that a password set meanwhile is not overwritten with the one it replaced.
        const done = await this.#store.together(async ({ devicePasswords }) => {
          const kept = await devicePasswords.get(account);
          if (!kept || kept.keyId === id) return true;
          const password = this.open(account, kept.keyId, kept.sealed);
          if (password === undefined) return false;
          const again = this.seal(account, password);
          await devicePasswords.set(account, again.keyId, again.sealed);
          return true;
        });
        if (done) resealed++;
        else lost.add(account);
      }
    }
  }

  // ---- sessions' secrets --------------------------------------------------------------------------------------------

  sealForSession(sessionId: string, password: string): Uint8Array {
    return this.sealWith(`session:${sessionId}`, Buffer.from(password));
  }

  openForSession(sessionId: string, sealed: Uint8Array): string | undefined {
    const plain = this.openWith(`session:${sessionId}`, sealed);
    return plain && Buffer.from(plain).toString();
  }

  /** Seals so that opening takes our key and the caller's secret. The key's id travels in front. */
  sealWith(secret: Uint8Array | string, plain: Uint8Array): Uint8Array {
    const { id, octets } = this.#ring.newest;
    const sealed = seal(derive(octets, secret), secretContext, plain, this.#random);
    return new Uint8Array(Buffer.concat([Uint8Array.of(id.length), Buffer.from(id), sealed]));
  }

  /** Undefined when it does not open: another secret, a key that is gone, octets that were changed. */
  openWith(secret: Uint8Array | string, sealed: Uint8Array): Uint8Array | undefined {
    const idLength = sealed[0] ?? 0;
    const key = this.#ring.key(Buffer.from(sealed.subarray(1, 1 + idLength)).toString());
    return key && open(derive(key.octets, secret), secretContext, sealed.subarray(1 + idLength));
  }

  /** 32 octets that are the same as long as the data directory is: salts for accounts that do not exist, say. */
  lastingSecret(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#ring.oldest.octets, '', `onesoup lasting secret: ${purpose}`, 32));
  }
}

const passwordContext = (account: Address): string => `onesoup device password: ${account}`;
const secretContext = 'onesoup secret';

const derive = (key: Uint8Array, secret: Uint8Array | string): Uint8Array =>
  new Uint8Array(
    hkdfSync(
      'sha256',
      Buffer.concat([key, typeof secret === 'string' ? Buffer.from(secret) : secret]),
      '',
      secretContext,
      32,
    ),
  );
