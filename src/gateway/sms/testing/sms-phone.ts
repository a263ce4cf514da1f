// A phone whose CSP client speaks the plain text syntax over short messages: it asks, hears answers by their TransactionID, and
// keeps what the server says by itself. Says exactly what a test makes it say.

import assert from 'node:assert/strict';
import { SimulatedClock } from '../../../base/clock.ts';
import { isRefused, type Transaction } from '../../../imps/message.ts';
import type { Primitive, PrimitiveName, PrimitiveOf } from '../../../imps/primitives.ts';
import { readPts, writePts } from '../../../imps/pts/message.ts';
import { SegmentAssembler, segmentsOf } from '../../../imps/pts/segments.ts';
import type { CspVersion } from '../../../imps/version.ts';
import type { Phone } from '../../../sms/testing/phones.ts';

export interface SmsPhoneOptions {
  readonly phone: Phone;
  /** The server's number, and its port; no port: as text. */
  readonly server: string;
  readonly port: number | undefined;
  readonly version?: CspVersion;
  /** Moves the gateway's time on a little, while an answer is awaited. */
  readonly settle: () => Promise<void>;
}

const octetsMax = 133;
const lettersMax = 150;

export class SmsPhone {
  sessionId: string | undefined;
  /** What the server has said by itself. */
  readonly requests: Transaction[] = [];
  /** Answers nobody waits for any more. */
  readonly stray: Transaction[] = [];
  /** Messages as they came, whole. */
  readonly heard: string[] = [];
  readonly options: SmsPhoneOptions;
  readonly #assembler = new SegmentAssembler(new SimulatedClock());
  readonly #awaited = new Map<string, (answer: Transaction) => void>();
  #last = 0;

  constructor(options: SmsPhoneOptions) {
    this.options = options;
    options.phone.onMessage(({ content, ports }) => {
      assert.equal(ports?.destination, options.port);
      const octets = content.coding === 'octets' ? content.octets : new TextEncoder().encode(content.text);
      assert.equal(content.coding, options.port === undefined ? 'text' : 'octets');
      if (options.port !== undefined) assert.ok(octets.length <= octetsMax, 'one short message to a segment');
      const assembled = this.#assembler.add('server', octets);
      assert.notEqual(assembled.kind, 'foreign');
      if (assembled.kind === 'whole') this.#hear(new TextDecoder().decode(assembled.message));
    });
  }

  get version(): CspVersion {
    return this.options.version ?? '1.2';
  }

  /** The octets of a message with that content, by themselves. */
  octets(content: Primitive, id: string, mode: Transaction['mode'] = 'Request'): Uint8Array {
    const session =
      this.sessionId === undefined || content.name === 'Login-Request'
        ? ({ sessionType: 'Outband' } as const)
        : ({ sessionType: 'Inband', sessionId: this.sessionId } as const);
    const text = writePts({ version: this.version, ...session, transactions: [{ mode, id, content }] });
    return new TextEncoder().encode(text);
  }

  /** Sends segments as they are; resolves when the server has taken them. */
  async send(octets: Uint8Array): Promise<void> {
    const { phone, server, port } = this.options;
    const segments = segmentsOf(octets, port === undefined ? lettersMax : octetsMax);
    assert.ok(segments.ok);
    for (const segment of segments.value)
      await phone.send(
        port === undefined
          ? { to: server, content: { coding: 'text', text: new TextDecoder().decode(segment) } }
          : { to: server, ports: { destination: port, source: 0 }, content: { coding: 'octets', octets: segment } },
      );
  }

  nextId(): string {
    return `${++this.#last}`;
  }

  /** One request, answered by one response. */
  async ask(content: Primitive, id = this.nextId()): Promise<Primitive> {
    return this.again(this.octets(content, id), id);
  }

