// XEP-0115 Entity Capabilities, the listening side: what a client announces as a hash is asked for once, verified (§5.4), and
// remembered for every client that announces the same.

import { getHashes } from 'node:crypto';
import { childrenNamed, type Element, el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { conditionOf, Stanza } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import { infoVersion } from '../disco/caps.ts';

const capsNs = 'http://jabber.org/protocol/caps';
const infoNs = 'http://jabber.org/protocol/disco#info';

export interface Caps {
  /** Equal for clients that can do the same. */
  readonly key: string;
  /** What disco#info is asked for. */
  readonly node: string;
  readonly ver: string;
  /** As node:crypto calls it; undefined when the client says none or one that we don't know. */
  readonly algorithm: string | undefined;
}

/** The hash functions of the IANA registry that anybody uses, by their names there. */
const algorithms = new Map(
  [
    ['sha-1', 'sha1'],
    ['sha-224', 'sha224'],
    ['sha-256', 'sha256'],
    ['sha-384', 'sha384'],
    ['sha-512', 'sha512'],
    ['md5', 'md5'],
  ].filter((pair): pair is [string, string] => getHashes().includes(pair[1] ?? '')),
);

const textMax = 1_023;

export const capsOf = (presence: Stanza): Caps | undefined => {
  const caps = presence.child('c', capsNs);
  if (!caps) return undefined;
  const { node = '', ver = '', hash = '' } = caps.attrs;
  if (node === '' || ver === '' || node.length + ver.length + hash.length > textMax) return undefined;
  const algorithm = algorithms.get(hash.toLowerCase());
  // Without a hash to verify, what one client can do says nothing of another.
  const key = algorithm === undefined ? `${presence.from} ${node} ${ver}` : `${hash.toLowerCase()} ${ver}`;
  return { key, node: `${node}#${ver}`, ver, algorithm };
};

/** How long a client may take to answer. */
const patienceMs = 60_000;
const askedMax = 5_000;
const inMemoryMax = 1_000;
/** Hashes of clients that say more than this are not kept beyond the client's stay. */
const featuresMax = 500;
const featureMax = 300;

type Wants = ReadonlySet<string>;
/**
 * What became of a question: the client's disco#info, nothing from a client that is there, nothing because the question or
 * its answer may have been lost on the way, or the client has gone.
 */
type Answer = Element | 'none' | 'lost' | 'gone';
/** Who could not be asked is not asked again for so long. */
const againMs = 600_000;

export class Capabilities {
  readonly #host: Host;
  /** By hash, least recently learnt first. */
  readonly #known = new Map<string, Wants>();
  /** By full address: clients whose answer says nothing of others, or that gave none and so want nothing. */
  readonly #alone = new Map<string, { readonly key: string; readonly wants: Wants }>();
  readonly #learning = new Map<string, Promise<Wants | undefined>>();
  /** By full address: those who could not be asked, and until when, monotonic ms, they are not asked again. */
  readonly #lost = new Map<string, number>();
  /** By full address: nobody is asked two things at a time. */
  readonly #asked = new Map<string, { readonly id: string; answer(answer: Answer): void }>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** The nodes that the client wants events of, if that is known without asking anybody. */
  known({ key }: Caps, whom: Jid): Wants | undefined {
    const alone = this.#alone.get(whom.toString());
    return this.#known.get(key) ?? (alone?.key === key ? alone.wants : undefined);
  }

  /** The client is gone: what counted for it alone is asked anew when it comes back. */
  forget(whom: Jid): void {
    this.#alone.delete(whom.toString());
    this.#lost.delete(whom.toString());
    this.#asked.get(whom.toString())?.answer('gone');
  }

  /** The same, with what was remembered of earlier clients. Rejects when the Store fails. */
  async remembered(caps: Caps): Promise<Wants | undefined> {
    if (caps.algorithm === undefined) return undefined;
    const stored = await this.#host.store.capabilities.features(caps.key);
    return stored && this.#keep(caps, stored);
  }

  /**
   * The same, from the client itself if need be; undefined when it has gone meanwhile or cannot be asked. Rejects when the
   * Store fails.
   */
  async learn(caps: Caps, whom: Jid, isThere: () => boolean): Promise<Wants | undefined> {
    for (;;) {
      const known = this.known(caps, whom);
      if (known) return known;
      if ((this.#lost.get(whom.toString()) ?? 0) > this.#host.clock.mono()) return undefined;
      const asked = this.#learning.get(caps.key);
      if (!asked) break;
      // A client of the kind is being asked. If that does not help, this one is; its failure is told to who asked for it.
      await asked.catch(() => undefined);
      if (!isThere()) return undefined;
    }
    const learning = this.#find(caps, whom);
    this.#learning.set(caps.key, learning);
    try {
      return await learning;
    } finally {
      this.#learning.delete(caps.key);
    }
  }

  /** A result or an error for the server. */
  hear(stanza: Stanza): void {
    const asked = this.#asked.get(stanza.from?.toString() ?? '');
    if (asked?.id !== stanza.id) return;
    if (stanza.type === 'result') asked?.answer(stanza.child('query', infoNs) ?? 'none');
    else asked?.answer(isLost(stanza) ? 'lost' : 'none');
  }

  async #find(caps: Caps, whom: Jid): Promise<Wants | undefined> {
    const { capabilities } = this.#host.store;
    const stored = await this.remembered(caps);
    if (stored) return stored;
    const query = await this.#ask(caps, whom);
    if (query === 'gone') return undefined;
    if (query === 'lost') {
      this.#lost.set(whom.toString(), this.#host.clock.mono() + againMs);
      if (this.#lost.size > askedMax) dropOldest(this.#lost);
      return undefined;
    }
    if (query === 'none') return this.#keepAlone(caps, whom, []);
    const features = childrenNamed(query, 'feature').map(({ attrs }) => attrs.var ?? '');
    const isFit = features.length <= featuresMax && features.every((feature) => feature.length <= featureMax);
    if (!isFit) return this.#keepAlone(caps, whom, features.slice(0, featuresMax));
    // §5.4: an answer that is not what the hash was made of counts for this client alone.
    if (caps.algorithm === undefined || infoVersion(query, caps.algorithm) !== caps.ver)
      return this.#keepAlone(caps, whom, features);
    await capabilities.remember(caps.key, features);
    return this.#keep(caps, features);
  }

  #keep({ key }: Caps, features: readonly string[]): Wants {
    const wants = wantsIn(features);
    this.#known.set(key, wants);
    if (this.#known.size > inMemoryMax) dropOldest(this.#known);
    return wants;
  }

  #keepAlone({ key }: Caps, whom: Jid, features: readonly string[]): Wants {
    const wants = wantsIn(features);
    this.#alone.set(whom.toString(), { key, wants });
    if (this.#alone.size > askedMax) dropOldest(this.#alone);
    return wants;
  }

  #ask({ node }: Caps, whom: Jid): Promise<Answer> {
    const { domain, random, clock, events } = this.#host;
    const key = whom.toString();
    this.#asked.get(key)?.answer('gone');
    if (this.#asked.size >= askedMax) return Promise.resolve('none');
    const id = random.id(16);
    return new Promise((resolve) => {
      const answer = (given: Answer): void => {
        timer[Symbol.dispose]();
        if (this.#asked.get(key) === asked) this.#asked.delete(key);
        resolve(given);
      };
      const asked = { id, answer };
      // On this server nothing is lost.
      const timer = clock.after(patienceMs, () => answer(this.#host.isLocal(whom.domain) ? 'none' : 'lost'));
      this.#asked.set(key, asked);
      const query = el('query', { xmlns: infoNs, node });
      this.#host.route(Stanza.make({ kind: 'iq', type: 'get', id, from: domain, to: whom }, query)).catch((cause) => {
        events.failed(undefined, cause);
        answer('none');
      });
    });
  }
}

/** The question did not get there, or not now. */
const isLost = (stanza: Stanza): boolean =>
  stanza.child('error')?.attrs.type === 'wait' ||
  ['remote-server-not-found', 'remote-server-timeout'].includes(conditionOf(stanza)?.condition ?? '');

const dropOldest = (map: Map<string, unknown>): void => {
  for (const oldest of map.keys()) return void map.delete(oldest);
};

const notify = '+notify';
/** XEP-0163 §4.3.2. */
const wantsIn = (features: readonly string[]): Wants =>
  new Set(features.flatMap((feature) => (feature.endsWith(notify) ? feature.slice(0, -notify.length) : [])));
