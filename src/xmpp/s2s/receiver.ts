// Negotiation of a stream as the server sees it that is connected to (RFC 6120 §4.3, §5, §6; XEP-0178, XEP-0288): a machine
// without I/O, until the other side is authenticated. Dialback goes its own way (dialback.ts) and may do that as well.
//
//   opening ─ features ─┬─ STARTTLS ──────► opening
//                       ├─ bidi
//                       ├─ SASL EXTERNAL ─► opening (proven) ─ features ─► established
//                       └─ dialback, until 'authenticated' says that it proved a pair

import { type Element, el, write } from '../../xml/element.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import { prepareDomain } from '../idna.ts';
import { ns } from '../namespaces.ts';
import { decodePayload, type SaslCondition, saslFailure } from '../sasl/conditions.ts';
import { utf8Of } from '../sasl/scram-message.ts';
import { isStanza } from '../stanza-reader.ts';
import { type StreamError, streamErrorText } from '../stream/conditions.ts';
import { writeHeader } from '../stream/header.ts';
import { failedText } from '../stream-management/nonzas.ts';
import { type PeerCertificate, provesDomain } from './certificate.ts';
import { checkServerHeader } from './header.ts';
import type { Pair, PeerPolicy, Proof } from './s2s.ts';

export interface ReceiverOptions {
  readonly isOurs: (domain: string) => boolean;
  readonly policyFor: (remote: string) => PeerPolicy | string;
  /** Is there a certificate of ours for the domain? */
  readonly canTls: (local: string) => boolean;
  readonly offersBidi: boolean;
  readonly canManage: boolean;
  readonly newId: () => string;
}

export type ReceiverEvent =
  | { readonly type: 'open'; readonly header: StreamHeader }
  | { readonly type: 'element'; readonly element: StreamElement }
  /** TLS is up: after 'start-tls', or before anything else on a direct TLS port. */
  | { readonly type: 'secured'; readonly certificate: PeerCertificate | undefined };

export type ReceiverEffect =
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'start-tls' }
  /** The stream starts anew after SASL. */
  | { readonly do: 'restart' }
  /** A header names whom stanzas are to go between; nothing is proven. */
  | { readonly do: 'announce'; readonly pair: Pair }
  | { readonly do: 'dialback'; readonly element: StreamElement }
  /** The certificate proves the pair, and the header after that was answered: stanzas may come. */
  | { readonly do: 'established'; readonly pair: Pair; readonly proof: Proof }
  /** Say the error and end. `text` has our stream header in front where it had not been sent. */
  | { readonly do: 'fail'; readonly text: string; readonly error: StreamError };

type Effects = readonly ReceiverEffect[];

const authTriesMax = 3;

export class Receiver {
  readonly #options: ReceiverOptions;
  #isOpen = false;
  #isOver = false;
  #isSecure = false;
  #isBidi = false;
  #certificate: PeerCertificate | undefined;
  #id = '';
  #lang: string | undefined;
  #local: string | undefined;
  #remote: string | undefined;
  /** EXTERNAL was begun without an initial response. */
  #isChallenged = false;
  #tries = 0;
  #proof: Proof | undefined;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** The stream's id, of our last header. */
  get id(): string {
    return this.#id;
  }
  get isSecure(): boolean {
    return this.#isSecure;
  }
  get isBidi(): boolean {
    return this.#isBidi;
  }
  get lang(): string | undefined {
    return this.#lang;
  }
  /** Who the headers say the other side is. */
  get claimed(): string | undefined {
    return this.#remote;
  }
  get certificate(): PeerCertificate | undefined {
    return this.#certificate;
  }

