// The HTTP application: CSP endpoint, sign-up pages, health and metrics.

import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';
import type { Uploads } from '../server/uploads/service.ts';
import type { KannelIncoming } from '../sms/kannel/carrier.ts';
import { type Admin, serveAdmin } from './admin.ts';
import { type CirAsked, serveCir } from './cir-endpoint.ts';
import { cspEndpoint, type DataChannel, tellPeople } from './csp-endpoint.ts';
import { createHttp, type HttpOptions } from './http.ts';
import type { Metrics } from './metrics.ts';
import { homePage } from './pages/home.ts';
import { linkedPage, linkPage, unlinkedPage } from './pages/link.ts';
import { registeredPage, registerPage } from './pages/register.ts';
import { familyOf } from './phones/families.ts';
import { field, formOf, originOf, showPage } from './requests.ts';
import type { SettingsDesk } from './settings-desk.ts';
import { serveSettings } from './settings-routes.ts';
import type { SignUp } from './sign-up.ts';
import { serveSms } from './sms.ts';
import { serveUploads } from './uploads.ts';

export interface PhoneDoorParts extends HttpOptions {
  readonly dataChannel: DataChannel;
  /** Undefined: no phone has a URL to ask whether something waits. */
  readonly cirAsked?: CirAsked | undefined;
}

export interface WebParts extends PhoneDoorParts {
  readonly signUp: SignUp;
  /** Undefined: no settings are sent as messages. */
  readonly settingsDesk?: SettingsDesk | undefined;
  readonly metrics: Metrics;
  /** Undefined when all is well; otherwise what is not, in one line. */
  readonly health: () => Promise<string | undefined>;
  /** Undefined: there is no admin API. */
  readonly admin?: Admin | undefined;
  /** Undefined: no gateway for short messages brings any. */
  readonly smsIncoming?: KannelIncoming | undefined;
  /** Undefined: no files are uploaded. */
  readonly uploads?: Uploads | undefined;
}

/** The data channel of phones and nothing else, ready to listen. */
export const createPhoneDoor = (parts: PhoneDoorParts): FastifyInstance => {
  const web = createHttp(parts, { method: 'POST', path: '/csp', serve: cspEndpoint(parts) });
  web.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .header('content-type', 'text/plain; charset=utf-8')
      .send('There is nothing here. Phones: /csp. People: /\n'),
  );
  web.route({ method: ['GET', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'], url: '/csp', handler: tellPeople });
  if (parts.cirAsked) serveCir(web, parts.cirAsked);
  return web;
};

/** The application, ready to listen. Closing it ends every connection: what was asked is done, and a phone asks once more. */
export const createWeb = async (parts: WebParts): Promise<FastifyInstance> => {
  const { log } = parts;
  const web = createPhoneDoor(parts);

  web.get('/healthz', async (_request, reply) => {
    const trouble = await parts.health();
    return reply
      .code(trouble === undefined ? 200 : 503)
      .header('content-type', 'text/plain; charset=utf-8')
      .send(`${trouble ?? 'ok'}\n`);
  });
  web.get('/metrics', async (_request, reply) =>
    reply.header('content-type', parts.metrics.contentType).send(await parts.metrics.text()),
  );
  if (parts.admin) serveAdmin(web, parts.admin, log);
  const { uploads } = parts;
  if (uploads) await web.register(async (scope) => serveUploads(scope, uploads));
  if (parts.smsIncoming) serveSms(web, parts.smsIncoming);
  await web.register(async (scope) => servePages(scope, parts));
  return web;
};

const servePages = async (pages: FastifyInstance, { signUp, ...parts }: WebParts): Promise<void> => {
  // A message goes out in the operator's name, to any number: it leads to the operator's address and to no other, which a
  // stranger could have written into his request's Host.
  const settingsDesk = signUp.phoneUrl === undefined ? undefined : parts.settingsDesk;
  const canSend = settingsDesk !== undefined;
  await pages.register(formbody, { bodyLimit: 16_384 });
  pages.get('/', (request, reply) => showPage(reply, homePage(signUp, originOf(request, signUp))));
  pages.get('/register', (_request, reply) => showPage(reply, registerPage(signUp), signUp.isOpen ? 200 : 403));
  pages.post('/register', async (request, reply) => {
    const form = formOf(request);
    const phone = field(form, 'phone') !== '';
    const name = field(form, 'name').trim();
    const listed = field(form, 'listed') !== '';
    const family = familyOf(field(form, 'family'));
    const kept = { name, phone, listed, family: family.id };
    if (!signUp.isOpen) return showPage(reply, registerPage(signUp), 403);
    if (field(form, 'password') !== field(form, 'again')) {
      const fault = { field: 'password', text: 'The two passwords differ. Type them again.', status: 400 } as const;
      return showPage(reply, registerPage(signUp, kept, fault), 400);
    }
    const made = await signUp.register({ name, password: field(form, 'password'), phone, listed, remote: request.ip });
    if (!made.ok) return showPage(reply, registerPage(signUp, kept, made.fault), made.fault.status);
    const asked = { family, address: made.value.address, origin: originOf(request, signUp), canSend };
    return showPage(reply, registeredPage(signUp, asked, phone), 201);
  });
  serveSettings(pages, signUp, settingsDesk);
  pages.get('/link', (_request, reply) => showPage(reply, linkPage(signUp)));
  pages.post('/link', async (request, reply) => {
    const form = formOf(request);
    const given = { address: field(form, 'address').trim(), password: field(form, 'password'), remote: request.ip };
    const unlink = field(form, 'do') === 'unlink';
    const done = await (unlink ? signUp.unlink(given) : signUp.link(given));
    if (!done.ok) return showPage(reply, linkPage(signUp, given.address, done.fault), done.fault.status);
    const { address } = done.value;
    const family = familyOf(field(form, 'family'));
    const asked = { family, address, origin: originOf(request, signUp), canSend };
    return showPage(reply, unlink ? unlinkedPage(address) : linkedPage(signUp, asked));
  });
};
