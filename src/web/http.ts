// HTTP/1.x as phones of 2004, their proxies and their WAP gateways speak it. What has one plain meaning is taken, however
// odd it looks; what the parser refuses is answered in words, with a Content-Length, never chunked. (CSP all versions,
// "Transport binding"; RFC 9112)

import { constants } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Log } from '../base/log.ts';
import { believing } from './caller.ts';
import { limitConnections } from './connections.ts';
import { isCspType, wellFormedType } from './csp-endpoint.ts';

export interface HttpOptions {
  /** Largest request body, octets. */
  readonly bodyBytesMax: number;
  /** Addresses or networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Addresses or networks of WAP gateways that are believed about a phone's number. */
  readonly numberGateways?: readonly string[];
  readonly tls?: TlsOptions | undefined;
  /** Connections at a time from one address that is no trusted proxy; undefined: any number. */
  readonly connectionsPerAddressMax?: number | undefined;
  /** How long a whole request may take to arrive, ms. */
  readonly requestMs?: number | undefined;
  /** … a form or a message of CSP among them, where files may take longer. */
  readonly messageMs?: number | undefined;
  readonly log: Log;
}

export interface TlsOptions {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  /** TLS 1.0 and the ciphers of its time: safe against nobody who means it. */
  readonly isOld?: boolean;
}

/** Octets of all headers of a request: phones send profiles and User-Agents of some hundreds. */
const headerBytesMax = 16_384;
/** A GPRS phone takes seconds for its 100 kB; who takes a minute is gone, or holds connections for the sake of it. */
const requestMsDefault = 60_000;
const expiryCheckMs = 5000;
/** Phones keep connections for minutes and poll; an idle one is closed after that. */
const keepAliveMs = 320_000;

/**
 * What OpenSSL 3 still has of 2004: TLS 1.0 to 1.2, AES-CBC with SHA-1, RSA key exchange first because it costs a phone
 * least. 3DES, RC4 and SSL 3 are compiled out of it: phones that know nothing better stay outside.
 */
const oldTls = {
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.2',
  ciphers: 'AES128-SHA:AES256-SHA:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256:@SECLEVEL=0',
  honorCipherOrder: true,
  // Old stacks end a connection on the empty record that OpenSSL puts before the first.
  secureOptions: constants.SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS,
  handshakeTimeout: 30_000,
} as const;

/** A server without routes. CSP bodies reach handlers as octets, whatever the phone or a proxy says they are. */
export const createHttp = (options: HttpOptions): FastifyInstance => {
  const { log, tls } = options;
  const requestMs = options.requestMs ?? requestMsDefault;
  const node = {
    maxHeaderSize: headerBytesMax,
    headersTimeout: Math.min(requestMs, requestMsDefault),
    connectionsCheckingInterval: Math.min(expiryCheckMs, requestMs),
    // Phones behind a gateway that drops it; our answers never depend on it alone.
    requireHostHeader: false,
  };
  const common = {
    bodyLimit: options.bodyBytesMax,
    trustProxy: [...options.trustedProxies],
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestMs,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
    rewriteUrl: (request: IncomingMessage) => plainRequest(request),
    clientErrorHandler: (error: ParserError, socket: Socket) => refuse(error, socket, log),
  };
  const web = (tls
    ? Fastify({ ...common, https: { ...node, key: tls.key, cert: tls.cert, ...(tls.isOld && oldTls) } })
    : Fastify({ ...common, http: node })) as unknown as FastifyInstance;

  if (options.connectionsPerAddressMax !== undefined)
    limitConnections(web.server, options.connectionsPerAddressMax, believing(options.trustedProxies), log);

  // An expectation we do not know may be passed over (RFC 9110 §10.1.1).
  web.server.on('checkExpectation', (request, response) => web.server.emit('request', request, response));

  // Nobody can tell where its body ends: whatever follows would be taken for the next request.
  web.addHook('onRequest', (request, reply, done) => {
    const { method, headers, socket } = request.raw;
    if (method !== 'POST' || 'content-length' in headers || 'transfer-encoding' in headers) return done();
    refused.add(socket);
    reply
      .code(411)
      .header('connection', 'close')
      .header('content-type', 'text/plain; charset=utf-8')
      .send('A body needs a Content-Length.\n');
  });
  // Where files may take longer, forms and CSP messages still may not.
  const messageMs = options.messageMs ?? requestMsDefault;
  if (requestMs > messageMs)
    web.addHook('onRequest', ({ raw }, _reply, done) => {
      if (raw.method === 'POST' && !raw.complete) {
        const late = (): void => refuse(lateError, raw.socket, log);
        const timer = setTimeout(late, messageMs);
        raw.once('close', () => clearTimeout(timer));
      }
      done();
    });
  web.removeAllContentTypeParsers();
  web.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  web.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log.error({ err: error, path: request.url.split('?')[0] }, 'an HTTP request failed');
    return reply
      .code(status)
      .header('content-type', 'text/plain; charset=utf-8')
      .send(status >= 500 ? 'The server failed; its log says why.\n' : `${error.message}\n`);
  });
  return web;
};

/** The path to route by; headers that HTTP has no form for are given one. Called before anything else looks at them. */
const plainRequest = ({ headers, method, url = '/' }: IncomingMessage): string => {
  if (headers['content-type'] !== undefined) headers['content-type'] = wellFormedType(headers['content-type']);
  // To a proxy, which we are to phones that have us as theirs (RFC 9112 §3.2.2).
  const [, authority, rest] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (authority) headers.host = authority;
  const path = rest ?? url;
  // A CSP body is CSP wherever it is sent: operators' settings had many paths, and phones keep them.
  if (method === 'POST' && isCspType(headers['content-type'])) return '/csp';
  if (/^\/+csp\/*(?:\?|$)/i.test(path)) return '/csp';
  // What stands behind the question mark is no text: short messages come in there.
  return path.startsWith('/') && isDecodable(path.split('?', 1)[0] ?? '') ? path : `/${encodeURIComponent(path)}`;
};

const isDecodable = (path: string): boolean => {
  try {
    return decodeURI(path) !== '';
  } catch {
    return false;
  }
};

interface ParserError extends Error {
  readonly code?: string;
  /** The parser's own words. */
  readonly reason?: string;
}

const lateError: ParserError = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });

/** Answered already, before the parser came to what it does not take. */
const refused = new WeakSet<Socket>();

/** What the parser does not take has no request to answer: written to the socket as it is, and the socket closed. */
const refuse = ({ code, reason, message }: ParserError, socket: Socket, log: Log): void => {
  if (refused.has(socket)) return;
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
