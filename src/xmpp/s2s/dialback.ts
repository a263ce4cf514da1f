// XEP-0220 Server Dialback 1.1.1, on one stream, all roles; with XEP-0344 (dialback without dialback): a machine without I/O.
//
//   they ask for leave to send      result ──► a certificate proves it ─────────────► valid, admitted
//                                          └─► the key is verified elsewhere ───────► valid, admitted │ invalid │ error
//   they ask whether a key is ours  verify ──► verify type='…'
//   we ask for leave to send        ask ─────► result type='…' ─────────────────────► granted │ refused
//   we ask whether a key is theirs  verify ──► verify type='…' ─────────────────────► settled
//
// Requests come on incoming streams; on outgoing ones only where they are bidirectional (XEP-0288). Answers count only when they
// answer something that was asked on this very stream (§3.1).

import type { StreamElement } from '../../xml/stream-reader.ts';
import type { StanzaCondition } from '../stanza.ts';
import type { StreamError } from '../stream/conditions.ts';
import type { CertificateProof } from './certificate.ts';
import { answerText, type DialbackElement, dialbackElementOf, requestText } from './dialback-elements.ts';
import { Pairs, pairKey } from './pairs.ts';
import type { KeyRequest, KeyVerdict, Pair, PeerPolicy, Proof, S2sFault } from './s2s.ts';

export interface DialbackOptions {
  readonly direction: 'in' | 'out';
  readonly isOurs: (domain: string) => boolean;
  readonly policyFor: (remote: string) => PeerPolicy | string;
  /** Keys of ours: to make them, to know them again. */
  readonly makeKey: ((pair: Pair, streamId: string) => string) | undefined;
  readonly isOurKey: (request: KeyRequest) => boolean;
  readonly pairsMax: number;
  readonly verifyingMax: number;
}

/** What the stream is like at the moment. */
export interface DialbackStream {
  /** Of the header that the accepting side sent last. */
  readonly id: string;
  readonly isSecure: boolean;
  readonly isBidi: boolean;
  /** Pairs the other side may send for. */
  readonly admitted: Pairs;
  proves(remote: string, policy: PeerPolicy): CertificateProof | undefined;
}

export type DialbackEvent =
  | { readonly type: 'element'; readonly element: StreamElement }
  /** The answer to 'find-out'. */
  | { readonly type: 'found-out'; readonly request: KeyRequest; readonly verdict: KeyVerdict }
  | { readonly type: 'ask'; readonly pair: Pair }
  | { readonly type: 'verify'; readonly request: KeyRequest };

export type DialbackEffect =
  | { readonly do: 'send'; readonly text: string }
  /** Have the key verified by the server that is said to have made it, on another stream. */
  | { readonly do: 'find-out'; readonly request: KeyRequest }
  | { readonly do: 'admit'; readonly pair: Pair; readonly proof: Proof }
  | { readonly do: 'grant'; readonly pair: Pair }
  | { readonly do: 'refuse'; readonly pair: Pair; readonly fault: S2sFault }
  | { readonly do: 'settle'; readonly key: string; readonly verdict: KeyVerdict }
  /** A line for the log, at level info: what the other side did is not as it should be. */
  | { readonly do: 'note'; readonly text: string; readonly pair?: Pair }
  /** Say the error, and end. */
  | { readonly do: 'fail'; readonly error: StreamError };

type Effects = readonly DialbackEffect[];

const keyLengthMax = 1024;

/** Names a question about a key: what the answer has to repeat. */
export const requestKey = ({ pair, streamId }: KeyRequest): string => `${pairKey(pair)} ${streamId}`;

export class Dialback {
  readonly #options: DialbackOptions;
  readonly #stream: DialbackStream;
  /** We asked for leave to send. */
  readonly #asked = new Pairs();
  /** They did, and the key is being verified. */
  readonly #verifying = new Pairs();
  /** Keys we asked about. */
  readonly #questions = new Set<string>();

  constructor(options: DialbackOptions, stream: DialbackStream) {
    this.#options = options;
    this.#stream = stream;
  }

