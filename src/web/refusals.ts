// What is refused before anybody looks at what it asks: in words, with a Content-Length, and the connection closed. (RFC 9112)

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../base/log.ts';
import { whenQuiet } from './hang-up.ts';

/** Octets of all headers of a request: phones send profiles and User-Agents of some hundreds. */
export const headerBytesMax = 16_384;

export const hasLength = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** Nobody can tell where its body ends: whatever follows would be taken for the next request. */
export const refuseUnmeasured = ({ socket }: IncomingMessage, response: ServerResponse): void => {
  refused.add(socket);
  refuseIn(response, 411, 'A body needs a Content-Length.');
};

/** … unless the whole of it has come within so many ms. Most come in one packet, and need no timer. */
export const refuseLate = (request: IncomingMessage, ms: number, log: Log): void =>
  process.nextTick(() => {
    if (request.complete || request.destroyed) return;
    const timer = setTimeout(() => refuse(lateError, request.socket, log), ms);
    request.once('close', () => clearTimeout(timer));
  });

/** An answer to a request that is there, though not the whole of it: what follows is not read as another. */
export const refuseIn = (response: ServerResponse, status: number, words: string): void => {
  const body = `${words}\n`;
  response.writeHead(status, {
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
};

export interface ParserError extends Error {
  readonly code?: string;
  /** The parser's own words. */
  readonly reason?: string;
}

const lateError: ParserError = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

/** Answered already, or about to be: the parser comes to more that it does not take. */
const refused = new WeakSet<Socket>();

/**
 * What the parser does not take has no request to answer: written to the socket as it is, behind the answers to what was whole
 * before it, and the socket closed. (Phones send octets behind a body that they did not count.)
 */
export const refuse = (error: ParserError, socket: Socket, log: Log): void => {
  if (refused.has(socket)) return;
  refused.add(socket);
  // A request in the same packet has come to its end, but nobody has been told.
  setImmediate(() => whenQuiet(socket, () => refuseOver(error, socket, log)));
};

const refuseOver = ({ code, reason, message }: ParserError, socket: Socket, log: Log): void => {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, words] =
    code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', `The headers are larger than ${headerBytesMax} octets.`]
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request took too long to arrive.']
        : ['400 Bad Request', `This is not HTTP that can be read: ${reason ?? message}.`];
  log.debug({ remote: socket.remoteAddress, code, reason }, 'what came was not HTTP that can be read');
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(words) + 1}\r\nConnection: close\r\n\r\n${words}\n`,
    () => socket.destroy(),
  );
};
