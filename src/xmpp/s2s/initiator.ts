// Negotiation of a stream as the connecting server sees it (RFC 6120 §4.3, §5, §6; XEP-0178, XEP-0288, XEP-0305): a machine
// without I/O, the other half of receiver.ts.
//
//   opening ─ features ─┬─ STARTTLS ────────► opening
//                       ├─ SASL EXTERNAL ───► opening (proven) ─┬─ resume ─► established
//                       └─ dialback ─ granted (proven) ─────────┴──────────► established ─ enable
//
// Every flight that need not wait for an answer does not:
//   - <starttls/> leaves with the header where the other side is known to offer it, or where there is no going on without it;
//   - bidi and EXTERNAL leave with the header inside TLS where EXTERNAL succeeded before, or where the other side reads ahead: a
//     refusal leaves the stream as it was, and dialback follows;
//   - the second header, <enable/> or <resume/> and first stanzas leave with these where EXTERNAL is known to succeed. When that
//     knowledge was out of date, the stream is lost, but no stanza: none was taken by anybody.

import { child, childrenNamed, type Element, el, textOf, write } from '../../xml/element.ts';
import type { StreamElement, StreamHeader } from '../../xml/stream-reader.ts';
import { prepareDomain } from '../idna.ts';
import { ns } from '../namespaces.ts';
import { encodePayload, saslFailureOf } from '../sasl/conditions.ts';
import type { StanzaCondition } from '../stanza.ts';
import { elementOf } from '../stanza-reader.ts';
import { type StreamError, streamErrorOf } from '../stream/conditions.ts';
import { writeHeader } from '../stream/header.ts';
import { countOf, resumeText } from '../stream-management/nonzas.ts';
import type { CertificateProof } from './certificate.ts';
import { checkServerHeader } from './header.ts';
import type { Pair, PeerHints, PeerPolicy, Proof, S2sFault } from './s2s.ts';

export interface InitiatorOptions {
  readonly pair: Pair;
  readonly policy: PeerPolicy;
  readonly isDirectTls: boolean;
  /** Have we a certificate to show? */
  readonly hasCertificate: boolean;
  readonly usesBidi: boolean;
  readonly usesManagement: boolean;
  /** Only to have keys verified: it ends where it would authenticate. */
  readonly isForVerification: boolean;
  readonly hints: PeerHints;
  /** A stream to go on with. */
  readonly resume: { readonly id: string; readonly h: () => number } | undefined;
}

export type InitiatorEvent =
  | { readonly type: 'start' }
  | { readonly type: 'open'; readonly header: StreamHeader }
  | { readonly type: 'element'; readonly element: StreamElement }
  /** `proof`: how the other side's certificate proves the domain, if it does. */
  | { readonly type: 'secured'; readonly proof: CertificateProof | undefined }
  /** Dialback gave us leave to send. */
  | { readonly type: 'granted' };

export type InitiatorEffect =
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'start-tls' }
  /** A new stream: what comes next is a header. */
  | { readonly do: 'restart' }
  /** Dialback's elements may be sent. */
  | { readonly do: 'ready' }
  /** Ask for leave to send, by dialback. */
  | { readonly do: 'ask' }
  /** Ask for XEP-0198. */
  | { readonly do: 'enable' }
  /** Stanzas may leave ahead of the answer; whether anybody takes them is not known yet. */
  | { readonly do: 'send-ahead' }
  | { readonly do: 'resumed'; readonly h: number }
  /** `h`: how much of the old stream was handled, where the other side still knows. */
  | { readonly do: 'resume-failed'; readonly h: number | undefined }
  | { readonly do: 'established'; readonly proof: Proof }
  /** The other side does not offer XEP-0198. */
  | { readonly do: 'unmanaged' }
  | { readonly do: 'learn'; readonly hints: PeerHints }
  | { readonly do: 'give-up'; readonly fault: S2sFault; readonly error?: StreamError };

type Effects = readonly InitiatorEffect[];
type Phase = 'opening' | 'tls' | 'sasl' | 'dialback' | 'verifying' | 'proven' | 'resuming' | 'established' | 'over';

