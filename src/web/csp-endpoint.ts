// The HTTP data channel of CSP (all versions, "Transport binding"): POST /csp, and POST on any path with a CSP content type.

import type { FastifyReply, FastifyRequest } from 'fastify';

export interface DataChannelRequest {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly userAgent: string | undefined;
  readonly remoteAddress: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
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
  const token = "[!#$%&'*+.^_`|~\\w-]+";
  const [found] = new RegExp(`^\\s*${token}/${token}`).exec(header) ?? [];
  if (found === undefined) return 'application/octet-stream';
  const rest = header.slice(found.length).trimStart();
  return rest === '' || rest.startsWith(';') ? header : found.trim();
};

export const isCspType = (contentType: string | undefined): boolean =>
  contentType !== undefined && /vnd\.wv\.csp/i.test(contentType);

/** Answers always carry Content-Length, also the empty one: phones do not take chunked or 204 for "nothing". */
export const answerCsp = async (channel: DataChannel, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const answer = await channel({
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
    contentType: request.headers['content-type'],
    userAgent: request.headers['user-agent'],
    remoteAddress: request.ip,
    headers: request.headers,
    gone: gone.signal,
  });
  const { delivered } = answer;
  if (delivered) {
    if (reply.raw.destroyed) delivered(false);
    else reply.raw.once('close', () => delivered(reply.raw.writableFinished));
  }
  reply.code(answer.status).header('content-length', answer.body.length);
  if (answer.contentType !== undefined) reply.header('content-type', answer.contentType);
  await reply.send(Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength));
};
