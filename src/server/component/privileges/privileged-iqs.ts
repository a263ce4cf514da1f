// XEP-0356 §6: a component asks in the name of an account, and gets the answer forwarded.

import { child, el, elementsOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza, type StanzaCondition, stanzaNamespace } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import type { Received } from '../../points.ts';
import type { PrivilegedOptions } from './privileged-entity.ts';
import { forwardNamespace } from './privileged-messages.ts';

const privilegeNamespace = 'urn:xmpp:privilege:2';
const pendingMax = 1_000;
const answerMs = 120_000;

interface Pending {
  readonly host: Host;
  /** The component's request. */
  readonly outer: Stanza;
  /** What was sent: only its addressee can answer. */
  readonly inner: Stanza;
  /** The id that the component gave it. */
  readonly id: string;
  readonly timer: Disposable;
}

export class PrivilegedIqs {
  readonly #options: PrivilegedOptions;
  /** By the id under which we sent it: nobody can guess it. */
  readonly #pending = new Map<string, Pending>();

  constructor(options: PrivilegedOptions) {
    this.#options = options;
  }

  /** Undefined when it is not allowed (§6.3 has the list). */
  begin(host: Host, outer: Stanza): Promise<void> | undefined {
    const account = outer.to;
    const wrapper = outer.child('privileged_iq', privilegeNamespace);
    const wrapped = wrapper && child(wrapper, 'iq', stanzaNamespace);
    const payloads = wrapped ? elementsOf(wrapped) : [];
    const [payload] = payloads;
    if (!account?.isBare || account.local === undefined || !wrapped || !payload) return undefined;
    const { type, id, from, to } = wrapped.attrs;
    if (type !== outer.type || !this.#isAllowed(payload.xmlns, type)) return undefined;
    if (from !== undefined && !isAddress(from, account)) return undefined;

    const refuse = (condition: StanzaCondition): Promise<void> => host.route(outer.error(condition));
    if (id === undefined || payloads.length !== 1) return refuse('bad-request');
    const addressee = to === undefined ? undefined : Jid.parse(to);
    if (addressee && !addressee.ok) return refuse('jid-malformed');
    if (this.#pending.size >= pendingMax) return refuse('resource-constraint');
    const inner = Stanza.make(
      {
        kind: 'iq',
        type,
        id: host.random.id(20),
        from: account,
        to: addressee?.value ?? account,
        lang: wrapped.attrs['xml:lang'],
      },
      payload,
    );
    return host.users.turn(account, (user, turn) => {
      if (!user) turn.also(this.#forbid(host, outer));
      else if (inner.to && user.blocks.has(inner.to)) turn.also(refuse('not-acceptable'));
      else turn.also(this.#ask(host, outer, inner, id));
    });
  }

  /** An answer for an account; it may be to one of ours. */
  answered({ stanza }: Received): void {
    const { id, from } = stanza;
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (!pending || id === undefined || !from || !pending.inner.to?.equals(from)) return;
    this.#pending.delete(id);
    pending.timer[Symbol.dispose]();
    const { host, outer } = pending;
    const { to, type } = stanza;
    const answer = el(
      'iq',
      { xmlns: stanzaNamespace, type, id: pending.id, from: from.toString(), to: to?.toString() },
      stanza.elements,
    );
    this.#give(
      host,
      outer.result(
        el('privilege', { xmlns: privilegeNamespace }, el('forwarded', { xmlns: forwardNamespace }, answer)),
      ),
    );
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#pending.values()) timer[Symbol.dispose]();
    this.#pending.clear();
  }

  #ask(host: Host, outer: Stanza, inner: Stanza, id: string): Promise<void> {
    const ours = inner.id ?? '';
    const timer = host.clock.after(answerMs, () => {
      this.#pending.delete(ours);
      this.#give(host, outer.error('remote-server-timeout'));
    });
    this.#pending.set(ours, { host, outer, inner, id, timer });
    return host.route(inner);
  }

  #isAllowed(namespace: string, type: string | undefined): boolean {
    return (this.#options.privileges.iq ?? []).some(
      (one) => one.namespace === namespace && (one.type === 'both' || one.type === type),
    );
  }

  #forbid(host: Host, outer: Stanza): Promise<void> {
    this.#options.denied('iq');
    return host.route(outer.error('forbidden'));
  }

  #give(host: Host, stanza: Stanza): void {
    host.route(stanza).catch((cause: unknown) => this.#options.failed(cause));
  }
}

const isAddress = (text: string, address: Jid): boolean => {
  const parsed = Jid.parse(text);
  return parsed.ok && parsed.value.equals(address);
};