  /** Sends the octets of a request and resolves with its answer. */
  async again(octets: Uint8Array, id: string): Promise<Primitive> {
    const answered = new Promise<Transaction>((resolve) => void this.#awaited.set(id, resolve));
    await this.send(octets);
    const answer = await this.#patiently(answered, `an answer to ${id}`);
    this.#awaited.delete(id);
    return answer.content;
  }

  /** Sends a request again and again, under its id, until it is answered. */
  async insist(content: Primitive): Promise<Primitive> {
    const id = this.nextId();
    const octets = this.octets(content, id);
    let answer: Primitive | undefined;
    this.#awaited.set(id, ({ content: told }) => {
      answer = told;
    });
    for (let tries = 0; tries < 60 && !answer; tries++) {
      await this.send(octets);
      for (let n = 0; n < 12 && !answer; n++) await this.options.settle();
    }
    this.#awaited.delete(id);
    assert.ok(answer, `no answer to ${content.name}`);
    return answer;
  }

  async askFor<Name extends PrimitiveName>(content: Primitive, name: Name): Promise<PrimitiveOf<Name>> {
    const answer = await this.ask(content);
    assert.equal(answer.name, name, JSON.stringify(answer));
    return answer as PrimitiveOf<Name>;
  }

  async code(content: Primitive): Promise<number> {
    const answer = await this.ask(content);
    return 'Result' in answer ? answer.Result.Code : 200;
  }

  login(
    user: string,
    more: Partial<PrimitiveOf<'Login-Request'>> = { Password: 'secret' },
  ): PrimitiveOf<'Login-Request'> {
    return {
      name: 'Login-Request',
      UserID: user,
      ClientID: { URL: 'http://phone.example/sms' },
      SessionCookie: `cookie-${user}`,
      TimeToLive: 600,
      ...more,
    };
  }

  async signIn(user: string, more?: Partial<PrimitiveOf<'Login-Request'>>): Promise<PrimitiveOf<'Login-Response'>> {
    const answer = await this.askFor(this.login(user, more), 'Login-Response');
    this.sessionId = answer.SessionID ?? this.sessionId;
    return answer;
  }

  /** The next request of the server. */
  async next<Name extends PrimitiveName>(name: Name): Promise<{ id: string; content: PrimitiveOf<Name> }> {
    const found = (): Transaction | undefined => this.requests.find(({ content }) => content.name === name);
    await this.until(() => found() !== undefined, name);
    const request = found() as Transaction;
    this.requests.splice(this.requests.indexOf(request), 1);
    return { id: request.id, content: request.content as PrimitiveOf<Name> };
  }

  /** As MessageDelivered, or as Status 200. */
  async acknowledge({ id, content }: { readonly id: string; readonly content: Primitive }): Promise<void> {
    const answer: Primitive =
      content.name === 'NewMessage'
        ? { name: 'MessageDelivered', MessageID: content.MessageInfo.MessageID ?? '' }
        : { name: 'Status', Result: { Code: 200 } };
    await this.send(this.octets(answer, id, 'Response'));
  }

  message(to: string, text: string): PrimitiveOf<'SendMessage-Request'> {
    return {
      name: 'SendMessage-Request',
      DeliveryReport: false,
      MessageInfo: { ContentType: 'text/plain', ContentSize: text.length, Recipient: { User: [{ UserID: to }] } },
      ContentData: text,
    };
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    for (let n = 0; !holds(); n++) {
      if (n > 400) throw new Error(`never: ${what}`);
      // A busy machine needs real time, not the gateway's.
      if (n > 100) await new Promise((resolve) => void setTimeout(resolve, 30));
      await this.options.settle();
    }
  }

  async #patiently<Value>(value: Promise<Value>, what: string): Promise<Value> {
    let isThere = false;
    void value.then(() => {
      isThere = true;
    });
    await this.until(() => isThere, what);
    return value;
  }

  #hear(text: string): void {
    this.heard.push(text);
    const read = readPts(text, { isAwaited: (id) => this.#awaited.has(id) });
    assert.ok(read.ok, `${text} ${JSON.stringify(read)}`);
    const { message } = read.value;
    assert.equal(message.version, this.version);
    if (message.sessionType === 'Inband') assert.equal(message.sessionId, this.sessionId);
    for (const one of message.transactions) {
      assert.ok(!isRefused(one), `${text} ${JSON.stringify(one)}`);
      assert.match(one.id, /^[1-9]\d{0,2}$/);
      const awaited = one.mode === 'Response' ? this.#awaited.get(one.id) : undefined;
      if (one.mode === 'Request') this.requests.push(one);
      else if (awaited) awaited(one);
      else this.stray.push(one);
    }
  }
}
