// A client on a bare socket that a test drives octet by octet: for what real clients do not let one do, such as dropping
// the connection in the middle, or not acknowledging.

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';

export class RawClient {
  readonly #socket: Socket;
  #text = '';
  #wake: () => void = () => {};
  isClosed = false;
  /** How often something came. */
  reads = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.reads++;
      this.#text += text;
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new RawClient(socket)));
      socket.once('error', reject);
    });
  }

  /** Signs in with PLAIN; `bind` is false for a client that wants to resume. */
  static async signIn(
    port: number,
    name: string,
    resource: string | undefined,
    password = 'secret',
  ): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.open();
    await client.until(/<\/stream:features>/);
    client.send(
      `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${btoa(`\0${name}\0${password}`)}</auth>`,
    );
    const outcome = await client.until(/<success|<failure.*<\/failure>/);
    assert(outcome.endsWith('<success'), outcome);
    client.open();
    await client.until(/<\/stream:features>/);
    if (resource === undefined) return client;
    client.send(
      `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind></iq>`,
    );
    await client.until(/<jid>[^<]*<\/jid><\/bind><\/iq>/);
    return client;
  }

  open(): void {
    this.send(
      "<?xml version='1.0'?><stream:stream to='home.test' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    );
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** Waits for the pattern; what came up to its end is taken and returned. Fails when the stream closes or 5 s pass. */
  async until(pattern: RegExp): Promise<string> {
    const deadline = performance.now() + 5_000;
    for (;;) {
      const found = this.#text.match(pattern);
      if (found) {
        const end = (found.index ?? 0) + found[0].length;
        const taken = this.#text.slice(0, end);
        this.#text = this.#text.slice(end);
        return taken;
      }
      assert(!this.isClosed && performance.now() < deadline, `no ${pattern} in ${this.#text}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 200).unref();
      });
    }
  }

  /** What has come and was not taken. */
  get rest(): string {
    return this.#text;
  }

  /** The connection breaks, without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  async closed(): Promise<void> {
    while (!this.isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}
