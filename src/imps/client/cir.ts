// The client's end of the CIR channel: says HELO, and knows a wake-up when it reads one. CSP "CIR: the wake-up channel".

import type { CirConnection, CirListener } from './transport.ts';

export interface CirEvents {
  /** WVCI: something waits, poll. */
  wake(): void;
  lost(): void;
  /** What a phone that looks at reads rather than lines could not make sense of, or lost. */
  refused(what: string): void;
}

/**
 * One STCP connection. `lines`: takes what it reads apart at line ends. `reads`: as Nokia S60, which swallows the first
 * read after HELO (and after PING) whole, and looks at how each other one begins.
 */
export class CirClient implements CirListener {
  readonly #cookie: string;
  readonly #how: 'lines' | 'reads';
  readonly #events: CirEvents;
  #connection: CirConnection | undefined;
  #expecting: { readonly resolve: () => void; readonly reject: (cause: Error) => void } | undefined;
  #rest = '';

  constructor(cookie: string, how: 'lines' | 'reads', events: CirEvents) {
    this.#cookie = cookie;
    this.#how = how;
    this.#events = events;
  }

  /** Says HELO; resolves when the server has answered it, rejects when it closes the connection instead. */
  greet(connection: CirConnection, sessionId: string): Promise<void> {
    this.#connection = connection;
    return this.#ask(`HELO ${sessionId}\r\n`);
  }

  /** Resolves when the server has answered it. */
  ping(): Promise<void> {
    return this.#ask('PING\r\n');
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  data(text: string): void {
    if (this.#how === 'reads') {
      this.#read(text);
      return;
    }
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n'); end >= 0; end = this.#rest.indexOf('\n')) {
      const line = this.#rest.slice(0, end).trim();
      this.#rest = this.#rest.slice(end + 1);
      if (line === 'OK') this.#answered();
      else if (this.#isWake(line)) this.#events.wake();
      else this.#events.refused(`'${line}' on the CIR connection`);
    }
  }

  closed(): void {
    const wasOpen = this.#connection !== undefined;
    this.#connection = undefined;
    const expecting = this.#expecting;
    this.#expecting = undefined;
    if (expecting) expecting.reject(new Error('the CIR connection was closed'));
    else if (wasOpen) this.#events.lost();
  }

  #ask(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#expecting = { resolve, reject };
      this.#connection?.send(line);
    });
  }

  #answered(): void {
    const expecting = this.#expecting;
    this.#expecting = undefined;
    expecting?.resolve();
  }

  #read(text: string): void {
    if (this.#expecting) {
      if (text.includes('WVCI')) this.#events.refused('WVCI in the same segment as the answer: lost');
      this.#answered();
    } else if (this.#isWake(text)) this.#events.wake();
    else if (!text.startsWith('OK')) this.#events.refused(`'${text.trim()}' on the CIR connection`);
  }

  #isWake(text: string): boolean {
    return text.startsWith('WVCI') && text.includes(this.#cookie);
  }
}

/** Whether a datagram is a wake-up for the session with this cookie. */
export const isWakeDatagram = (text: string, cookie: string): boolean =>
  text.startsWith('WVCI') && text.includes(cookie);
