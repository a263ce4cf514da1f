// One TCP CIR connection: HELO names the session, PING keeps the way open, WVCI wakes the phone. Thousands of them stand idle
// for hours, so one holds nothing but its socket, its session and a few numbers: no timer, no buffer, no functions of its own.

import type { Socket } from 'node:net';
import type { MonoMs } from '../../base/clock.ts';
import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import { LineReader, understand } from './lines.ts';
import type { Swept } from './sweep.ts';
import { wakeUpText } from './wake-up.ts';

/**
 * COMPAT: Nokia S60 takes whatever its first read after HELO or PING brings as the answer; a WVCI in the same segment as OK
 * is lost. So WVCI keeps this distance. (Shown by cir/cir.test.ts)
 */
const distanceMs = 1000;

/** Octets that may wait for a phone that does not read: it has stopped being a wake-up channel long before. */
const unreadMax = 4096;

/** Lines between two sweeps: phones say one in many minutes. */
const linesMax = 100;

/**
 * The other end is asked after this long in silence, often enough to keep an address translation open, seldom enough for its
 * battery; with a patience that outlasts a tunnel.
 */
const probeAfterMs = 240_000;
const probeEveryMs = 30_000;
const probesMax = 6;

export interface ConnectionHost {
  readonly host: Host;
  /** The session of a HELO, or undefined. */
  readonly recognise: (sessionId: string) => Session | undefined;
  /** The connection is this session's channel from now on; `before`: what it was until then. */
  readonly attached: (connection: Connection, session: Session, before: Session | undefined) => void;
  readonly closed: (connection: Connection) => void;
}

export class Connection implements Swept {
  readonly #socket: Socket;
  readonly #owner: ConnectionHost;
  /** There while a line is incomplete. */
  #lines: LineReader | undefined;
  session: Session | undefined;
  closeAt: MonoMs;
  #saidOkAt: MonoMs = Number.NEGATIVE_INFINITY;
  #linesSinceSweep = 0;
  #pending: { readonly timer: Disposable; readonly sent: () => void } | undefined;
  #isClosed = false;

  constructor(socket: Socket, owner: ConnectionHost) {
    this.#socket = socket;
    this.#owner = owner;
    const { clock, settings } = owner.host;
    this.closeAt = clock.mono() + settings.cir.heloWithinS * 1000;
    socket.setNoDelay(true);
    keepAlive(socket);
    ofSocket.set(socket, this);
    socket.on('data', onData);
    socket.on('error', onError);
    socket.on('close', onClose);
  }

  /** Wakes the phone: now, or when the distance to the last OK is kept. `sent`: it has left. */
  wake(sent: () => void, unsent: (why: string) => void): void {
    const { clock } = this.#owner.host;
    if (this.#isClosed || this.#socket.writableLength > unreadMax) return unsent('unread');
    if (this.#pending) return;
    const waitMs = this.#saidOkAt + distanceMs - clock.mono();
    if (waitMs <= 0) this.#write(sent);
    else this.#pending = { sent, timer: clock.after(waitMs, () => this.#write(sent)) };
  }

  /** True when a wake-up was waiting for its distance: it does not go. */
  cancel(): boolean {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.timer[Symbol.dispose]();
    return pending !== undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.cancel();
    this.#socket.destroy();
    this.#owner.closed(this);
  }

  swept(): void {
    this.#linesSinceSweep = 0;
  }

  read(chunk: Uint8Array): void {
    const lines = this.#lines ?? new LineReader();
    for (const event of lines.read(chunk)) {
      if (this.#isClosed) return;
      if (event.kind === 'too-long' || ++this.#linesSinceSweep > linesMax) return this.close();
      const said = understand(event.text);
      if (said.kind === 'helo') this.#helo(said.sessionId);
      else if (!this.session) this.close();
      else this.#ok();
    }
    this.#lines = lines.isEmpty ? undefined : lines;
  }

  broken(cause: Error): void {
    this.#owner.host.log.debug({ err: cause }, 'a CIR connection broke');
  }

  #write(sent: () => void): void {
    this.#pending = undefined;
    if (!this.session || this.#isClosed) return;
    this.#socket.write(`${wakeUpText(this.session)}\r\n`);
    sent();
  }

  #helo(sessionId: string): void {
    const session = this.#owner.recognise(sessionId);
    if (!session) return this.close();
    const before = this.session;
    this.session = session;
    this.#ok();
    if (!this.#isClosed) this.#owner.attached(this, session, before);
  }

  #ok(): void {
    const { clock, settings } = this.#owner.host;
    if (this.#socket.writableLength > unreadMax) return this.close();
    this.#socket.write('OK\r\n');
    this.#saidOkAt = clock.mono();
    // A wake-up that was about to go keeps its distance from this OK as well.
    const { sent } = this.#pending ?? {};
    if (this.cancel() && sent) this.#pending = { sent, timer: clock.after(distanceMs, () => this.#write(sent)) };
    this.closeAt = clock.mono() + settings.cir.idleMaxS * 1000;
  }
}

/** One function for all sockets finds its connection here. */
const ofSocket = new WeakMap<Socket, Connection>();
function onData(this: Socket, chunk: Uint8Array): void {
  ofSocket.get(this)?.read(chunk);
}
function onError(this: Socket, cause: Error): void {
  ofSocket.get(this)?.broken(cause);
}
function onClose(this: Socket): void {
  ofSocket.get(this)?.close();
}

/** Node 24 takes the pace of the probes as well; older type definitions do not know. */
const keepAlive = (socket: Socket): void => {
  const set: (isOn: boolean, afterMs: number, everyMs: number, most: number) => unknown = socket.setKeepAlive;
  set.call(socket, true, probeAfterMs, probeEveryMs, probesMax);
};
