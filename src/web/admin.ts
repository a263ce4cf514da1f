// The admin API: for programs of the operator, who show a secret. Off unless the configuration names one.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../base/log.ts';
import type { Outcome } from '../base/outcome.ts';

export interface Admin {
  /** At least 20 characters. */
  readonly token: string;
  /** What an account is shown of its contacts; the fault is a sentence. */
  presence(address: string): Promise<Outcome<object, { readonly text: string }>>;
}

export const tokenCharactersMin = 20;

export const serveAdmin = (web: FastifyInstance, admin: Admin, log: Log): void => {
  web.get<{ Params: { address: string } }>('/admin/api/presence/:address', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    if (!mayAsk(admin, request, reply, log)) return reply;
    const report = await admin.presence(request.params.address);
    return report.ok ? reply.send(report.value) : reply.code(404).send({ error: report.fault.text });
  });
};

/** Answers whoever may not. */
const mayAsk = ({ token }: Admin, request: FastifyRequest, reply: FastifyReply, log: Log): boolean => {
  // The secret is not to be sent in the clear over a network.
  if (request.protocol !== 'https' && !isLoopback(request.ip)) {
    reply.code(403).send({ error: 'the admin API answers over TLS, or from this machine' });
    return false;
  }
  const [, given = ''] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (timingSafeEqual(digest(given), digest(token))) return true;
  log.warn({ remote: request.ip }, 'the admin API was asked without the right secret');
  reply.code(401).header('www-authenticate', 'Bearer').send({ error: 'show the secret of web.admin_token_file' });
  return false;
};

/** Digests are of one length, whatever was given. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isLoopback = (address: string): boolean => /^(?:::ffff:)?127\.|^::1$/.test(address);
