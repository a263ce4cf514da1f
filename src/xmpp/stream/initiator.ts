// Negotiation as the client of a stream sees it (RFC 6120 §4.3, §5, §6, §7; XEP-0198 §3, §5): a machine without I/O, the
// other half of responder.ts.
//
//   opening ─ features ─┬─ STARTTLS ──► opening
//                       └─ SASL ──────► opening (signed in) ─ features ─┬─ resume ──────────► resumed
//                                                                       └─ bind ─ enable ──► established

import { child, childrenNamed, childText, type Element, el, elementsOf, textOf, write } from '../../xml/element.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import { Jid } from '../jid.ts';
import type { LinkFault } from '../link.ts';
import { ns } from '../namespaces.ts';
import { type ChannelBindings, noChannelBindings } from '../sasl/channel-binding.ts';
import { chooseMechanism } from '../sasl/client.ts';
import { decodePayload, encodePayload, type SaslCondition, saslFailureOf } from '../sasl/conditions.ts';
import type { Mechanism } from '../sasl/mechanisms.ts';
import { formatPlain } from '../sasl/plain.ts';
import { preparePassword } from '../sasl/saslprep.ts';
import { ScramClient } from '../sasl/scram-client.ts';
import { utf8Of } from '../sasl/scram-message.ts';
import { conditionOf, Stanza } from '../stanza.ts';
import { elementOf, isStanza, stanzaOf } from '../stanza-reader.ts';
import { countOf, enableText, resumeText } from '../stream-management/nonzas.ts';
import { streamErrorOf } from './conditions.ts';
import { checkHeader, writeHeader } from './header.ts';

export interface InitiatorOptions {
  readonly account: Jid;
  readonly password: string;
  readonly resource: string;
  /** 'off': STARTTLS is not used; 'optional': where it is offered; 'required': or not at all. */
  readonly tls: 'required' | 'optional' | 'off';
  /** May the password be shown on a stream without TLS (closed networks)? */
  readonly allowsPlainWithoutTls: boolean;
  /** Only these mechanisms; default: all we know. */
  readonly mechanisms?: readonly Mechanism[] | undefined;
  /** A session to go on with. */
  readonly resume?: { readonly id: string; readonly h: number } | undefined;
  /** When it cannot be resumed: bind a new one? */
  readonly mayBindAnew: boolean;
  readonly newId: () => string;
}

export type InitiatorEvent =
  | { readonly type: 'start' }
  | { readonly type: 'open'; readonly header: StreamHeader }
  | { readonly type: 'element'; readonly element: StreamElement }
  /** `isTrusted`: the certificate is the domain's. */
  | { readonly type: 'secured'; readonly bindings: ChannelBindings; readonly isTrusted: boolean }
  | { readonly type: 'computed'; readonly answer: Awaited<ReturnType<ScramClient['answer']>> };

/** What the server said about a session it keeps for us. */
export interface Managed {
  /** Undefined: the session cannot be resumed. */
  readonly id: string | undefined;
  readonly maxMs: number | undefined;
  readonly location: string | undefined;
}

export type InitiatorEffect =
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'start-tls' }
  /** A new stream: a new reader, then our header again. */
  | { readonly do: 'restart' }
  /** Have `scram` answer, slowly, and say what came of it ('computed'). */
  | { readonly do: 'compute'; readonly scram: ScramClient; readonly challenge: string }
  | { readonly do: 'resumed'; readonly h: number }
  /** The old session is over; `h`: how much of it was handled, where the server still knows. A new one is being bound. */
  | { readonly do: 'resume-failed'; readonly h: number | undefined }
  | {
      readonly do: 'established';
      readonly jid: Jid;
      readonly features: ReadonlySet<string>;
      readonly managed: Managed | undefined;
      /** Stanzas that came between binding and the end of negotiation. */
      readonly early: readonly Stanza[];
    }
  | { readonly do: 'give-up'; readonly fault: LinkFault; readonly isSessionGone?: boolean };

type Effects = readonly InitiatorEffect[];
type Phase = 'connecting' | 'tls' | 'sasl' | 'resuming' | 'binding' | 'enabling' | 'done';

const send = (element: Element): InitiatorEffect => ({ do: 'send', text: write(element, ns.client) });

export class Initiator {
  readonly #options: InitiatorOptions;
  #phase: Phase = 'connecting';
  #isSecure = false;
  #isTrusted = false;
  #bindings: ChannelBindings = noChannelBindings;
  #isSignedIn = false;
  #scram: ScramClient | undefined;
  #isProven = false;
  #features: Element | undefined;
  #bindId = '';
  #jid: Jid | undefined;
  readonly #early: Stanza[] = [];

  constructor(options: InitiatorOptions) {
    this.#options = options;
  }

