// The phone's ends of the wake-up channels, over real sockets, and a carrier of short messages that brings them at once.

import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { ShortMessage, SmsCarrier, SmsFault } from '../../../sms/carrier.ts';

/** A phone's end of a TCP CIR connection: what each read brought, in order. */
export class Wire {
  readonly #socket: Socket;
  readonly #reads: string[] = [];
  #next: (() => void) | undefined;
  isClosed = false;

  constructor(port: number, localAddress = '127.0.0.1') {
    this.#socket = connect({ host: '127.0.0.1', port, localAddress, noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#tell(() => this.#reads.push(text)));
    this.#socket.on('close', () => this.#tell(() => (this.isClosed = true)));
    this.#socket.on('error', () => {}); // Closing follows, which is what tests look at.
  }

  say(text: string): void {
    this.#socket.write(text);
  }

  /** The next read; '' when the connection was closed. */
  async read(): Promise<string> {
    while (!this.#reads.length && !this.isClosed) await new Promise<void>((resolve) => (this.#next = resolve));
    return this.#reads.shift() ?? '';
  }

  get isQuiet(): boolean {
    return this.#reads.length === 0;
  }

  close(): void {
    this.#socket.destroy();
  }

  #tell(change: () => unknown): void {
    change();
    this.#next?.();
  }
}

/** A phone's socket for datagrams. */
export class Ear {
  readonly #socket: DatagramSocket;
  readonly #heard: Buffer[] = [];
  #next: (() => void) | undefined;

  private constructor(socket: DatagramSocket) {
    this.#socket = socket;
    socket.on('message', (octets) => {
      this.#heard.push(octets);
      this.#next?.();
    });
  }

  static open(address = '127.0.0.1', port = 0): Promise<Ear> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, address, () => resolve(new Ear(socket)));
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  say(text: string, port: number, address = '127.0.0.1'): void {
    this.#socket.send(text, port, address);
  }

  async octets(): Promise<Uint8Array> {
    while (!this.#heard.length) await new Promise<void>((resolve) => (this.#next = resolve));
    return new Uint8Array(this.#heard.shift() as Buffer);
  }

  async text(): Promise<string> {
    return Buffer.from(await this.octets()).toString('latin1');
  }

  get isQuiet(): boolean {
    return this.#heard.length === 0;
  }

  close(): void {
    this.#socket.close();
  }
}

/** Brings every message at once, or fails as it is told. */
export class TestCarrier implements SmsCarrier {
  readonly name = 'test';
  readonly number = '46700000000';
  isUp = true;
  readonly sent: Omit<ShortMessage, 'from'>[] = [];
  fault: SmsFault | undefined;
  readonly #handsets = new Map<string, (message: Omit<ShortMessage, 'from'>) => void>();
  #listener: (message: ShortMessage) => Promise<void> = async () => {};

  async send(message: Omit<ShortMessage, 'from'>): Promise<Outcome<void, SmsFault>> {
    if (this.fault) return bad(this.fault);
    this.sent.push(message);
    this.#handsets.get(message.to)?.(message);
    return good(undefined);
  }

  onMessage(receive: (message: ShortMessage) => Promise<void>): void {
    this.#listener = receive;
  }

  /** A phone sends. */
  arrive(message: ShortMessage): Promise<void> {
    return this.#listener(message);
  }

  /** Somebody has that number, and hears what comes. */
  handset(number: string, hear: (message: Omit<ShortMessage, 'from'>) => void): void {
    this.#handsets.set(number, hear);
  }

  async close(): Promise<void> {}
}

/** Some turns of the event loop: what was under way over sockets has arrived. */
export const aMoment = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};
