// A peer for tests that says exactly what it is told to, octet by octet, over a pipe in memory.

import { type Duplex, duplexPair } from 'node:stream';
import type { C2sStream } from './c2s.ts';
import type { TestServer } from './testing.ts';
import { until } from './testing.ts';

export const streamHeader =
  "<?xml version='1.0'?><stream:stream to='home.test' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
export const plainAuth = (name = 'mila', password = 'secret'): string =>
  `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(`\0${name}\0${password}`).toString('base64')}</auth>`;
export const bindIq = (resource = 'test'): string =>
  `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`;

export class RawPeer {
  readonly socket: Duplex;
  /** Everything received. */
  text = '';
  #seen = 0;
  isClosed = false;
  /** Sends everything in pieces of so many octets. */
  pieces = 0;

  constructor(ours: Duplex) {
    this.socket = ours;
    ours.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('utf8');
    });
    ours.on('close', () => {
      this.isClosed = true;
    });
    ours.on('end', () => {
      this.isClosed = true;
    });
    ours.on('error', () => {});
  }

  send(text: string | Uint8Array): void {
    const octets = Buffer.from(text as string);
    const size = this.pieces || octets.length;
    for (let i = 0; i < octets.length; i += size) this.socket.write(octets.subarray(i, i + size));
  }

  /** Waits for `text` after what was waited for before; returns all between. */
  async expect(text: string): Promise<string> {
    await until(`${text}; received after the last: ${this.text.slice(this.#seen)}`, () =>
      this.text.includes(text, this.#seen),
    ).catch(() => {
      throw new Error(`expected ${text}, received ${this.text.slice(this.#seen)}`);
    });
    const from = this.#seen;
    this.#seen = this.text.indexOf(text, this.#seen) + text.length;
    return this.text.slice(from, this.#seen);
  }

  async ended(): Promise<void> {
    await until('the end of the connection', () => this.isClosed);
  }
}

export class RawClient extends RawPeer {
  readonly stream: C2sStream;

  constructor(server: TestServer) {
    const [ours, theirs] = duplexPair();
    super(ours);
    this.stream = server.accept(theirs);
  }

  async signIn(): Promise<void> {
    this.send(streamHeader);
    await this.expect('</stream:features>');
    this.send(plainAuth());
    await this.expect('<success');
    this.send(streamHeader);
    await this.expect('</stream:features>');
  }

  async bind(resource?: string): Promise<void> {
    await this.signIn();
    this.send(bindIq(resource));
    await this.expect('</iq>');
  }

  /** Binds and turns stream management on; returns the session's id. */
  async manage(): Promise<string> {
    await this.bind();
    this.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    const enabled = await this.expect("max='600'/>");
    return /id='([^']+)'/.exec(enabled)?.[1] ?? '';
  }
}