  step(event: InitiatorEvent): Effects {
    if (this.#phase === 'done') return [];
    switch (event.type) {
      case 'start':
        return [this.#header()];
      case 'secured':
        this.#isSecure = true;
        this.#isTrusted = event.isTrusted;
        this.#bindings = event.bindings;
        this.#phase = 'connecting';
        return [this.#header()];
      case 'open': {
        const wrong = checkHeader(event.header, ns.client);
        return wrong ? this.#giveUp('refused', `the server's stream: ${wrong.text ?? wrong.condition}`) : [];
      }
      case 'element':
        return this.#element(event.element);
      case 'computed': {
        if (event.answer.ok) return [send(el('response', { xmlns: ns.sasl }, encodePayload(event.answer.value)))];
        return [send(el('abort', { xmlns: ns.sasl })), ...this.#giveUp('refused', `SCRAM: ${event.answer.fault}`)];
      }
    }
  }

  #header(): InitiatorEffect {
    const { account } = this.#options;
    // Who we are is nobody else's business on the way there (RFC 6120 §4.7.1).
    const from = this.#isSecure ? account.toString() : undefined;
    return { do: 'send', text: writeHeader(ns.client, { from, to: account.domain, lang: 'en' }) };
  }

  #giveUp(reason: LinkFault['reason'], text: string, isSessionGone = false): Effects {
    this.#phase = 'done';
    return [{ do: 'give-up', fault: { reason, text }, ...(isSessionGone && { isSessionGone }) }];
  }

  #element(element: StreamElement): Effects {
    const { name, xmlns } = element;
    if (xmlns === ns.stream && name === 'features') return this.#offered(elementOf(element));
    if (xmlns === ns.stream && name === 'error') {
      const { condition, text } = streamErrorOf(elementOf(element));
      // An old session is not to blame for a server in trouble, but may be for anything else that is said to its resumption.
      const isSessionGone = this.#phase === 'resuming' && condition !== 'system-shutdown';
      return this.#giveUp('refused', text === undefined ? condition : `${condition}: ${text}`, isSessionGone);
    }
    if (xmlns === ns.tls && this.#phase === 'tls') {
      if (name === 'proceed') return [{ do: 'start-tls' }];
      return this.#giveUp('tls-required', 'the server cannot start TLS');
    }
    if (xmlns === ns.sasl && this.#phase === 'sasl') return this.#saslElement(element);
    if (xmlns === ns.sm) return this.#managementElement(element);
    if (isStanza(element) && this.#isSignedIn) return this.#stanza(element);
    return this.#giveUp('refused', `unexpected <${name}/>`);
  }

  #offered(features: Element): Effects {
    this.#features = features;
    if (this.#isSignedIn) return this.#resumeOrBind();
    const { tls, allowsPlainWithoutTls, account, mechanisms } = this.#options;
    if (!this.#isSecure && tls !== 'off') {
      if (child(features, 'starttls', ns.tls)) {
        this.#phase = 'tls';
        return [send(el('starttls', { xmlns: ns.tls }))];
      }
      if (tls === 'required') return this.#giveUp('tls-required', 'the server does not offer TLS');
    }
    const password = preparePassword(this.#options.password);
    if (!password.ok) return this.#giveUp('not-authorized', 'no such password can be');
    const offered = child(features, 'mechanisms', ns.sasl);
    const types = child(features, 'sasl-channel-binding', ns.channelBinding);
    const choice = chooseMechanism(
      {
        mechanisms: offered ? childrenNamed(offered, 'mechanism').map((one) => textOf(one).trim()) : [],
        bindingTypes: types && childrenNamed(types, 'channel-binding').map((one) => one.attrs['type'] ?? ''),
      },
      this.#bindings,
      { mayShow: this.#isTrusted || (allowsPlainWithoutTls && !this.#isSecure), only: mechanisms },
    );
    if (!choice) return this.#giveUp('no-common-mechanism', 'no SASL mechanism that both sides take');
    const { mechanism, hash, binding } = choice;
    const name = account.local ?? '';
    let first: string;
    if (hash) {
      this.#scram = new ScramClient({ hash, name, password: password.value, nonce: this.#options.newId(), binding });
      first = this.#scram.first;
    } else first = formatPlain({ authzid: undefined, name, password: password.value });
    this.#phase = 'sasl';
    return [send(el('auth', { xmlns: ns.sasl, mechanism }, encodePayload(first)))];
  }

  #saslElement(element: StreamElement): Effects {
    const { name } = element;
    if (name === 'failure') {
      const { condition, text } = saslFailureOf(elementOf(element));
      return this.#giveUp(saslReasons[condition], text === '' ? condition : `${condition}: ${text}`);
    }
    const content = textOf(elementOf(element));
    const octets = content.trim() === '' ? undefined : decodePayload(content);
    const text = octets && utf8Of(octets);
    if (name === 'challenge') {
      if (!this.#scram || text === undefined) return this.#giveUp('refused', 'a challenge that makes no sense');
      // RFC 5802 lets the server's signature come as a challenge of its own.
      if (!/^[ve]=/.test(text)) return [{ do: 'compute', scram: this.#scram, challenge: text }];
      const verified = this.#verify(text);
      return verified.length > 0 ? verified : [send(el('response', { xmlns: ns.sasl }))];
    }
    if (name !== 'success') return this.#giveUp('refused', `unexpected <${name}/>`);
    if (this.#scram && !this.#isProven) {
      const verified = this.#verify(text ?? '');
      if (verified.length > 0) return verified;
    }
    this.#scram = undefined;
    this.#isSignedIn = true;
    this.#phase = 'connecting';
    return [{ do: 'restart' }, this.#header()];
  }

  #verify(text: string): Effects {
    const verified = this.#scram?.verify(text);
    this.#isProven = verified?.ok === true;
    return this.#isProven ? [] : this.#giveUp('refused', 'the server does not prove that it knows the password');
  }

  #resumeOrBind(): Effects {
    const { resume, mayBindAnew } = this.#options;
    if (!resume) return this.#bind();
    const features = this.#features;
    if (features && child(features, 'sm', ns.sm)) {
      this.#phase = 'resuming';
      return [{ do: 'send', text: resumeText(resume.id, resume.h) }];
    }
    if (!mayBindAnew) return this.#giveUp('refused', 'the server resumes no sessions', true);
    return [{ do: 'resume-failed', h: undefined }, ...this.#bind()];
  }

  #bind(): Effects {
    const { newId, resource } = this.#options;
    this.#phase = 'binding';
    this.#bindId = newId();
    const wish = el('resource', null, resource);
    const bind = el('bind', { xmlns: ns.bind }, resource === '' ? undefined : wish);
    return [{ do: 'send', text: Stanza.make({ kind: 'iq', type: 'set', id: this.#bindId }, bind).toXml() }];
  }

  #managementElement({ name, attrs }: StreamElement): Effects {
    if (this.#phase === 'resuming') {
      const h = countOf(attrs);
      if (name === 'resumed' && h !== undefined) {
        this.#phase = 'done';
        return [{ do: 'resumed', h }];
      }
      if (name !== 'failed') return this.#giveUp('refused', `unexpected <${name}/>`);
      if (!this.#options.mayBindAnew) {
        const gone = this.#giveUp('refused', 'the session cannot be resumed', true);
        return [{ do: 'resume-failed', h }, ...gone];
      }
      return [{ do: 'resume-failed', h }, ...this.#bind()];
    }
    if (this.#phase !== 'enabling') return this.#giveUp('refused', `unexpected <${name}/>`);
    if (name === 'r') return []; // nothing is counted yet, so there is nothing to say
    if (name !== 'enabled') return this.#established(undefined);
    const canResume = attrs['resume'] === 'true' || attrs['resume'] === '1';
    return this.#established({
      id: canResume ? attrs['id'] : undefined,
      maxMs: /^\d{1,9}$/.test(attrs['max'] ?? '') ? Number(attrs['max']) * 1000 : undefined,
      location: attrs['location'],
    });
  }

  #stanza(element: StreamElement): Effects {
    const read = stanzaOf(element);
    const stanza = read.ok ? read.value : read.fault.stanza;
    if (this.#phase === 'enabling') {
      this.#early.push(stanza);
      return [];
    }
    if (this.#phase !== 'binding' || stanza.kind !== 'iq' || stanza.id !== this.#bindId) return [];
    if (stanza.type !== 'result') {
      const { condition = 'undefined-condition', text } = conditionOf(stanza) ?? {};
      return this.#giveUp('refused', `no resource: ${text ?? condition}`);
    }
    const bind = stanza.child('bind', ns.bind);
    const jid = bind && Jid.parse((childText(bind, 'jid') ?? '').trim());
    if (!jid?.ok || jid.value.isBare) return this.#giveUp('refused', 'the server bound no address');
    this.#jid = jid.value;
    if (!this.#features || !child(this.#features, 'sm', ns.sm)) return this.#established(undefined);
    this.#phase = 'enabling';
    return [{ do: 'send', text: enableText() }];
  }

  #established(managed: Managed | undefined): Effects {
    this.#phase = 'done';
    const features = new Set(this.#features && elementsOf(this.#features).map(({ xmlns }) => xmlns));
    return [{ do: 'established', jid: this.#jid as Jid, features, managed, early: this.#early }];
  }
}

/** RFC 6120 §6.5 to what the gateway has to tell apart. */
export const saslReasons = {
  aborted: 'refused',
  'account-disabled': 'account-disabled',
  'credentials-expired': 'not-authorized',
  'encryption-required': 'tls-required',
  'incorrect-encoding': 'refused',
  'invalid-authzid': 'not-authorized',
  'invalid-mechanism': 'no-common-mechanism',
  'malformed-request': 'refused',
  'mechanism-too-weak': 'no-common-mechanism',
  'not-authorized': 'not-authorized',
  'temporary-auth-failure': 'refused',
} as const satisfies Record<SaslCondition, LinkFault['reason']>;