const send = (element: Element): string => write(element, ns.server);

export class Initiator {
  readonly #options: InitiatorOptions;
  #phase: Phase = 'opening';
  #id = '';
  #isSecure = false;
  #proof: CertificateProof | undefined;
  #isBidi = false;
  /** Sent before the other side could say whether it wants it. */
  #isTlsAhead = false;
  #isAuthAhead = false;
  #isStreamAhead = false;
  #hasAuthFailed = false;
  #isByDialback = false;
  #seen: { -readonly [Name in keyof PeerHints]: PeerHints[Name] } = {};

  constructor(options: InitiatorOptions) {
    this.#options = options;
  }

  /** The stream's id, of the other side's last header. */
  get id(): string {
    return this.#id;
  }
  get isSecure(): boolean {
    return this.#isSecure;
  }
  get isBidi(): boolean {
    return this.#isBidi;
  }

  /** The other side knows who we are, but not yet which stream it is. */
  get isProven(): boolean {
    return this.#phase === 'proven' || this.#phase === 'resuming';
  }

  /** Is it planned to send stanzas ahead of the answer to our authentication? */
  get sendsAhead(): boolean {
    const { hints, resume, policy, isDirectTls } = this.#options;
    const isTls = isDirectTls || policy.tls === 'required' || (policy.tls === 'optional' && hints.starttls === true);
    return isTls && !resume && this.#knowsExternal;
  }

  step(event: InitiatorEvent): Effects {
    if (this.#phase === 'over') return [];
    switch (event.type) {
      case 'start':
        return this.#start();
      case 'open':
        return this.#opened(event.header);
      case 'element':
        return this.#element(event.element);
      case 'secured':
        return this.#secured(event.proof);
      case 'granted':
        return this.#phase === 'dialback' ? this.#proven() : [];
    }
  }

  /** The connection broke or was closed before it came to anything: what that means, and what to remember. */
  lost(text: string): Effects {
    const isStale = this.#isGuess;
    return this.#giveUp({ reason: 'unreachable', text, condition: 'remote-server-timeout' }, undefined, isStale);
  }

  get #reads(): boolean {
    return this.#options.hints.pipelining === true || this.#seen.pipelining === true;
  }