  step(event: ReceiverEvent): Effects {
    if (this.#isOver) return [];
    switch (event.type) {
      case 'open':
        return this.#opened(event.header);
      case 'element':
        return this.#element(event.element);
      case 'secured':
        this.#isSecure = true;
        this.#certificate = event.certificate;
        this.#isOpen = false;
        // What was agreed on in clear text does not count in TLS (RFC 6120 §5.4.3.3).
        this.#isBidi = false;
        return [];
    }
  }

  /** Ends the stream with an error: also for what only the caller sees (time-outs, XML faults, shutdown). */
  fail(error: StreamError): Effects {
    if (this.#isOver) return [];
    this.#isOver = true;
    const header = this.#isOpen ? '' : this.#header();
    return [{ do: 'fail', text: header + streamErrorText(error), error }];
  }

  #header(): string {
    this.#isOpen = true;
    this.#id = this.#options.newId();
    return writeHeader(ns.server, { from: this.#local, to: this.#remote, id: this.#id, lang: 'en' });
  }

  #opened(header: StreamHeader): Effects {
    const { isOurs, policyFor } = this.#options;
    const { wrong, isLegacy } = checkServerHeader(header);
    if (wrong) return this.fail(wrong);
    const { from, to } = header.attrs;
    if (to === undefined) return this.fail({ condition: 'improper-addressing', text: "'to' is missing" });
    const local = prepareDomain(to);
    if (local === undefined || !isOurs(local)) return this.fail({ condition: 'host-unknown' });
    if (this.#local !== undefined && this.#local !== local)
      return this.fail({ condition: 'improper-addressing', text: "'to' has changed" });
    const remote = from === undefined ? undefined : prepareDomain(from);
    if (from !== undefined && remote === undefined)
      return this.fail({ condition: 'improper-addressing', text: "'from' is no domain" });
    if (remote !== undefined && this.#remote !== undefined && this.#remote !== remote)
      return this.fail({ condition: 'invalid-from', text: "'from' has changed" });
    this.#local = local;
    this.#remote ??= remote;
    if (this.#remote !== undefined) {
      if (isOurs(this.#remote)) return this.fail({ condition: 'invalid-from', text: 'that domain is served here' });
      const policy = policyFor(this.#remote);
      if (typeof policy === 'string') return this.fail({ condition: 'policy-violation', text: policy });
    }
    this.#lang = header.attrs['xml:lang']?.slice(0, 35);
    const effects: ReceiverEffect[] = [{ do: 'send', text: this.#header() + (isLegacy ? '' : this.#features()) }];
    const pair = this.#pair;
    if (pair && this.#proof) {
      this.#isOver = true;
      effects.push({ do: 'established', pair, proof: this.#proof });
    } else if (pair) effects.push({ do: 'announce', pair });
    return effects;
  }

  get #pair(): Pair | undefined {
    return this.#local !== undefined && this.#remote !== undefined
      ? { local: this.#local, remote: this.#remote }
      : undefined;
  }

  get #policy(): PeerPolicy | undefined {
    const policy = this.#remote === undefined ? undefined : this.#options.policyFor(this.#remote);
    return typeof policy === 'string' ? undefined : policy;
  }

  get #canTls(): boolean {
    return !this.#isSecure && this.#policy?.tls !== 'off' && this.#options.canTls(this.#local ?? '');
  }

  get #mustSecure(): boolean {
    return !this.#isSecure && this.#policy?.tls === 'required';
  }

  /** The other side's certificate fits what it says it is: only then is EXTERNAL of any use to it (XEP-0178 §3). */
  get #offersExternal(): boolean {
    const policy = this.#policy;
    return (
      policy !== undefined &&
      this.#remote !== undefined &&
      provesDomain(this.#certificate, this.#remote, policy) !== undefined
    );
  }

  #features(): string {
    const { offersBidi, canManage } = this.#options;
    const offers: Element[] = [];
    if (this.#canTls) offers.push(el('starttls', { xmlns: ns.tls }, this.#mustSecure ? el('required') : undefined));
    if (!this.#proof && this.#offersExternal)
      offers.push(el('mechanisms', { xmlns: ns.sasl }, el('mechanism', null, 'EXTERNAL')));
    if (!this.#mustSecure) offers.push(el('dialback', { xmlns: ns.dialbackFeature }, el('errors')));
    // XEP-0288 §2 wants it told before TLS as well, XEP-0305 as early as can be.
    if (offersBidi && !this.#proof) offers.push(el('bidi', { xmlns: ns.bidiFeature }));
    if (canManage && !this.#mustSecure) offers.push(el('sm', { xmlns: ns.sm }));
    offers.push(el('pipelining', { xmlns: ns.pipelining }));
    return `<stream:features>${offers.map((one) => write(one, ns.server)).join('')}</stream:features>`;
  }

  #element(element: StreamElement): Effects {
    const { name, xmlns } = element;
    if (xmlns === ns.tls && name === 'starttls') return this.#startTls();
    if (xmlns === ns.sasl) return this.#saslElement(element);
    if (xmlns === ns.dialback) return [{ do: 'dialback', element }];
    if (xmlns === ns.bidi && name === 'bidi' && this.#options.offersBidi && !this.#mustSecure) {
      this.#isBidi = true;
      return [];
    }
    if (xmlns === ns.sm) return [{ do: 'send', text: failedText('unexpected-request') }];
    if (isStanza(element)) return this.fail({ condition: 'not-authorized', text: 'authenticate first' });
    if (xmlns === ns.stream && name === 'error') return this.fail({ condition: 'reset' });
    return this.fail({ condition: 'unsupported-stanza-type' });
  }

  #startTls(): Effects {
    if (!this.#canTls)
      return [
        { do: 'send', text: write(el('failure', { xmlns: ns.tls }), ns.server) },
        ...this.fail({ condition: 'unsupported-feature' }),
      ];
    return [{ do: 'send', text: write(el('proceed', { xmlns: ns.tls }), ns.server) }, { do: 'start-tls' }];
  }

  #saslElement({ name, attrs, inner }: StreamElement): Effects {
    if (name === 'abort') return this.#saslFailed('aborted');
    const isFirst = name === 'auth';
    if (!isFirst && !(name === 'response' && this.#isChallenged)) return this.#saslFailed('malformed-request');
    this.#isChallenged = false;
    if (isFirst) {
      if (this.#mustSecure) return this.#saslFailed('encryption-required');
      if (attrs['mechanism'] !== 'EXTERNAL') return this.#saslFailed('invalid-mechanism');
      if (!this.#offersExternal) return this.#saslFailed('not-authorized');
      if (inner.trim() === '') {
        this.#isChallenged = true;
        return [{ do: 'send', text: write(el('challenge', { xmlns: ns.sasl }), ns.server) }];
      }
    }
    // An empty <response/> is an empty text: no authorization identity.
    const octets = inner.trim() === '' ? new Uint8Array(0) : decodePayload(inner);
    const authzid = octets && utf8Of(octets);
    if (authzid === undefined) return this.#saslFailed('incorrect-encoding');
    if (authzid !== '' && prepareDomain(authzid) !== this.#remote) return this.#saslFailed('invalid-authzid');
    const policy = this.#policy;
    this.#proof = policy?.pins ? 'pinned' : 'external';
    this.#isOpen = false;
    return [{ do: 'send', text: write(el('success', { xmlns: ns.sasl }), ns.server) }, { do: 'restart' }];
  }

  #saslFailed(condition: SaslCondition): Effects {
    const failure = { do: 'send', text: write(saslFailure(condition), ns.server) } as const;
    if (++this.#tries < authTriesMax) return [failure];
    return [failure, ...this.fail({ condition: 'policy-violation', text: 'too many attempts to authenticate' })];
  }
}
