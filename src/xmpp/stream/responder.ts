// Negotiation as the server of a stream sees it (RFC 6120 §4.3, §5, §6, §7; XEP-0198 §5): a machine without I/O.
//
//   opening ─ features ─┬─ STARTTLS ──► opening
//                       ├─ SASL ──────► opening (signed in) ─ features ─┬─ bind ───► established
//                       └─ IQ (register)                                └─ resume ─► the old stream goes on
//
// Effects that ask for something (lookup, bind…) are answered by an event of their own; until then nothing else comes in.

import { type Element, el, elementsOf, textOf, write } from '../../xml/element.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import { Jid } from '../jid.ts';
import { ns } from '../namespaces.ts';
import { type ChannelBindings, noChannelBindings } from '../sasl/channel-binding.ts';
import { decodePayload, encodePayload, type SaslCondition, saslFailure } from '../sasl/conditions.ts';
import { type Mechanism, mechanisms } from '../sasl/mechanisms.ts';
import type { ScramKeys } from '../sasl/scram-keys.ts';
import { offeredBindings } from '../sasl/scram-server.ts';
import { SaslServer, type SaslStep } from '../sasl/server.ts';
import { Stanza, type StanzaCondition } from '../stanza.ts';
import { isStanza, stanzaOf } from '../stanza-reader.ts';
import { countOf, failedText } from '../stream-management/nonzas.ts';
import { type StreamError, streamErrorText } from './conditions.ts';
import { checkHeader, writeHeader } from './header.ts';

export interface ResponderOptions {
  readonly domain: string;
  readonly canTls: boolean;
  readonly requireTls: boolean;
  readonly allowsPlainWithoutTls: boolean;
  readonly mechanisms: readonly Mechanism[];
  readonly authTriesMax: number;
  readonly fakeSaltSecret: Uint8Array;
  readonly iterations: number;
  /** Is resumption offered at all? Without it a <resume/> fails. */
  readonly canManage: boolean;
  /** A new unguessable id: stream ids, nonces. */
  readonly newId: () => string;
  readonly features: (context: { isSecure: boolean; account: Jid | undefined }) => readonly Element[];
  readonly canAnswerIq: boolean;
}

export type ResponderEvent =
  | { readonly type: 'open'; readonly header: StreamHeader }
  | { readonly type: 'element'; readonly element: StreamElement }
  /** TLS is up: after 'start-tls', or before anything else on a direct TLS port. */
  | { readonly type: 'secured'; readonly bindings: ChannelBindings }
  | {
      readonly type: 'found';
      readonly credentials: { readonly keys: readonly ScramKeys[]; readonly isDisabled?: boolean } | undefined;
    }
  | { readonly type: 'checked'; readonly isRight: boolean }
  /** What was asked for could not be done for reasons of our own. */
  | { readonly type: 'failed' }
  | { readonly type: 'answered'; readonly answer: Stanza | undefined }
  | { readonly type: 'bound'; readonly jid: Jid }
  | { readonly type: 'bind-refused'; readonly condition: StanzaCondition; readonly text?: string }
  | { readonly type: 'resume-refused'; readonly h: number | undefined };

export type ResponderEffect =
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'start-tls' }
  /** The stream starts anew after SASL. */
  | { readonly do: 'restart' }
  | { readonly do: 'lookup'; readonly account: Jid }
  | { readonly do: 'check'; readonly keys: ScramKeys; readonly password: string }
  | { readonly do: 'answer-iq'; readonly stanza: Stanza }
  | { readonly do: 'bind'; readonly account: Jid; readonly resource: string | undefined }
  | { readonly do: 'resume'; readonly account: Jid; readonly id: string; readonly h: number }
  | {
      readonly do: 'attempted';
      readonly mechanism: string;
      readonly account: Jid | undefined;
      readonly outcome: string;
    }
  | { readonly do: 'established' }
  /** Say the error and end. `text` has our stream header in front where it had not been sent. */
  | { readonly do: 'fail'; readonly text: string; readonly error: StreamError };

type Effects = readonly ResponderEffect[];

export class Responder {
  readonly #options: ResponderOptions;
  #isSecure = false;
  #bindings: ChannelBindings = noChannelBindings;
  #isOpen = false;
  #lang: string | undefined;
  #account: Jid | undefined;
  #sasl: SaslServer | undefined;
  #mechanism = '';
  #tries = 0;
  #bindId: string | undefined;
  #phase: 'negotiating' | 'established' | 'failed' = 'negotiating';

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  get isSecure(): boolean {
    return this.#isSecure;
  }

  /** The account that has signed in. */
  get account(): Jid | undefined {
    return this.#account;
  }

  /** The stream's xml:lang, which stanzas inherit. */
  get lang(): string | undefined {
    return this.#lang;
  }

