// A component on an in-memory socket that says exactly what a test tells it to, and remembers what it was told.

import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { handshakeOf } from './handshake.ts';

export class ScriptedComponent {
  /** The server's end of the socket. */
  readonly far: Duplex;
  readonly #near: Duplex;
  /** Everything received that no `takes` has taken. */
  text = '';
  isClosed = false;
  /** Answers every ping of the server's by itself. */
  answersPings = true;

  constructor() {
    const [near, far] = duplexPair();
    this.#near = near;
    this.far = far;
    near.setEncoding('utf8');
    near.on('data', (text: string) => {
      this.text += text;
      if (this.answersPings) this.#pong();
    });
    near.on('error', () => {});
    near.on('end', () => {
      this.isClosed = true;
      near.end();
    });
    near.on('close', () => {
      this.isClosed = true;
    });
  }

  says(text: string): void {
    this.#near.write(text);
  }

  saysOctets(octets: Uint8Array): void {
    this.#near.write(octets);
  }

  /** Reads nothing from now on. */
  sleeps(): void {
    this.#near.pause();
  }

  wakesUp(): void {
    this.#near.resume();
  }

  /** The connection breaks. */
  drop(): void {
    this.#near.destroy();
    this.far.destroy();
  }

  opens(domain: string, namespace = 'jabber:component:accept'): void {
    this.says(`<stream:stream xmlns='${namespace}' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`);
  }

  /** Header and handshake, up to the server's answer. */
  async connects(domain: string, secret: string): Promise<void> {
    this.opens(domain);
    const header = await this.takes(/<stream:stream [^>]*>/);
    const id = /\bid='([^']+)'/.exec(header)?.[1];
    assert(id, header);
    this.says(`<handshake>${handshakeOf(id, secret)}</handshake>`);
    await this.takes(/<handshake\/>|<stream:error>.*<\/stream:error>/);
  }

  /** Waits until the pattern has come, and takes everything up to its end; gives up when the event loop has nothing more. */
  async takes(pattern: RegExp): Promise<string> {
    for (let round = 0; round < 300; round++) {
      const found = pattern.exec(this.text);
      if (found) {
        const end = found.index + found[0].length;
        const taken = this.text.slice(0, end);
        this.text = this.text.slice(end);
        return taken;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new assert.AssertionError({ message: `${pattern} did not come, but: ${this.text}` });
  }

  #pong(): void {
    const ping = /<iq from='([^']+)' to='([^']+)' type='get' id='([^']+)'><ping xmlns='urn:xmpp:ping'\/><\/iq>/;
    for (let found = ping.exec(this.text); found; found = ping.exec(this.text)) {
      const [whole, from, to, id] = found;
      this.text = this.text.replace(whole, '');
      this.says(`<iq from='${to}' to='${from}' type='result' id='${id}'/>`);
    }
  }
}

/** Lets everything happen that needs no time. */
export const quiet = async (rounds = 20): Promise<void> => {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve));
};
