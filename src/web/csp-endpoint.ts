// The HTTP data channel of CSP (all versions, "Transport binding"): POST /csp, and POST on any path with a CSP content type.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Believes, callerOf, withoutCaller } from './caller.ts';
import { whenOver } from './hang-up.ts';

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

/**
 * A Content-Type header that HTTP has a form for: phones and old proxies write what has none ("a/b charset=utf-8",
 * "a/b, c/d", a bare word), which would be refused before anybody looks at the body.
 */
export const wellFormedType = (header: string): string => {
  const [found] = typeAndSubtype.exec(header) ?? [];
  if (found === undefined) return 'application/octet-stream';
  const rest = header.slice(found.length).trimStart();
  return rest === '' || rest.startsWith(';') ? header : found.trim();
};

const typeAndSubtype = /^\s*[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+/;

export const isCspType = (contentType: string | undefined): boolean =>
  contentType !== undefined && /vnd\.wv\.csp/i.test(contentType);

/** Answers always carry Content-Length, also the empty one: phones do not take chunked or 204 for "nothing". */
export const answerCsp = async (
  channel: DataChannel,
  request: FastifyRequest,
  reply: FastifyReply,
  believes: Believes,
): Promise<void> => {
  const { headers, raw } = request;
  const gone = new AbortController();
  let delivered: DataChannelAnswer['delivered'];
  whenOver(reply.raw, raw.socket, (isSent) => {
    if (!isSent) gone.abort();
    delivered?.(isSent);
  });
  const answer = await channel({
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
    contentType: headers['content-type'],
    userAgent: headers['user-agent'],
    remoteAddress: request.ip,
    scheme: request.protocol,
    headers: withoutCaller(headers),
    msisdn: callerOf(headers, () => request.ips ?? [request.ip], believes),
    gone: gone.signal,
  });
  // It hung up while the answer was being made.
  if (gone.signal.aborted) return answer.delivered?.(false);
  delivered = answer.delivered;
  reply.code(answer.status).header('content-length', answer.body.length);
  if (answer.contentType !== undefined) reply.header('content-type', answer.contentType);
  const { buffer, byteOffset, byteLength } = answer.body;
  // Nothing, said as text, leaves in one piece with the headers.
  await reply.send(byteLength === 0 ? '' : Buffer.from(buffer, byteOffset, byteLength));
};

/** Other methods at the address of the data channel: people who look what is there. */
export const tellPeople = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply
    .code(405)
    .header('allow', 'POST')
    .header('content-type', 'text/plain; charset=utf-8')
    .send('This is the address to type into a phone; phones POST to it.\n');