  step(event: DialbackEvent): Effects {
    switch (event.type) {
      case 'element': {
        const read = dialbackElementOf(event.element);
        if (!read) return [{ do: 'fail', error: { condition: 'improper-addressing', text: 'not a pair of domains' } }];
        if (read.verdict) return this.#answered(read, read.verdict);
        if (this.#options.direction === 'out' && !this.#stream.isBidi)
          return [{ do: 'note', text: 'a dialback request on a stream of ours', pair: read.pair }];
        if (read.key === '' || read.key.length > keyLengthMax)
          return [{ do: 'fail', error: { condition: 'invalid-xml', text: 'not a dialback key' } }];
        return read.name === 'result' ? this.#requested(read) : this.#questioned(read);
      }
      case 'found-out':
        return this.#foundOut(event.request, event.verdict);
      case 'ask':
        return this.#ask(event.pair);
      case 'verify':
        this.#questions.add(requestKey(event.request));
        return [{ do: 'send', text: questionText(event.request) }];
    }
  }

  /** No answer came in time. */
  forget(what: Pair | KeyRequest): boolean {
    return 'streamId' in what ? this.#questions.delete(requestKey(what)) : this.#asked.delete(what);
  }

  #ask(pair: Pair): Effects {
    const key = this.#options.makeKey?.(pair, this.#stream.id);
    if (key === undefined || this.#asked.has(pair)) return [];
    this.#asked.add(pair);
    return [{ do: 'send', text: requestText('result', pair, key) }];
  }

  #answered({ name, pair, id }: DialbackElement, verdict: KeyVerdict): Effects {
    if (name === 'verify') {
      const key = requestKey({ pair, streamId: id ?? '', key: '' });
      if (!this.#questions.delete(key)) return [{ do: 'note', text: 'an answer about a key nobody asked for', pair }];
      return [{ do: 'settle', key, verdict }];
    }
    if (!this.#asked.delete(pair)) return [{ do: 'note', text: 'an answer to no dialback of ours', pair }];
    if (verdict.verdict === 'valid') return [{ do: 'grant', pair }];
    return [{ do: 'refuse', pair, fault: faultOf(verdict) }];
  }

  /** Step 1, seen by the receiving server. */
  #requested({ pair, key }: DialbackElement): Effects {
    const { isOurs, policyFor, pairsMax, verifyingMax } = this.#options;
    const { admitted, isSecure, id } = this.#stream;
    if (admitted.has(pair)) return [answer(pair, { verdict: 'valid' })];
    if (this.#verifying.has(pair)) return [];
    if (!isOurs(pair.local)) return this.#deny(pair, 'item-not-found', 'not a domain of ours');
    if (isOurs(pair.remote)) return this.#deny(pair, 'not-authorized', 'that domain is served here');
    const policy = policyFor(pair.remote);
    if (typeof policy === 'string') return this.#deny(pair, 'policy-violation', policy);
    if (policy.tls === 'required' && !isSecure) return this.#deny(pair, 'policy-violation', 'TLS is required');
    if (admitted.size + this.#verifying.size >= pairsMax)
      return this.#deny(pair, 'resource-constraint', 'too many pairs of domains');
    const proof = this.#stream.proves(pair.remote, policy);
    if (proof) {
      const admit = { do: 'admit', pair, proof: proof === 'pinned' ? 'pinned' : 'certificate' } as const;
      return [answer(pair, { verdict: 'valid' }), admit];
    }
    if (policy.pins || !policy.allowsDialback) return this.#deny(pair, 'not-authorized', 'only a certificate will do');
    // On a stream that we opened the other side chose the id, and with it which of a stranger's old keys would be good.
    if (this.#options.direction === 'out' && !this.#isOfTheirs(pair.remote))
      return this.#deny(pair, 'not-authorized', 'on a stream of ours only a certificate proves a further domain');
    if (this.#verifying.size >= verifyingMax)
      return this.#deny(pair, 'resource-constraint', 'too many keys are being verified');
    this.#verifying.add(pair);
    return [{ do: 'find-out', request: { pair, streamId: id, key } }];
  }

  /** Is it a domain that the other side has proven on this stream, or one below it? */
  #isOfTheirs(domain: string): boolean {
    for (const { remote } of this.#stream.admitted) if (domain === remote || domain.endsWith(`.${remote}`)) return true;
    return false;
  }

  #deny(pair: Pair, condition: StanzaCondition, text: string): Effects {
    return [{ do: 'note', text: `dialback refused: ${text}`, pair }, answer(pair, { verdict: 'error', condition })];
  }

  #foundOut({ pair, streamId }: KeyRequest, verdict: KeyVerdict): Effects {
    if (!this.#verifying.delete(pair) || streamId !== this.#stream.id) return [];
    if (verdict.verdict === 'valid') return [answer(pair, verdict), { do: 'admit', pair, proof: 'dialback' }];
    if (verdict.verdict === 'error')
      return [{ do: 'note', text: `the key could not be verified: ${verdict.condition}`, pair }, answer(pair, verdict)];
    const note = { do: 'note', text: 'the key is not theirs', pair } as const;
    // §2.2.1: the others on the stream are not to blame.
    if (this.#stream.admitted.size > 0) return [note, answer(pair, { verdict: 'error', condition: 'forbidden' })];
    return [
      note,
      answer(pair, verdict),
      { do: 'fail', error: { condition: 'not-authorized', text: 'the dialback key is invalid' } },
    ];
  }

  /** Step 2, seen by the authoritative server. */
  #questioned({ pair, id = '', key }: DialbackElement): Effects {
    const { isOurs, isOurKey } = this.#options;
    if (!isOurs(pair.local)) {
      const text = answerText('verify', pair, { verdict: 'error', condition: 'item-not-found' }, id);
      return [{ do: 'send', text }];
    }
    const isValid = isOurKey({ pair, streamId: id, key });
    const answered = {
      do: 'send',
      text: answerText('verify', pair, { verdict: isValid ? 'valid' : 'invalid' }, id),
    } as const;
    return isValid ? [answered] : [{ do: 'note', text: 'asked about a key that is not ours', pair }, answered];
  }
}

const answer = (pair: Pair, verdict: KeyVerdict): DialbackEffect => ({
  do: 'send',
  text: answerText('result', pair, verdict),
});

const questionText = ({ pair, streamId, key }: KeyRequest): string => requestText('verify', pair, key, streamId);

/** §2.1.1 has the conditions for the senders of what cannot go. */
const faultOf = (verdict: KeyVerdict): S2sFault =>
  verdict.verdict === 'error'
    ? {
        reason: 'refused',
        text: `the other server cannot verify us: ${verdict.condition}. Is our s2s port reachable under this domain's name?`,
        condition: 'remote-server-timeout',
      }
    : {
        reason: 'invalid',
        text: 'the other server was told that our dialback key is not ours; is there another server with our name?',
        condition: 'internal-server-error',
      };
