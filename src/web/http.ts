// HTTP/1.x as phones of 2004, their proxies and their WAP gateways speak it. What has one plain meaning is taken, however
// odd it looks; what the parser refuses is answered in words, with a Content-Length, never chunked. (CSP all versions,
// "Transport binding"; RFC 9112)

import { constants } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Log } from '../base/log.ts';
import { believing } from './caller.ts';
import { limitConnections } from './connections.ts';
import { plainPath } from './plain-path.ts';
import { hasLength, headerBytesMax, type ParserError, refuse, refuseLate, refuseUnmeasured } from './refusals.ts';

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

/** Requests to `path` by `method`, answered without the framework: what phones ask every few seconds. */
export interface Direct {
  readonly method: string;
  readonly path: string;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A server without routes but that one. */
export const createHttp = (options: HttpOptions, direct: Direct): FastifyInstance => {
  const { log } = options;
  const web: FastifyInstance = Fastify({
    bodyLimit: options.bodyBytesMax,
    trustProxy: believing(options.trustedProxies),
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true },
    clientErrorHandler: (error: ParserError, socket: Socket) => refuse(error, socket, log),
    serverFactory: (others) => createNodeServer(options, direct, others),
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

const createNodeServer = (options: HttpOptions, direct: Direct, others: RequestListener): Server => {
  const { log, tls } = options;
  const requestMs = options.requestMs ?? requestMsDefault;
  const messageMs = options.messageMs ?? requestMsDefault;
  const serve: RequestListener = (request, response) => {
    const path = plainPath(request);
    if (request.method === 'POST') {
      if (!hasLength(request)) return refuseUnmeasured(request, response);
      // Where files may take longer, forms and CSP messages still may not.
      if (requestMs > messageMs) refuseLate(request, messageMs, log);
    }
    if (path === direct.path && request.method === direct.method) return direct.serve(request, response);
    request.url = path;
    others(request, response);
  };
  const node = {
    maxHeaderSize: headerBytesMax,
    headersTimeout: Math.min(requestMs, requestMsDefault),
    connectionsCheckingInterval: Math.min(expiryCheckMs, requestMs),
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestMs,
    // Phones behind a gateway that drops it; our answers never depend on it alone.
    requireHostHeader: false,
  };
  const server = tls
    ? createTlsServer({ ...node, key: tls.key, cert: tls.cert, ...(tls.isOld && oldTls) }, serve)
    : createServer(node, serve);
  // An expectation we do not know may be passed over (RFC 9110 §10.1.1).
  server.on('checkExpectation', serve);
  if (options.connectionsPerAddressMax !== undefined)
    limitConnections(server, options.connectionsPerAddressMax, believing(options.trustedProxies), log);
  return server;
};
