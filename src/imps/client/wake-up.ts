// The client's wake-up channels: which to offer, opening what was agreed, opening it again when it is lost.

import type { Clock } from '../../base/clock.ts';
import { CirClient, isWakeDatagram } from './cir.ts';
import type { CirConnection, CirOpener } from './transport.ts';

/** A lost connection is opened again after this long; then after 9, 27 and 27 s… as Android does. */
const retryMs = 3000;
const triesMax = 10;

/** A phone with SHTTP asks this often, as Android does. */
const askEveryMs = 10_000;

export type CirMethod = 'STCP' | 'SUDP' | 'WAPUDP' | 'WAPSMS' | 'SSMS' | 'SHTTP';

/** Of the agreed capabilities. */
export interface CirTerms {
  readonly methods: readonly string[];
  readonly tcp: { readonly host: string; readonly port: number } | undefined;
  readonly url: string | undefined;
}

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
  #target: CirTerms['tcp'];
  #url: string | undefined;
  #sessionId = '';
  #tcp: CirClient | undefined;
  #udp: (CirConnection & { readonly port: number }) | undefined;
  #timer: Disposable | undefined;
  #isClosed = false;

  constructor(options: WakeUpOptions) {
    this.#options = options;
  }

  /** The methods to offer, and where datagrams are listened for. */
  async offer(): Promise<{ methods: readonly CirMethod[]; udpPort: number | undefined }> {
    const { opener, cookie, wake, complain } = this.#options;
    const listener = {
      data: (text: string) => (isWakeDatagram(text, cookie) ? wake() : complain(`wake-up '${text.slice(0, 40)}'`)),
      closed: () => {},
    };
    this.#udp ??= await opener?.udp?.(listener);
    opener?.arrivals?.listen(listener);
    const methods: CirMethod[] = [];
    if (opener?.tcp) methods.push('STCP');
    if (this.#udp) methods.push('SUDP');
    if (opener?.arrivals) methods.push(...opener.arrivals.methods);
    if (opener?.get) methods.push('SHTTP');
    return { methods, udpPort: this.#udp?.port };
  }

  agree({ methods, tcp, url }: CirTerms): void {
    const { opener } = this.#options;
    const can: Readonly<Record<string, boolean>> = {
      STCP: opener?.tcp !== undefined && tcp !== undefined,
      SUDP: this.#udp !== undefined,
      SHTTP: opener?.get !== undefined && url !== undefined,
    };
    const arriving: readonly string[] = opener?.arrivals?.methods ?? [];
    this.methods = methods.filter((method) => can[method] || arriving.includes(method));
    this.#target = tcp;
    this.#url = url;
  }

  /** SHTTP: asks once whether something waits, and polls if so. A failure is the end of the channel, as for Android. */
  async ask(): Promise<void> {
    const get = this.#options.opener?.get;
    if (!get || this.#url === undefined || this.#isClosed) return;
    const status = await get(this.#url).catch((cause: unknown) => String(cause));
    if (status === 200) this.#options.wake();
    else if (status !== 204) {
      this.#options.complain(`${status} at the CIR URL`);
      this.#url = undefined;
    }
  }

  /** Opens the agreed TCP connection; does nothing where none was agreed. Rejects when it cannot be opened. */
  async open(sessionId: string): Promise<void> {
    const { tcp } = this.#options.opener ?? {};
    // One channel of the phone's own: TCP where it is agreed, else HTTP.
    if (this.methods.includes('SHTTP') && !this.methods.includes('STCP')) this.#askLater();
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
    return (
      this.#tcp !== undefined ||
      (this.methods.includes('SHTTP') && this.#url !== undefined) ||
      this.methods.some((method) => method !== 'STCP' && method !== 'SHTTP')
    );
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

  #askLater(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#isClosed || this.#url === undefined) return;
    this.#timer = this.#options.clock.after(askEveryMs, () => void this.ask().then(() => this.#askLater()));
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
