// One phone's kept-alive HTTP connection, as light as can be: a socket, one request at a time, answers by Content-Length. The
// load is not to weigh more than what it measures.

import { connect, type Socket } from 'node:net';

export type Answered = (status: number, body: Buffer) => void;

const endOfHead = Buffer.from('\r\n\r\n');

export class Wire {
  readonly #socket: Socket;
  #rest: Buffer | undefined;
  #answered: Answered | undefined;
  #failed: ((cause: Error) => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (cause) => this.#fail(cause));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
        socket.off('error', reject);
        resolve(new Wire(socket));
      });
      socket.once('error', reject);
    });
  }

  /** Sends a whole request. Its octets must stay as they are until `answered` is called. */
  ask(request: Uint8Array, answered: Answered, failed: (cause: Error) => void): void {
    this.#answered = answered;
    this.#failed = failed;
    this.#socket.write(request);
  }

  /** The same as a promise, with a copy of the body. */
  asked(request: Uint8Array): Promise<{ readonly status: number; readonly body: Buffer }> {
    return new Promise((resolve, reject) =>
      this.ask(request, (status, body) => resolve({ status, body: Buffer.from(body) }), reject),
    );
  }

  close(): void {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    const end = all.indexOf(endOfHead);
    const head = end < 0 ? '' : all.toString('latin1', 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const bodyAt = end + endOfHead.length;
    if (end < 0 || all.length < bodyAt + length) {
      this.#rest = all;
      return;
    }
    this.#rest = undefined;
    const answered = this.#answered;
    this.#answered = this.#failed = undefined;
    answered?.(Number(head.slice(9, 12)), all.subarray(bodyAt, bodyAt + length));
  }

  #fail(cause: Error): void {
    const failed = this.#failed;
    this.#answered = this.#failed = undefined;
    failed?.(cause);
  }
}
