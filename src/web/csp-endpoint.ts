// The HTTP data channel of CSP (all versions, "Transport binding"): POST /csp, and POST on any path with a CSP content type.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../base/log.ts';
import { type Believes, believing, callerOf, namesCaller, withoutCaller } from './caller.ts';
import { whenOver } from './hang-up.ts';
import { hopsOf, schemeOf } from './hops.ts';
import { refuseIn } from './refusals.ts';

export interface DataChannelRequest {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly userAgent: string | undefined;
  readonly remoteAddress: string;
  /** 'http' or 'https', as the phone sees it. */
  readonly scheme: string;
  /** Without those that name a telephone number: `msisdn` has the one that can be believed. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The phone's number in digits, from a gateway that may say so. */
  readonly msisdn?: string | undefined;
  /** Aborted when the phone hangs up before it has its answer. */
  readonly gone: AbortSignal;
}

export interface DataChannelAnswer {
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly body: Uint8Array;
  /** Told whether the whole answer left: what did not goes again at once. */
  readonly delivered?: (delivered: boolean) => void;
}

export type DataChannel = (request: DataChannelRequest) => Promise<DataChannelAnswer>;

export interface CspEndpointOptions {
  readonly dataChannel: DataChannel;
  /** Octets of a body. */
  readonly bodyBytesMax: number;
  /** Proxies whose X-Forwarded-For is believed, and gateways that are believed about a phone's number. */
  readonly trustedProxies: readonly string[];
  readonly numberGateways?: readonly string[];
  readonly log: Log;
}

/** Takes a POST and answers it. What the channel fails on is logged, and answered by 500. */
export const cspEndpoint = (
  options: CspEndpointOptions,
): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const { dataChannel, bodyBytesMax, log } = options;
  const trusts = believing(options.trustedProxies);
  const believes = believing(options.numberGateways ?? []);
  return (request, response) =>
    readBody(request, bodyBytesMax, (body) => {
      if (body === undefined) return refuseIn(response, 413, `The body is too large: ${bodyBytesMax} octets at most.`);
      answerCsp(dataChannel, body, request, response, trusts, believes).catch((cause: unknown) => {
        log.error({ err: cause, path: '/csp' }, 'an HTTP request failed');
        if (!response.headersSent) refuseIn(response, 500, 'The server failed; its log says why.');
      });
    });
};

/** Calls back once: with the whole body, or with nothing as soon as it is known to be too large. Never when it is cut off. */
const readBody = (request: IncomingMessage, bytesMax: number, read: (body: Uint8Array | undefined) => void): void => {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return read(undefined);
  const pieces: Buffer[] = [];
  let length = 0;
  request.on('data', (piece: Buffer) => {
    if (length > bytesMax) return;
    length += piece.length;
    if (length > bytesMax) read(undefined);
    else pieces.push(piece);
  });
  request.once('end', () => {
    // A copy: the parser may use its memory again.
    if (length <= bytesMax) read(Buffer.concat(pieces, length));
  });
};

/** Answers always carry Content-Length, also the empty one: phones do not take chunked or 204 for "nothing". */
const answerCsp = async (
  channel: DataChannel,
  body: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
  trusts: Believes,
  believes: Believes,
): Promise<void> => {
  const { headers, socket } = request;
  const hops = hopsOf(request, trusts);
  const isNamed = namesCaller(headers);
  const gone = new AbortController();
  let delivered: DataChannelAnswer['delivered'];
  whenOver(response, socket, (isSent) => {
    if (!isSent) gone.abort();
    delivered?.(isSent);
  });
  const answer = await channel({
    body,
    contentType: headers['content-type'],
    userAgent: headers['user-agent'],
    remoteAddress: hops.at(-1) ?? '',
    scheme: schemeOf(request, trusts),
    headers: isNamed ? withoutCaller(headers) : headers,
    msisdn: isNamed ? callerOf(headers, hops, believes) : undefined,
    gone: gone.signal,
  });
  // It hung up while the answer was being made.
  if (gone.signal.aborted) return answer.delivered?.(false);
  delivered = answer.delivered;
  const { status, contentType, body: octets } = answer;
  response.writeHead(status, {
    ...(contentType !== undefined && { 'content-type': contentType }),
    'content-length': octets.length,
  });
  if (octets.length > textBytesMax) response.end(octets);
  // As text, whose every character is an octet, it leaves in one piece with the headers.
  else response.end(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1'), 'latin1');
};

/** Larger ones are worth a piece of their own. */
const textBytesMax = 8192;

/** Other methods at the address of the data channel: people who look what is there. */
export const tellPeople = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply
    .code(405)
    .header('allow', 'POST')
    .header('content-type', 'text/plain; charset=utf-8')
    .send('This is the address to type into a phone; phones POST to it.\n');
