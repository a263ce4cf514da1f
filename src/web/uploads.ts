// The HTTP side of XEP-0363 HTTP File Upload 1.2.0: PUT into a slot, GET for whoever knows the address. What strangers uploaded
// is shown so that no browser runs it (§11): as what it was said to be and nothing else, without script, mostly as a download.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { disposition } from '../server/uploads/names.ts';
import type { Uploads } from '../server/uploads/service.ts';

const statuses = { unknown: 404, forbidden: 403, wrong: 400, busy: 429, stalled: 408, slow: 408, failed: 500 } as const;
const words = {
  unknown: 'There is no such slot, or its time is over.',
  forbidden: 'The slot is not yours: its Authorization header is missing or wrong.',
  wrong: 'The file is not as long as the slot says.',
  busy: 'Too many files at a time. Try again in a moment.',
  stalled: 'Nothing came for too long.',
  slow: 'It comes too slowly, and others wait.',
  failed: 'The server could not store the file; its log says why.',
} as const;

type Params = { readonly Params: { readonly id: string; readonly name: string } };

export const serveUploads = async (scope: FastifyInstance, uploads: Uploads): Promise<void> => {
  // Bodies go to the disk piece by piece.
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  const path = `${uploads.path}/:id/:name`;

  // Web clients ask from pages of elsewhere; there are no cookies that could be misused.
  scope.addHook('onRequest', (_request, reply, done) => {
    reply.header('access-control-allow-origin', '*');
    done();
  });
  scope.options(path, (_request, reply) =>
    reply
      .code(204)
      .header('access-control-allow-methods', 'GET, HEAD, PUT')
      .header('access-control-allow-headers', 'Authorization, Content-Type')
      .header('access-control-max-age', '7200')
      .send(),
  );

  scope.put<Params>(path, { bodyLimit: uploads.limits.fileMax }, async (request, reply) => {
    const { 'content-length': given, authorization } = request.headers;
    const token = /^Bearer ([\w-]+)$/i.exec(authorization ?? '')?.[1];
    const length = given === undefined ? undefined : Number(given);
    const done = await uploads.receive(request.params.id, token, length, request.raw);
    if (done.ok) return say(reply, 201, 'Stored.');
    // What is left of the body is not waited for.
    reply.header('connection', 'close');
    return say(reply, statuses[done.fault], words[done.fault]);
  });

  const give = async (request: FastifyRequest<Params>, reply: FastifyReply): Promise<FastifyReply> => {
    const file = await uploads.find(request.params.id);
    if (!file) return say(reply, 404, 'There is no such file, or its time is over.');
    const tag = `"${request.params.id}"`;
    reply
      .header('content-type', file.type)
      .header('content-disposition', disposition(file.name, file.type))
      .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('cache-control', `private, max-age=86400, immutable`)
      .header('expires', new Date(file.expiresAt).toUTCString())
      .header('last-modified', new Date(file.storedAt).toUTCString())
      .header('etag', tag)
      .header('accept-ranges', 'bytes');
    if (request.headers['if-none-match'] === tag) return reply.code(304).send();
    const range = rangeOf(request, tag, file.size);
    if (range === 'beyond')
      return say(reply.header('content-range', `bytes */${file.size}`), 416, 'The file is not as long as that.');
    const length = range ? range.end - range.start + 1 : file.size;
    if (range) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.size}`);
    reply.header('content-length', length);
    if (request.method === 'HEAD') return reply.send(null);
    // Who asks for a file and does not read it keeps it open.
    reply.raw.setTimeout(uploads.limits.stalledMs, () => request.raw.socket.destroy());
    const octets = await file.open(range);
    return octets ? reply.send(octets) : say(reply.removeHeader('content-length'), 404, 'The file has just gone.');
  };
  scope.get<Params>(path, { exposeHeadRoute: false }, give);
  scope.head<Params>(path, give);
};

const say = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'text/plain; charset=utf-8')
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .removeHeader('content-disposition')
    .send(`${text}\n`);

/** One range of octets (RFC 9110 §14.2); what is not understood, or is several, is answered with the whole. */
const rangeOf = (
  { headers }: FastifyRequest,
  tag: string,
  size: number,
): { readonly start: number; readonly end: number } | 'beyond' | undefined => {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (headers['if-range'] !== undefined && headers['if-range'] !== tag) return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start >= size || (from === '' && Number(to) === 0) ? 'beyond' : end < start ? undefined : { start, end };
};
