// The client's wake-up channels: which to offer, opening what was agreed, opening it again when it is lost.

import type { Clock } from '../../base/clock.ts';
import { CirClient, isWakeDatagram } from './cir.ts';
import type { CirConnection, CirOpener } from './transport.ts';

/** A lost connection is opened again after this long; then after 9, 27 and 27 s… as Android does. */
const retryMs = 3000;
const triesMax = 10;

export interface WakeUpOptions {
  readonly opener: CirOpener | undefined;
  readonly clock: Clock;
  readonly cookie: string;
  readonly how: 'lines' | 'reads';
  /** Something waits, or may have waited while the channel was lost: poll. */
  readonly wake: () => void;
  readonly complain: (what: string) => void;
}

export class WakeUp {
  readonly #options: WakeUpOptions;
  /** What the server agreed to, of what was offered. */
  methods: readonly string[] = [];
  #target: { readonly host: string; readonly port: number } | undefined;
  #sessionId = '';
  #tcp: CirClient | undefined;
  #udp: (CirConnection & { readonly port: number }) | undefined;
  #timer: Disposable | undefined;
  #isClosed = false;

  constructor(options: WakeUpOptions) {
    this.#options = options;
  }

  /** The methods to offer, and where datagrams are listened for. */
  async offer(): Promise<{ methods: readonly ('STCP' | 'SUDP')[]; udpPort: number | undefined }> {
    const { opener, cookie, wake, complain } = this.#options;
    this.#udp ??= await opener?.udp?.({
      data: (text) => (isWakeDatagram(text, cookie) ? wake() : complain(`datagram '${text.slice(0, 40)}'`)),
      closed: () => {},
    });
    const methods: ('STCP' | 'SUDP')[] = [];
    if (opener?.tcp) methods.push('STCP');
    if (this.#udp) methods.push('SUDP');
    return { methods, udpPort: this.#udp?.port };
  }

  agree(methods: readonly string[], host: string | undefined, port: number | undefined): void {
    const { opener } = this.#options;
    this.methods = methods.filter(
      (method) => (method === 'STCP' && opener?.tcp) || (method === 'SUDP' && this.#udp !== undefined),
    );
    this.#target = host !== undefined && port !== undefined ? { host, port } : undefined;
  }

  /** Opens the agreed TCP connection; does nothing where none was agreed. Rejects when it cannot be opened. */
  async open(sessionId: string): Promise<void> {
    const tcp = this.#options.opener?.tcp;
    const target = this.#target;
    if (!tcp || !target || !this.methods.includes('STCP') || this.#isClosed) return;
    this.#sessionId = sessionId;
    const cir = new CirClient(this.#options.cookie, this.#options.how, {
      wake: this.#options.wake,
      lost: () => this.#lost(cir),
      refused: this.#options.complain,
    });
    await cir.greet(await tcp(target.host, target.port, cir), sessionId);
    if (this.#isClosed) cir.close();
    else this.#tcp = cir;
  }

  get isOpen(): boolean {
    return this.#tcp !== undefined || (this.#udp !== undefined && this.methods.includes('SUDP'));
  }

  async ping(): Promise<void> {
    await this.#tcp?.ping();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    this.#tcp?.close();
    this.#udp?.close();
    this.#tcp = undefined;
    this.#udp = undefined;
  }

  #lost(cir: CirClient): void {
    if (this.#tcp !== cir) return;
    this.#tcp = undefined;
    this.#options.wake();
    this.#openAgain(0);
  }

  #openAgain(tries: number): void {
    if (tries >= triesMax || this.#isClosed) return;
    this.#timer = this.#options.clock.after(retryMs * 3 ** Math.min(tries, 2), () => {
      this.open(this.#sessionId).then(this.#options.wake, () => this.#openAgain(tries + 1));
    });
  }
}
