// What handlers of pages read of a request, and how they answer.

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignUp } from './sign-up.ts';

export type Form = Readonly<Record<string, unknown>>;
export const field = (form: Form, name: string): string => (typeof form[name] === 'string' ? form[name] : '');
export const formOf = (request: FastifyRequest): Form =>
  request.body !== null && typeof request.body === 'object' && !Buffer.isBuffer(request.body)
    ? (request.body as Form)
    : {};

// The Host header is a stranger's text: anything but a host and port falls back to our own domain.
export const originOf = (request: FastifyRequest, signUp: Pick<SignUp, 'domain'>): string =>
  `${request.protocol}://${/^[A-Za-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/.test(request.host) ? request.host : signUp.domain}`;

export const showPage = (reply: FastifyReply, text: string, status = 200): FastifyReply =>
  reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    )
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .send(text);