  get #knowsExternal(): boolean {
    const { hints, hasCertificate, isForVerification } = this.#options;
    return hasCertificate && !isForVerification && hints.external === true && this.#reads;
  }

  /** Has something been sent that the other side did not ask for yet? */
  get #isGuess(): boolean {
    return (
      (this.#phase === 'tls' && this.#isTlsAhead) ||
      (this.#phase === 'sasl' && (this.#isStreamAhead || this.#isAuthAhead))
    );
  }

  #header(): string {
    const { local, remote } = this.#options.pair;
    return writeHeader(ns.server, { from: local, to: remote, lang: 'en' });
  }

  #start(): Effects {
    const { policy, hints } = this.#options;
    const isCertain = policy.tls === 'required' ? hints.starttls !== false : hints.starttls === true;
    if (policy.tls === 'off' || !isCertain) return [{ do: 'send', text: this.#header() }];
    this.#isTlsAhead = true;
    this.#phase = 'tls';
    return [{ do: 'send', text: this.#header() + send(el('starttls', { xmlns: ns.tls })) }];
  }

  #secured(proof: CertificateProof | undefined): Effects {
    const { policy, pair, isForVerification, hints, usesBidi, usesManagement, resume } = this.#options;
    this.#isSecure = true;
    this.#proof = proof;
    this.#isBidi = false;
    if (!proof && policy.pins) return this.#refuse(`the certificate is not the one pinned for ${pair.remote}`);
    if (!proof && !policy.allowsDialback)
      return this.#refuse(`the certificate is not valid for ${pair.remote}, and dialback is not allowed`);
    this.#phase = 'opening';
    let text = this.#header();
    // A server that took EXTERNAL once reads it behind the header as well: Prosody and ejabberd do.
    const isLikely = hints.external ?? this.#reads;
    const mayExternal = this.#options.hasCertificate && !isForVerification && hints.pipelining !== false;
    if (!isLikely || !mayExternal) return [{ do: 'send', text }];
    if (usesBidi && (hints.bidi ?? this.#seen.bidi)) text += this.#bidi();
    text += this.#auth();
    this.#isAuthAhead = true;
    // Nothing that is for the other side alone leaves before it is known to be the other side.
    if (!this.#knowsExternal || !proof) return [{ do: 'send', text }];
    this.#isStreamAhead = true;
    text += this.#header();
    const wantsManagement = usesManagement && hints.sm === true;
    if (resume) return [{ do: 'send', text: text + (wantsManagement ? resumeText(resume.id, resume.h()) : '') }];
    return [{ do: 'send', text }, ...(wantsManagement ? [{ do: 'enable' } as const] : []), { do: 'send-ahead' }];
  }

  #bidi(): string {
    this.#isBidi = true;
    return send(el('bidi', { xmlns: ns.bidi }));
  }

  #auth(): string {
    this.#phase = 'sasl';
    // XEP-0178 §3: whom we are is said for servers that want to be told.
    const authzid = encodePayload(this.#options.pair.local);
    return send(el('auth', { xmlns: ns.sasl, mechanism: 'EXTERNAL' }, authzid));
  }

  #opened(header: StreamHeader): Effects {
    const { pair, policy } = this.#options;
    const { wrong, isLegacy } = checkServerHeader(header);
    if (wrong) return this.#nonsense(`the other server's stream: ${wrong.text ?? wrong.condition}`);
    const { id, from } = header.attrs;
    if (from !== undefined && prepareDomain(from) !== pair.remote)
      return this.#nonsense(`the other server says it is ${from.slice(0, 100)}`);
    this.#id = id ?? '';
    if (Object.values(header.prefixes).includes(ns.dialback)) this.#seen.dialback = true;
    if (!isLegacy) return [];
    if (policy.tls === 'required' && !this.#isSecure) return this.#refuse('the other server does not know TLS');
    return this.#dialback();
  }

  #element(element: StreamElement): Effects {
    const { name, xmlns } = element;
    if (xmlns === ns.stream && name === 'features') return this.#offered(elementOf(element));
    if (xmlns === ns.stream && name === 'error') return this.#failed(streamErrorOf(elementOf(element)));
    if (xmlns === ns.tls && this.#phase === 'tls') {
      if (name === 'proceed') return [{ do: 'start-tls' }];
      const isStale = this.#isTlsAhead && this.#options.hints.starttls === true;
      return this.#refuse('the other server cannot start TLS', isStale);
    }
    if (xmlns === ns.sasl && this.#phase === 'sasl') return this.#saslElement(element);
    if (xmlns === ns.sm) return this.#managementElement(element);
    return this.#nonsense(`unexpected <${name}/>`);
  }

  #offered(features: Element): Effects {
    const { policy, usesManagement } = this.#options;
    const seen = this.#seen;
    const has = (name: string, xmlns: string): boolean => child(features, name, xmlns) !== undefined;
    if (!this.#isSecure) seen.starttls = has('starttls', ns.tls);
    const mechanisms = child(features, 'mechanisms', ns.sasl);
    const isExternal =
      mechanisms !== undefined &&
      childrenNamed(mechanisms, 'mechanism').some((one) => textOf(one).trim() === 'EXTERNAL');
    if (has('pipelining', ns.pipelining)) seen.pipelining = true;
    if (has('dialback', ns.dialbackFeature)) seen.dialback = true;
    if (has('bidi', ns.bidiFeature)) seen.bidi = true;
    if (has('sm', ns.sm)) seen.sm = true;
    switch (this.#phase) {
      case 'tls':
      case 'sasl':
      case 'resuming':
        return [];
      case 'proven':
        return this.#goOn();
      case 'established':
        return [{ do: usesManagement && seen.sm ? 'enable' : 'unmanaged' }, this.#learn()];
      case 'opening':
        break;
      default:
        return this.#nonsense('features out of turn');
    }
    if (!this.#isSecure && policy.tls !== 'off') {
      if (seen.starttls) {
        this.#phase = 'tls';
        return [{ do: 'send', text: send(el('starttls', { xmlns: ns.tls })) }];
      }
      if (policy.tls === 'required') return this.#refuse('the other server does not offer TLS');
    }
    return this.#authenticate(isExternal);
  }

  #authenticate(isExternal: boolean): Effects {
    const { hasCertificate, isForVerification, usesBidi } = this.#options;
    if (isForVerification) {
      this.#phase = 'verifying';
      return [{ do: 'ready' }, this.#learn()];
    }
    const doubt = this.#doubt;
    if (doubt !== undefined) return this.#refuse(doubt);
    if (!isExternal || !hasCertificate || this.#hasAuthFailed) return this.#dialback();
    let text = usesBidi && this.#seen.bidi && !this.#isBidi ? this.#bidi() : '';
    text += this.#auth();
    // Both sides have said that it will do: the rest of the way need not wait for that to be said again.
    const { resume, usesManagement } = this.#options;
    if (!this.#reads || !this.#proof) return [{ do: 'send', text }];
    this.#isStreamAhead = true;
    text += this.#header();
    const wantsManagement = usesManagement && this.#seen.sm === true;
    if (resume) return [{ do: 'send', text: text + (wantsManagement ? resumeText(resume.id, resume.h()) : '') }];
    return [{ do: 'send', text }, ...(wantsManagement ? [{ do: 'enable' } as const] : []), { do: 'send-ahead' }];
  }

  #dialback(): Effects {
    const { isForVerification, usesBidi } = this.#options;
    if (isForVerification) {
      this.#phase = 'verifying';
      return [{ do: 'ready' }];
    }
    const doubt = this.#doubt;
    if (doubt !== undefined) return this.#refuse(doubt);
    if (!this.#seen.dialback)
      return this.#refuse(
        this.#hasAuthFailed
          ? 'the other server does not take our certificate, and does not offer dialback'
          : 'the other server offers neither EXTERNAL for our certificate nor dialback',
      );
    if (this.#id === '') return this.#nonsense('a stream without an id');
    this.#phase = 'dialback';
    this.#isByDialback = true;
    const bidi = usesBidi && this.#seen.bidi && !this.#isBidi ? this.#bidi() : '';
    return [...(bidi === '' ? [] : [{ do: 'send', text: bidi } as const]), { do: 'ready' }, { do: 'ask' }];
  }

  /** Where only a certificate proves who the other side is, nothing is said to one that has shown none: also without TLS. */
  get #doubt(): string | undefined {
    const { policy, pair } = this.#options;
    if (this.#proof) return undefined;
    if (policy.pins) return `there is no TLS, and so not the certificate pinned for ${pair.remote}`;
    return policy.allowsDialback ? undefined : 'the other server has no valid certificate, and dialback is not allowed';
  }

  #saslElement(element: StreamElement): Effects {
    if (element.name === 'challenge') return [{ do: 'send', text: send(el('response', { xmlns: ns.sasl }, '=')) }];
    if (element.name === 'success') {
      this.#seen.external = true;
      const restart: InitiatorEffect[] = [{ do: 'restart' }];
      if (!this.#isStreamAhead) restart.push({ do: 'send', text: this.#header() });
      return [...restart, ...this.#proven()];
    }
    if (element.name !== 'failure') return this.#nonsense(`unexpected <${element.name}/>`);
    const { condition } = saslFailureOf(elementOf(element));
    this.#seen.external = false;
    this.#hasAuthFailed = true;
    if (this.#isStreamAhead) return this.#refuse(`the other server does not take our certificate: ${condition}`, true);
    return this.#dialback();
  }

  /** The other side knows who we are. RFC 6120 has nothing left between servers that would have to be negotiated. */
  #proven(): Effects {
    const { resume, usesManagement } = this.#options;
    if (!resume || !usesManagement) return this.#established();
    this.#phase = 'proven';
    if (this.#isStreamAhead && (this.#options.hints.sm || this.#seen.sm)) {
      this.#phase = 'resuming';
      return [];
    }
    // By dialback the features came before.
    return this.#isByDialback ? this.#goOn() : [];
  }

  #goOn(): Effects {
    const { resume } = this.#options;
    if (!resume || !this.#seen.sm) return [{ do: 'resume-failed', h: undefined }, ...this.#established()];
    this.#phase = 'resuming';
    return [{ do: 'send', text: resumeText(resume.id, resume.h()) }];
  }

  #managementElement({ name, attrs }: StreamElement): Effects {
    if (this.#phase !== 'resuming') return this.#nonsense(`unexpected <${name}/>`);
    const h = countOf(attrs);
    if (name === 'resumed' && h !== undefined) {
      this.#phase = 'established';
      return [{ do: 'resumed', h }, { do: 'established', proof: this.#shown }, this.#learn()];
    }
    if (name === 'r') return [];
    if (name !== 'failed') return this.#nonsense(`unexpected <${name}/>`);
    return [{ do: 'resume-failed', h }, ...this.#established()];
  }

  #established(): Effects {
    const { usesManagement, hints } = this.#options;
    const hasFeatures = this.#phase === 'proven' || this.#phase === 'resuming' || this.#isByDialback;
    this.#phase = 'established';
    const canEnable = usesManagement && (hasFeatures ? this.#seen.sm === true : hints.sm === true);
    return [
      ...(canEnable ? [{ do: 'enable' } as const] : []),
      { do: 'established', proof: this.#shown },
      ...(hasFeatures && !canEnable ? [{ do: 'unmanaged' } as const] : []),
      ...(hasFeatures ? [this.#learn()] : []),
    ];
  }

  get #shown(): Proof {
    if (this.#proof === 'pinned') return 'pinned';
    if (!this.#proof) return 'dialback';
    return this.#isByDialback ? 'certificate' : 'external';
  }

  #learn(): InitiatorEffect {
    const { hints, isForVerification } = this.#options;
    // What authentication has not been tried on stays as it is known; a server that stumbled once over an early <starttls/>
    // is not sent one again.
    const starttls = hints.starttls === false ? false : (this.#seen.starttls ?? hints.starttls);
    const external = isForVerification
      ? hints.external
      : (this.#seen.external ?? (this.#isByDialback ? false : hints.external));
    return {
      do: 'learn',
      hints: {
        ...hints,
        ...this.#seen,
        ...(starttls !== undefined && { starttls }),
        ...(external !== undefined && { external }),
      },
    };
  }

  #failed(error: StreamError): Effects {
    const { condition, text } = error;
    const said = text === undefined ? condition : `${condition}: ${text}`;
    const isGone = condition === 'host-unknown' || condition === 'host-gone' || condition === 'improper-addressing';
    // It does not want us, and will not want us in a minute: our certificate or no TLS (Prosody says both before anything is asked).
    const isUnwanted = condition === 'not-authorized' || condition === 'policy-violation';
    const told: StanzaCondition = isGone
      ? 'remote-server-not-found'
      : isUnwanted
        ? 'policy-violation'
        : 'remote-server-timeout';
    const fault = { reason: 'refused', text: `the other server ended the stream: ${said}`, condition: told } as const;
    return this.#giveUp(fault, error, this.#isGuess && !isGone);
  }

  #refuse(text: string, isStale = false): Effects {
    return this.#giveUp({ reason: 'policy', text, condition: 'policy-violation' }, undefined, isStale);
  }

  #nonsense(text: string): Effects {
    return this.#giveUp({ reason: 'protocol', text, condition: 'remote-server-timeout' }, undefined, this.#isGuess);
  }

  /** `isStale`: it may be the guess that went wrong, and without it all may be well. */
  #giveUp(fault: S2sFault, error: StreamError | undefined, isStale: boolean): Effects {
    const learnt: InitiatorEffect[] = [];
    if (isStale) {
      const { hints } = this.#options;
      const better = this.#isSecure ? { ...hints, external: false, pipelining: false } : { ...hints, starttls: false };
      learnt.push({ do: 'learn', hints: better });
    }
    this.#phase = 'over';
    return [
      ...learnt,
      { do: 'give-up', fault: isStale ? { ...fault, isStaleHint: true } : fault, ...(error && { error }) },
    ];
  }
}
