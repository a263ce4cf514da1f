// The client's transports in Node.

import { createSocket } from 'node:dgram';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import type { CirConnection, CirListener, CirOpener, HttpAnswer, Post } from './transport.ts';

export interface HttpOptions {
  /** Of the whole exchange. Default 45 s, as Android's. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The most octets of an answer that are read. Default 4 MiB. */
  readonly bytesMax?: number;
}

/** POSTs to the URL over one kept-alive connection. Dispose to close it. */
export const httpPost = (url: string, options: HttpOptions = {}): Post & Disposable => {
  const { timeoutMs = 45_000, headers = {}, bytesMax = 4 * 1024 * 1024 } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const post: Post = (body, contentType) =>
    new Promise<HttpAnswer>((resolve, reject) => {
      const sent = request(
        url,
        {
          method: 'POST',
          agent,
          signal: AbortSignal.timeout(timeoutMs),
          headers: { ...headers, 'Content-Type': contentType, 'Content-Length': body.length },
        },
        (answer) => {
          const pieces: Buffer[] = [];
          let size = 0;
          answer.on('data', (piece: Buffer) => {
            size += piece.length;
            if (size <= bytesMax) pieces.push(piece);
            else {
              reject(new Error('the answer is too long'));
              sent.destroy();
            }
          });
          answer.on('error', reject);
          answer.on('end', () =>
            resolve({
              status: answer.statusCode ?? 0,
              contentType: answer.headers['content-type'],
              body: new Uint8Array(Buffer.concat(pieces)),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  return Object.assign(post, { [Symbol.dispose]: () => agent.destroy() });
};

/** TCP CIR connections to wherever the server says. `host` replaces the host told, for servers behind a forwarded port. */
export const tcpCir = (host?: string): NonNullable<CirOpener['tcp']> => {
  return (told: string, port: number, listener: CirListener): Promise<CirConnection> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: host ?? told, port, noDelay: true, timeout: 20_000 });
      socket.once('timeout', () => socket.destroy(new Error('no CIR connection within 20 s')));
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.setTimeout(0);
        socket.setEncoding('utf8');
        socket.on('data', (text: string) => listener.data(text));
        socket.on('close', () => listener.closed());
        socket.off('error', reject);
        // 'close' follows: the listener hears of it there.
        socket.on('error', () => {});
        resolve({ send: (text) => void socket.write(text), close: () => void socket.destroy() });
      });
    });
};

/** Listens for CIR datagrams on a free port of that address. */
export const udpCir = (address = '127.0.0.1'): NonNullable<CirOpener['udp']> => {
  return (listener: CirListener): Promise<CirConnection & { port: number }> =>
    new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.once('error', reject);
      socket.on('message', (datagram) => listener.data(datagram.toString('utf8')));
      socket.on('close', () => listener.closed());
      socket.bind(0, address, () =>
        resolve({
          port: socket.address().port,
          send: () => {
            throw new Error('phones send nothing over CIR datagrams');
          },
          close: () => socket.close(),
        }),
      );
    });
};
