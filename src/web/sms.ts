// Where a gateway for short messages, Kannel or the like, brings those that phones send: GET or POST on /sms/incoming.

import type { FastifyInstance } from 'fastify';
import type { KannelIncoming } from '../sms/kannel/carrier.ts';

/** A message has 140 octets; a gateway that joined the parts of a long one brings them all. */
const bodyBytesMax = 65_536;

export const serveSms = (web: FastifyInstance, incoming: KannelIncoming): void => {
  web.route({
    method: ['GET', 'POST'],
    url: '/sms/incoming',
    bodyLimit: bodyBytesMax,
    handler: async ({ raw, body, ip: remoteAddress }, reply) => {
      const url = raw.url ?? '';
      const at = url.indexOf('?');
      const answer = await incoming({
        method: raw.method ?? '',
        query: at < 0 ? '' : url.slice(at + 1),
        headers: raw.headers,
        body: Buffer.isBuffer(body) ? body : new Uint8Array(),
        remoteAddress,
      });
      // What a message is answered with, Kannel would send to the phone.
      return reply.code(answer.status).header('content-type', 'text/plain; charset=utf-8').send(answer.text);
    },
  });
};
