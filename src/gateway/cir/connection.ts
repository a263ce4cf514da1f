// One TCP CIR connection: HELO names the session, PING keeps the way open, WVCI wakes the phone.

import type { Socket } from 'node:net';
import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import { LineReader, understand } from './lines.ts';
import { wakeUpText } from './wake-up.ts';

/**
 * COMPAT: Nokia S60 takes whatever its first read after HELO or PING brings as the answer; a WVCI in the same segment as OK
 * is lost. So WVCI keeps this distance. (Shown by cir/tcp.test.ts)
 */
const distanceMs = 1000;

/** Octets that may wait for a phone that does not read: it has stopped being a wake-up channel long before. */
const unreadMax = 4096;

export interface ConnectionHost {
  readonly host: Host;
  /** The session of a HELO, or undefined. */
  readonly recognise: (sessionId: string) => Session | undefined;
  /** The connection is this session's channel from now on. */
  readonly attached: (connection: Connection, session: Session) => void;
  readonly closed: (connection: Connection) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #owner: ConnectionHost;
  readonly #lines = new LineReader();
  readonly address: string;
  session: Session | undefined;
  #saidOkAt = Number.NEGATIVE_INFINITY;
  #pending: Disposable | undefined;
  #deadline: Disposable;
  #isClosed = false;

  constructor(socket: Socket, owner: ConnectionHost) {
    this.#socket = socket;
    this.#owner = owner;
    this.address = socket.remoteAddress ?? '';
    const { clock, settings } = owner.host;
    this.#deadline = clock.after(settings.cir.heloWithinS * 1000, () => this.close());
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (cause) => owner.host.log.debug({ err: cause }, 'a CIR connection broke'));
    socket.on('close', () => this.close());
  }

  /** Wakes the phone: now, or when the distance to the last OK is kept. */
  wake(): void {
    const { clock } = this.#owner.host;
    if (this.#isClosed || this.#pending) return;
    const waitMs = this.#saidOkAt + distanceMs - clock.mono();
    if (waitMs > 0) this.#pending = clock.after(waitMs, () => this.#write());
    else this.#write();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#pending?.[Symbol.dispose]();
    this.#deadline[Symbol.dispose]();
    this.#socket.destroy();
    this.#owner.closed(this);
  }

  #write(): void {
    this.#pending = undefined;
    if (this.session && !this.#isClosed) this.#socket.write(`${wakeUpText(this.session)}\r\n`);
  }

  #read(chunk: Uint8Array): void {
    for (const event of this.#lines.read(chunk)) {
      if (this.#isClosed) return;
      if (event.kind === 'too-long') return this.close();
      const said = understand(event.text);
      if (said.kind === 'helo') this.#helo(said.sessionId);
      else if (!this.session) this.close();
      else this.#ok();
    }
  }

  #helo(sessionId: string): void {
    const session = this.#owner.recognise(sessionId);
    if (!session) return this.close();
    this.session = session;
    this.#ok();
    this.#owner.attached(this, session);
  }

  #ok(): void {
    const { clock, settings } = this.#owner.host;
    if (this.#socket.writableLength > unreadMax) return this.close();
    this.#socket.write('OK\r\n');
    this.#saidOkAt = clock.mono();
    // A wake-up that was about to go keeps its distance from this OK as well.
    if (this.#pending) {
      this.#pending[Symbol.dispose]();
      this.#pending = undefined;
      this.wake();
    }
    this.#deadline[Symbol.dispose]();
    this.#deadline = clock.after(settings.cir.idleMaxS * 1000, () => this.close());
  }
}
