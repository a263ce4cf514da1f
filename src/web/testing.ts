// For this folder's tests: requests as octets on a socket, in the pieces they are to travel in, and the answers as they came.

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  readonly version: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Spoken {
  /** How many answers to wait for; else all until the server closes. */
  readonly answers?: number;
  /** Close our side after the last piece, as `shutdown(SHUT_WR)`. */
  readonly halfClose?: boolean;
  /** Write piece by piece with so many ms between, so that each is a packet of its own. */
  readonly everyMs?: number;
}

/** Writes the pieces; resolves with the answers, in order. */
export const speak = async (
  port: number,
  pieces: readonly string[],
  { answers = Number.POSITIVE_INFINITY, halfClose = false, everyMs }: Spoken = {},
  open: () => Socket = () => connect(port, '127.0.0.1'),
): Promise<readonly RawAnswer[]> => {
  const socket = open();
  socket.setNoDelay(true);
  let text = '';
  const told = Promise.withResolvers<void>();
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part;
    if (read(text).length >= answers) told.resolve();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    // The server may have closed before it had read all.
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') told.resolve();
    else told.reject(error);
  });
  socket.on('close', () => told.resolve());
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece, 'latin1');
    if (everyMs !== undefined) await sleep(everyMs);
  }
  if (halfClose) socket.end();
  await told.promise;
  socket.destroy();
  return read(text);
};

/** Throws when an answer is chunked, coded, or without Content-Length: no answer of ours may be. */
const read = (text: string): readonly RawAnswer[] => {
  const answers: RawAnswer[] = [];
  for (let rest = text; ; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) return answers;
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const [, version = '', status = ''] = /^(HTTP\/1\.[01]) (\d{3})/.exec(first) ?? [];
    if (status === '') throw new Error(`not an answer: ${first}`);
    rest = rest.slice(end + 4);
    if (status === '100') continue;
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
    );
    if ('transfer-encoding' in headers || 'content-encoding' in headers || !('content-length' in headers))
      throw new Error(`an answer that phones do not read: ${first} ${lines.join(', ')}`);
    const length = Number(headers['content-length']);
    if (rest.length < length) return answers;
    answers.push({ status: Number(status), version, headers, body: rest.slice(0, length) });
    rest = rest.slice(length);
  }
};
