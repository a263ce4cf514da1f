// The client's end of the data channel: one POST and what came back, with a phone's way of repeating what got no answer.

import type { Clock } from '../../base/clock.ts';
import { encode } from '../../wbxml/encode.ts';
import { contentTypeOf } from '../content-type.ts';
import { type CspMessage, isRefused, type Received, type Transaction } from '../message.ts';
import type { Primitive, StructureOf } from '../primitives.ts';
import { defaultMessageLimits, readMessage } from '../read-message.ts';
import { isSessionEnd } from '../status.ts';
import { messageTree, writeMessage } from '../write-message.ts';
import { writeXml } from '../xml.ts';
import { CspClientError } from './error.ts';
import type { Personality } from './personality.ts';
import { codeOf } from './strict.ts';
import type { HttpAnswer, Post } from './transport.ts';

/** After how long a request without an answer is sent again the first time; doubled each time. */
const retryMs = 500;

export type Trace = (direction: 'sent' | 'received', message: CspMessage | Received['message'] | undefined) => void;

export interface DataChannelOptions {
  readonly post: Post;
  readonly clock: Clock;
  readonly personality: Personality;
  readonly trace: Trace | undefined;
  readonly complaints: string[];
}

type Segment = StructureOf<'SegmentInfo'> | undefined;

/** What one exchange brought. */
export interface Exchanged {
  /** The response to the request asked about. */
  readonly response: Primitive | undefined;
  /** 1.3: the response is the first piece of what is too large for the phone. */
  readonly segment?: Segment;
  /** The server's requests. */
  readonly requests: readonly { readonly id: string; readonly content: Primitive; readonly segment?: Segment }[];
  readonly poll: boolean;
  /** Some primitive said that the session is over. */
  readonly end: CspClientError | undefined;
}
const nothing: Exchanged = { response: undefined, requests: [], poll: false, end: undefined };

/** ParserSize is what a phone says of its limits, and a large one is full of small elements. */
const elementsMax = 100_000;

export class DataChannel {
  /** Known after sign-in. */
  sessionId: string | undefined;
  /** Set when the session is over: nothing is sent again after that. */
  ended: CspClientError | undefined;
  readonly #options: DataChannelOptions;
  #lastId = 0;

  constructor(options: DataChannelOptions) {
    this.#options = options;
  }

  nextId(): string {
    this.#lastId++;
    return `${this.#options.personality.idPrefix}${this.#lastId}`;
  }

  /** One POST, repeated as the personality does. `isAsking`: the first transaction is a request that wants its response. */
  async exchange(transactions: readonly Transaction[], isAsking: boolean): Promise<Exchanged> {
    const { post, clock, personality, trace } = this.#options;
    const { retry, retriesMax = 10, retryMsMax = 30_000, version, encoding } = personality;
    const isLogin = transactions.some(({ content }) => content.name === 'Login-Request');
    const isFinal = isLogin || transactions.some(({ content }) => content.name === 'Logout-Request');
    let sent = transactions;
    for (let tries = 0; ; tries++) {
      if (this.ended) throw this.ended;
      const message: CspMessage = {
        version,
        ...(isLogin || this.sessionId === undefined
          ? { sessionType: 'Outband' }
          : { sessionType: 'Inband', sessionId: this.sessionId }),
        transactions: sent,
      };
      trace?.('sent', message);
      // What cannot be written is the caller's mistake, and no reason to try again.
      const body = this.#encode(message);
      let answer: HttpAnswer;
      try {
        answer = await post(body, contentTypeOf(version, encoding));
      } catch (cause) {
        if (retry === 'none' || isFinal || tries >= retriesMax)
          throw new CspClientError('no HTTP answer', undefined, { cause });
        await new Promise<void>((resolve) => void clock.after(Math.min(retryMs * 2 ** tries, retryMsMax), resolve));
        if (retry === 'new')
          sent = sent.map((one) => (one.id === '' || one.mode === 'Response' ? one : { ...one, id: this.nextId() }));
        continue;
      }
      return this.#read(answer, isAsking ? sent[0]?.id : undefined);
    }
  }

  #encode(message: CspMessage): Uint8Array {
    const { encoding, disorder } = this.#options.personality;
    if (encoding === 'pts') return writeMessage(message, encoding);
    const root = disorder ? disorder(messageTree(message)) : messageTree(message);
    return encoding === 'xml' ? writeXml(root) : encode({ version: message.version, root });
  }

  #read(answer: HttpAnswer, expected: string | undefined): Exchanged {
    const { personality, trace, complaints } = this.#options;
    if (answer.status !== 200) throw new CspClientError(`HTTP ${answer.status}`, answer.status);
    if (answer.body.length === 0) {
      trace?.('received', undefined);
      return nothing;
    }
    const body = personality.garble?.(answer.body, personality.encoding) ?? answer.body;
    const read = readMessage(body, answer.contentType, {
      limits: { ...defaultMessageLimits, elements: elementsMax },
      isAwaited: (id) => id === expected,
    });
    if (!read.ok) throw new CspClientError(`cannot read the answer: ${read.fault.reason} ${read.fault.where}`);
    const { message } = read.value;
    trace?.('received', message);
    if (answer.body.length > personality.parserSize) complaints.push(`${answer.body.length} octets: too large`);
    const refusals = personality.inspect?.(body, answer.contentType, read.value) ?? [];
    if (refusals.length > 0) {
      complaints.push(...refusals);
      throw new CspClientError(`refuses the answer: ${refusals.join('; ')}`);
    }
    if (message.version !== personality.version) complaints.push(`an answer in ${message.version}`);
    if (message.sessionType === 'Inband' && this.sessionId !== undefined && message.sessionId !== this.sessionId) {
      complaints.push('an answer for another session: dropped');
      return nothing;
    }
    return this.#sort(message, expected);
  }

  #sort(message: Received['message'], expected: string | undefined): Exchanged {
    const { personality, complaints } = this.#options;
    const taken = personality.takesLastOnly ? message.transactions.slice(-1) : message.transactions;
    if (taken.length < message.transactions.length) complaints.push('only the last transaction was taken');
    const requests: { id: string; content: Primitive; segment: Segment }[] = [];
    let response: Primitive | undefined;
    let segment: Segment;
    let end: CspClientError | undefined;
    for (const transaction of taken) {
      if (isRefused(transaction)) {
        complaints.push(`${transaction.fault.path}: ${transaction.fault.reason}`);
        continue;
      }
      const { mode, id, content } = transaction;
      if (mode === 'Request') requests.push({ id, content, segment: transaction.segment });
      else if (expected !== undefined && id === expected) {
        response = content;
        segment = transaction.segment;
      } else if (expected !== undefined) complaints.push(`${content.name} ${id}: answers nothing`);
      const code = codeOf(content);
      if (code !== undefined && isSessionEnd(code) && content.name !== 'DeliveryReport-Request')
        end = new CspClientError(`signed out by the server: ${code}`, code);
    }
    return { response, segment, requests, poll: message.poll === true, end };
  }
}
