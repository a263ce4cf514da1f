// What is remembered of other servers across streams and restarts, so that the next stream takes fewer round trips: what
// they offered (PeerHints) and how they proved who they are.

import type { WallMs } from '../../base/clock.ts';
import type { FederationStore } from '../../store/store.ts';
import type { PeerHints, Proof } from '../../xmpp/s2s/s2s.ts';

export interface Peer {
  readonly hints: PeerHints;
  /** How it last proved to us who it is. */
  readonly proof: Proof | undefined;
}

/** Seals what must not lie about in a database: a TLS ticket is as good as our certificate. */
export interface Seal {
  seal(plain: Uint8Array): Uint8Array;
  /** Undefined when it does not open. */
  open(sealed: Uint8Array): Uint8Array | undefined;
}

const nothing: Peer = { hints: {}, proof: undefined };
const inMemoryMax = 2_000;

export class Peers {
  readonly #store: FederationStore;
  readonly #seal: Seal | undefined;
  readonly #wall: () => WallMs;
  readonly #failed: (cause: unknown) => void;
  /** Those used lately, the one used last at the end. */
  readonly #known = new Map<string, Peer>();
  readonly #writing = new Set<Promise<void>>();

  constructor(options: {
    readonly store: FederationStore;
    readonly seal: Seal | undefined;
    readonly wall: () => WallMs;
    readonly failed: (cause: unknown) => void;
  }) {
    this.#store = options.store;
    this.#seal = options.seal;
    this.#wall = options.wall;
    this.#failed = options.failed;
  }

  /** Only what is in memory. */
  known(remote: string): Peer | undefined {
    return this.#known.get(remote);
  }

  /** Never rejects: without memory, streams take longer. */
  async get(remote: string): Promise<Peer> {
    const known = this.#known.get(remote);
    if (known) return known;
    try {
      const text = await this.#store.peer(remote);
      const read = text === undefined ? nothing : this.#read(text);
      // Something may have been learnt meanwhile.
      return this.#known.get(remote) ?? this.#remember(remote, read);
    } catch (cause) {
      this.#failed(cause);
      return nothing;
    }
  }

  async learnt(remote: string, hints: PeerHints): Promise<void> {
    const before = await this.get(remote);
    // The other server decides how often it tells.
    if (JSON.stringify(before.hints) === JSON.stringify(hints)) return;
    this.#save(remote, { ...before, hints });
  }

  async proved(remote: string, proof: Proof): Promise<void> {
    const before = await this.get(remote);
    if (before.proof !== proof) this.#save(remote, { ...before, proof });
  }

  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  #save(remote: string, peer: Peer): void {
    this.#remember(remote, peer);
    const writing = this.#store
      .rememberPeer(remote, this.#write(peer), this.#wall())
      .catch(this.#failed)
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  #remember(remote: string, peer: Peer): Peer {
    this.#known.delete(remote);
    this.#known.set(remote, peer);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= inMemoryMax) break;
      this.#known.delete(oldest);
    }
    return peer;
  }

  #write({ hints, proof }: Peer): string {
    const { tlsSession, ...plain } = hints;
    const sealed =
      tlsSession !== undefined && this.#seal
        ? Buffer.from(this.#seal.seal(Buffer.from(tlsSession))).toString('base64')
        : undefined;
    return JSON.stringify({ hints: plain, proof, sealed });
  }

  #read(text: string): Peer {
    const { hints, proof, sealed } = JSON.parse(text) as Peer & { readonly sealed?: string };
    const opened = sealed === undefined ? undefined : this.#seal?.open(Buffer.from(sealed, 'base64'));
    return { hints: { ...hints, ...(opened && { tlsSession: Buffer.from(opened).toString() }) }, proof };
  }
}
