// The least of an XMPP client: TCP without TLS, SASL PLAIN, one resource. Whoever measures wants nothing between the socket
// and the clock.

import { connect, type Socket } from 'node:net';
import { escapeText } from '../../../src/xml/element.ts';
import { type StreamElement, XmlStreamReader } from '../../../src/xml/stream-reader.ts';

export interface Account {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  readonly name: string;
  readonly password: string;
}

const header = (domain: string): string =>
  `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;

/** An account's session, bound, its roster fetched, not yet available. */
export class ClientStream {
  readonly #socket: Socket;
  #reader = new XmlStreamReader();
  readonly #arrived: StreamElement[] = [];
  #wake: (() => void) | undefined;
  #error: Error | undefined;
  /** Once set, gets octets as they come, and nobody reads them. */
  onOctets: ((octets: Buffer) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (octets) => {
      if (this.onOctets) this.onOctets(octets);
      else this.#read(octets);
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static async open({ host, port, domain, name, password }: Account, resource: string): Promise<ClientStream> {
    const stream = new ClientStream(connect(port, host));
    stream.send(header(domain));
    await stream.#next('features');
    const plain = Buffer.from(`\0${name}\0${password}`).toString('base64');
    stream.send(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${plain}</auth>`);
    await stream.#next('success');
    stream.#reader = new XmlStreamReader();
    stream.send(header(domain));
    await stream.#next('features');
    await stream.ask('set', `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind>`);
    await stream.ask('get', `<query xmlns='jabber:iq:roster'/>`);
    return stream;
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  /** The reader that has seen this stream from its header on. */
  get reader(): XmlStreamReader {
    return this.#reader;
  }

  /** Sends a request and waits for its answer, which may be an error when `to` says whom it is for. */
  async ask(type: 'get' | 'set', payload: string, to?: string): Promise<StreamElement> {
    const id = `q${Math.random().toString(36).slice(2)}`;
    this.send(`<iq type='${type}' id='${id}'${to === undefined ? '' : ` to='${escapeText(to)}'`}>${payload}</iq>`);
    for (;;) {
      const iq = await this.#next('iq');
      if (iq.attrs['id'] !== id) continue;
      if (to === undefined && iq.attrs['type'] !== 'result') throw new Error(`the server refused: ${iq.inner}`);
      return iq;
    }
  }

  /** Signs off in order; resolves when the connection is gone. */
  async close(): Promise<void> {
    if (this.#socket.destroyed) return;
    const gone = new Promise((resolve) => this.#socket.once('close', resolve));
    this.onOctets ??= () => {};
    this.send(`<presence type='unavailable'/></stream:stream>`);
    const timer = setTimeout(() => this.#socket.destroy(), 3000);
    await gone;
    clearTimeout(timer);
  }

  #read(octets: Uint8Array): void {
    for (const event of this.#reader.push(octets)) {
      if (event.type === 'element') this.#arrived.push(event.element);
      if (event.type === 'fault') this.#fail(new Error(`the server sent what is no XML: ${event.fault.reason}`));
    }
    this.#wake?.();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  async #next(name: string): Promise<StreamElement> {
    for (;;) {
      for (let element = this.#arrived.shift(); element; element = this.#arrived.shift()) {
        if (element.name === name) return element;
        if (element.name === 'failure' || element.name === 'error')
          throw new Error(`the server said ${element.name} while ${name} was expected: ${element.inner}`);
      }
      if (this.#error) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