  step(event: ResponderEvent): Effects {
    if (this.#phase === 'failed') return [];
    switch (event.type) {
      case 'open':
        return this.#opened(event.header);
      case 'element':
        return this.#element(event.element);
      case 'secured':
        this.#isSecure = true;
        this.#bindings = event.bindings;
        this.#isOpen = false;
        return [];
      case 'found':
        return this.#sasl ? this.#saslStep(this.#sasl.found(event.credentials)) : [];
      case 'checked':
        return this.#sasl ? this.#saslStep(this.#sasl.checked(event.isRight)) : [];
      case 'failed':
        return this.#sasl
          ? this.#saslFailed('temporary-auth-failure', 'temporary-auth-failure')
          : this.fail({ condition: 'internal-server-error' });
      case 'answered':
        return event.answer
          ? [{ do: 'send', text: event.answer.toXml() }]
          : this.fail({ condition: 'not-authorized', text: 'Sign in first' });
      case 'bound':
        return this.#bound(event.jid);
      case 'bind-refused':
        return this.#bindRefused(event.condition, event.text);
      case 'resume-refused':
        return [{ do: 'send', text: failedText('item-not-found', event.h) }];
    }
  }

  /** Ends the stream with an error: also for what only the caller sees (time-outs, XML faults, shutdown). */
  fail(error: StreamError): Effects {
    if (this.#phase === 'failed') return [];
    this.#phase = 'failed';
    const header = this.#isOpen ? '' : this.#header(undefined);
    return [{ do: 'fail', text: header + streamErrorText(error), error }];
  }

  #header(to: string | undefined): string {
    const { domain, newId } = this.#options;
    return writeHeader(ns.client, { from: domain, to, id: newId(), lang: 'en' });
  }

  #opened(header: StreamHeader): Effects {
    const { attrs } = header;
    const wrong = checkHeader(header, ns.client);
    if (wrong) return this.fail(wrong);
    if (attrs['to'] === undefined) return this.fail({ condition: 'improper-addressing', text: "'to' is missing" });
    const to = Jid.parse(attrs['to']);
    if (!to.ok || to.value.toString() !== this.#options.domain) return this.fail({ condition: 'host-unknown' });
    this.#lang = attrs['xml:lang']?.slice(0, 35);
    this.#isOpen = true;
    const from = attrs['from'] === undefined ? undefined : Jid.parse(attrs['from']);
    return [{ do: 'send', text: this.#header(from?.ok ? from.value.bare.toString() : undefined) + this.#features() }];
  }

  get #mustSecure(): boolean {
    return this.#options.requireTls && !this.#isSecure;
  }

  get #offered(): readonly Mechanism[] {
    const { mechanisms: chosen, allowsPlainWithoutTls } = this.#options;
    return mechanisms.filter((one) => {
      if (!chosen.includes(one)) return false;
      if (one.endsWith('-PLUS')) return this.#bindings.size > 0;
      return one !== 'PLAIN' || this.#isSecure || allowsPlainWithoutTls;
    });
  }

  #features(): string {
    const { canTls, canManage, features } = this.#options;
    const offers: Element[] = [];
    if (!this.#account) {
      if (canTls && !this.#isSecure)
        offers.push(el('starttls', { xmlns: ns.tls }, this.#options.requireTls ? el('required') : undefined));
      if (!this.#mustSecure) {
        const names = this.#offered;
        offers.push(
          el(
            'mechanisms',
            { xmlns: ns.sasl },
            names.map((name) => el('mechanism', null, name)),
          ),
        );
        if (names.some((name) => name.endsWith('-PLUS')))
          offers.push(
            el(
              'sasl-channel-binding',
              { xmlns: ns.channelBinding },
              offeredBindings(this.#bindings).map((type) => el('channel-binding', { type })),
            ),
          );
      }
    } else {
      offers.push(el('bind', { xmlns: ns.bind }));
      if (canManage) offers.push(el('sm', { xmlns: ns.sm }));
    }
    offers.push(...features({ isSecure: this.#isSecure, account: this.#account }));
    return `<stream:features>${offers.map((one) => write(one, ns.client)).join('')}</stream:features>`;
  }

  #element(element: StreamElement): Effects {
    const { name, xmlns } = element;
    if (xmlns === ns.tls && name === 'starttls') return this.#startTls();
    if (xmlns === ns.sasl) return this.#saslElement(element);
    if (xmlns === ns.sm) return this.#managementElement(element);
    if (isStanza(element)) return this.#stanza(element);
    if (xmlns === ns.stream && name === 'error') return this.fail({ condition: 'reset' });
    return this.fail({ condition: 'unsupported-stanza-type' });
  }

  #startTls(): Effects {
    if (!this.#options.canTls || this.#isSecure || this.#account)
      return [
        { do: 'send', text: write(el('failure', { xmlns: ns.tls }), ns.client) },
        ...this.fail({ condition: 'unsupported-feature' }),
      ];
    // What was agreed on in clear text does not count in TLS (RFC 6120 §5.4.3.3).
    this.#sasl = undefined;
    return [{ do: 'send', text: write(el('proceed', { xmlns: ns.tls }), ns.client) }, { do: 'start-tls' }];
  }

  #saslElement({ name, attrs, inner }: StreamElement): Effects {
    if (this.#account) return this.fail({ condition: 'policy-violation', text: 'You have signed in already' });
    if (name === 'abort') return this.#saslFailed('aborted', 'aborted');
    if (name !== 'auth' && name !== 'response') return this.fail({ condition: 'unsupported-feature' });
    if (name === 'response' && !this.#sasl) return this.#saslFailed('malformed-request', 'out of turn');
    const payload = inner.includes('<') ? undefined : decodePayload(inner);
    if (name === 'auth') {
      const mechanism = attrs['mechanism'] ?? '';
      this.#mechanism = mechanism.slice(0, 40);
      this.#sasl = undefined;
      if (this.#mustSecure) return this.#saslFailed('encryption-required', 'encryption-required');
      const offered = this.#offered;
      if (!offered.includes(mechanism as Mechanism)) return this.#saslFailed('invalid-mechanism', 'invalid-mechanism');
      this.#sasl = new SaslServer(mechanism as Mechanism, {
        domain: this.#options.domain,
        offered,
        bindings: this.#bindings,
        nonce: this.#options.newId,
        fakeSaltSecret: this.#options.fakeSaltSecret,
        iterations: this.#options.iterations,
      });
      if (inner.trim() === '') return this.#saslStep(this.#sasl.respond(undefined));
    }
    if (!payload) return this.#saslFailed('incorrect-encoding', 'incorrect-encoding');
    return this.#saslStep((this.#sasl as SaslServer).respond(payload));
  }

  #saslStep(step: SaslStep): Effects {
    switch (step.next) {
      case 'challenge': {
        const data = step.data === '' ? undefined : encodePayload(step.data);
        return [{ do: 'send', text: write(el('challenge', { xmlns: ns.sasl }, data), ns.client) }];
      }
      case 'lookup':
        return [{ do: 'lookup', account: step.account }];
      case 'check':
        return [{ do: 'check', keys: step.keys, password: step.password }];
      case 'failure':
        return this.#saslFailed(step.fault.condition, step.fault.reason);
      case 'success': {
        const data = step.data === undefined ? undefined : encodePayload(step.data);
        this.#account = step.account;
        this.#isOpen = false;
        this.#sasl = undefined;
        return [
          { do: 'attempted', mechanism: this.#mechanism, account: step.account, outcome: 'success' },
          { do: 'send', text: write(el('success', { xmlns: ns.sasl }, data), ns.client) },
          { do: 'restart' },
        ];
      }
    }
  }

  #saslFailed(condition: SaslCondition, reason: string): Effects {
    const account = this.#sasl?.account;
    this.#sasl = undefined;
    const outcome = condition === 'not-authorized' && reason === 'downgrade' ? 'downgrade' : condition;
    const effects: ResponderEffect[] = [
      { do: 'attempted', mechanism: this.#mechanism, account, outcome },
      { do: 'send', text: write(saslFailure(condition), ns.client) },
    ];
    this.#tries++;
    if (this.#tries >= this.#options.authTriesMax)
      effects.push(...this.fail({ condition: 'policy-violation', text: 'Too many attempts to sign in' }));
    return effects;
  }

  #managementElement({ name, attrs }: StreamElement): Effects {
    if (name !== 'resume' || !this.#account || !this.#options.canManage)
      return name === 'resume' || name === 'enable'
        ? [{ do: 'send', text: failedText('unexpected-request') }]
        : this.fail({ condition: 'unsupported-stanza-type' });
    const h = countOf(attrs);
    const id = attrs['previd'];
    if (h === undefined || !id) return [{ do: 'send', text: failedText('bad-request') }];
    return [{ do: 'resume', account: this.#account, id, h }];
  }

  #stanza(element: StreamElement): Effects {
    const read = stanzaOf(element, this.#lang);
    const stanza = read.ok ? read.value : undefined;
    if (!this.#account) {
      if (stanza?.kind !== 'iq' || this.#mustSecure || !this.#options.canAnswerIq)
        return this.fail({ condition: 'not-authorized', text: 'Sign in first' });
      return [{ do: 'answer-iq', stanza }];
    }
    const bind = element.name === 'iq' && element.attrs['type'] === 'set' && stanza?.child('bind', ns.bind);
    if (!bind) return this.fail({ condition: 'not-authorized', text: 'Bind a resource first' });
    this.#bindId = element.attrs['id'];
    const wished = elementsOf(bind).find((one) => one.name === 'resource' && one.xmlns === ns.bind);
    const resource = wished && textOf(wished);
    if (resource && !Jid.of(this.#account.local, this.#account.domain, resource).ok)
      return this.#bindRefused('bad-request', 'not a resource');
    return [{ do: 'bind', account: this.#account, resource: resource || undefined }];
  }

  #bound(jid: Jid): Effects {
    this.#phase = 'established';
    const answer = Stanza.make(
      { kind: 'iq', type: 'result', id: this.#bindId },
      el('bind', { xmlns: ns.bind }, el('jid', null, jid.toString())),
    );
    return [{ do: 'send', text: answer.toXml() }, { do: 'established' }];
  }

  #bindRefused(condition: StanzaCondition, text: string | undefined): Effects {
    const request = Stanza.make({ kind: 'iq', type: 'set', id: this.#bindId });
    return [{ do: 'send', text: request.error(condition, text === undefined ? {} : { text }).toXml() }];
  }
}
