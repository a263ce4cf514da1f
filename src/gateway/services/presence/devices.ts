// XEP-0115 §6: which sort of client a capabilities hash stands for. Each hash is asked for once in a session, of one who
// showed it; an answer that does not add up to the hash holds for nobody (§5.4), so no contact can speak for another's client.

import { LateMap, LateSet } from '../../../base/late.ts';
import { el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import type { SessionView } from '../../session-view.ts';
import { capsHash, discoInfo, identitiesOf } from '../client/caps.ts';

const knownMax = 500;
const askingMax = 8;
const queuedMax = 200;

export class Devices {
  readonly #session: SessionView;
  /** XEP-0030 identity type; null: asked, and not known. */
  readonly #known = new LateMap<string, string | null>();
  readonly #asking = new LateSet<string>();
  /** Hashes whose turn is to come, and who showed them. */
  readonly #queued = new LateMap<string, Jid>();
  /** Hears of a hash whose device is known now. */
  onKnown: (caps: string) => void = () => {};

  constructor(session: SessionView) {
    this.#session = session;
  }

  of(caps: string): string | undefined {
    return this.#known.get(caps) ?? undefined;
  }

  ask(who: Jid, caps: string): void {
    if (this.#known.has(caps) || this.#asking.has(caps)) return;
    if (this.#asking.size >= askingMax) {
      if (this.#queued.size < queuedMax) this.#queued.set(caps, who);
      return;
    }
    this.#asking.add(caps);
    this.#session.run(async () => {
      try {
        const device = await this.#answerOf(who, caps);
        const [oldest] = this.#known.keys();
        if (this.#known.size >= knownMax && oldest !== undefined) this.#known.delete(oldest);
        this.#known.set(caps, device ?? null);
        if (device !== undefined) this.onKnown(caps);
      } finally {
        this.#asking.delete(caps);
        const [next] = this.#queued;
        if (next) {
          this.#queued.delete(next[0]);
          this.ask(next[1], next[0]);
        }
      }
    });
  }

  async #answerOf(who: Jid, caps: string): Promise<string | undefined> {
    const answer = await this.#session.iq({
      type: 'get',
      to: who,
      child: el('query', { xmlns: discoInfo, node: caps }),
      timeoutMs: 10_000,
    });
    const query = answer.ok ? answer.value.child('query', discoInfo) : undefined;
    if (!query || capsHash(query) !== caps.slice(caps.lastIndexOf('#') + 1)) return undefined;
    return identitiesOf(query).find(({ category }) => category === 'client')?.type;
  }
}
