// CIR over HTTP (SHTTP, CSP 1.2 and 1.3, "CIR channel"): a phone GETs a URL of its own. 200: something waits, poll. 204: nothing.

import type { FastifyInstance } from 'fastify';

/** `token`: the unguessable part of a phone's URL. */
export type CirAsked = (token: string) => 'poll' | 'nothing' | 'unknown';

const statuses = { poll: 200, nothing: 204, unknown: 404 } as const;

export const serveCir = (web: FastifyInstance, asked: CirAsked): void => {
  web.route<{ Params: { token: string } }>({
    method: 'GET',
    url: '/cir/:token',
    // HEAD would use up what the next GET is to be told.
    exposeHeadRoute: false,
    handler: ({ params: { token } }, reply) => {
      const status = statuses[asked(token)];
      reply
        .code(status)
        // Operators' proxies of the time kept whatever was not forbidden them in all three ways.
        .header('cache-control', 'no-store, no-cache')
        .header('pragma', 'no-cache')
        .header('expires', '0');
      if (status !== 204) reply.header('content-length', 0);
      return reply.send();
    },
  });
};
