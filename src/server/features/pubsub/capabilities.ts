// XEP-0115 Entity Capabilities, the listening side: what a client announces as a hash is asked for once, verified (§5.4), and
// remembered for every client that announces the same.

import { getHashes } from 'node:crypto';
import { childrenNamed, type Element, el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
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

export class Capabilities {
  readonly #host: Host;
  /** By hash, least recently learnt first. */
  readonly #known = new Map<string, Wants>();
  readonly #learning = new Map<string, Promise<Wants | undefined>>();
  readonly #asked = new Map<string, { readonly whom: Jid; answer(query: Element | undefined): void }>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** The nodes that clients of this kind want events of, if that is known without asking anybody. */
  known({ key }: Caps): Wants | undefined {
    return this.#known.get(key);
  }

  /** The same, from the Store or from the client itself. Undefined when it does not tell. Rejects when the Store fails. */
  async learn(caps: Caps, whom: Jid): Promise<Wants | undefined> {
    for (;;) {
      const known = this.#known.get(caps.key);
      if (known) return known;
      const asked = this.#learning.get(caps.key);
      if (!asked) break;
      // Another client of the kind is being asked. If it does not tell, this one is.
      const learnt = await asked.catch(() => undefined);
      if (learnt && this.#known.has(caps.key)) return learnt;
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
    const asked = this.#asked.get(stanza.id ?? '');
    if (!asked?.whom.equals(stanza.from)) return;
    asked.answer(stanza.type === 'result' ? stanza.child('query', infoNs) : undefined);
  }

  async #find(caps: Caps, whom: Jid): Promise<Wants | undefined> {
    const { capabilities } = this.#host.store;
    const stored = caps.algorithm === undefined ? undefined : await capabilities.features(caps.key);
    if (stored) return this.#keep(caps, stored);
    const query = await this.#ask(caps, whom);
    if (!query) return undefined;
    const features = childrenNamed(query, 'feature').map(({ attrs }) => attrs.var ?? '');
    const isFit = features.length <= featuresMax && features.every((feature) => feature.length <= featureMax);
    if (!isFit) return wantsIn(features.slice(0, featuresMax));
    // §5.4: an answer that is not what the hash was made of counts for this client alone.
    if (caps.algorithm === undefined || infoVersion(query, caps.algorithm) !== caps.ver) return wantsIn(features);
    await capabilities.remember(caps.key, features);
    return this.#keep(caps, features);
  }

  #keep({ key }: Caps, features: readonly string[]): Wants {
    const wants = wantsIn(features);
    this.#known.set(key, wants);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= inMemoryMax) break;
      this.#known.delete(oldest);
    }
    return wants;
  }

  /** The client's disco#info, or undefined when it answers with an error or not at all. */
  #ask({ node }: Caps, whom: Jid): Promise<Element | undefined> {
    const { domain, random, clock, events } = this.#host;
    if (this.#asked.size >= askedMax) return Promise.resolve(undefined);
    const id = random.id(16);
    return new Promise((resolve) => {
      const answer = (query: Element | undefined): void => {
        timer[Symbol.dispose]();
        this.#asked.delete(id);
        resolve(query);
      };
      const timer = clock.after(patienceMs, () => answer(undefined));
      this.#asked.set(id, { whom, answer });
      const query = el('query', { xmlns: infoNs, node });
      this.#host.route(Stanza.make({ kind: 'iq', type: 'get', id, from: domain, to: whom }, query)).catch((cause) => {
        events.failed(undefined, cause);
        answer(undefined);
      });
    });
  }
}

const notify = '+notify';
/** XEP-0163 §4.3.2. */
const wantsIn = (features: readonly string[]): Wants =>
  new Set(features.flatMap((feature) => (feature.endsWith(notify) ? feature.slice(0, -notify.length) : [])));
