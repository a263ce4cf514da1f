// /settings: the settings of a phone as a page, as a file, as a message. Nothing on them is a secret but the password, which is
// put into a file or a message only when it was typed for that.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ImpsSettings, impsDocument } from '../provisioning/imps.ts';
import { encode } from '../provisioning/wbxml.ts';
import { toXml } from '../provisioning/xml.ts';
import { html } from './html.ts';
import { type Asked, choicePage, cspAddress, settingsPage, userIdFor } from './pages/settings.ts';
import { families, familyOf } from './phones/families.ts';
import { field, formOf, originOf, showPage } from './requests.ts';
import type { SettingsDesk } from './settings-desk.ts';
import type { SignUp } from './sign-up.ts';

/** The well-known types 0x36 and 0x35 of WAP, and what a file of them is called. */
const kinds = {
  prov: { type: 'application/vnd.wap.connectivity-wbxml', file: 'onesoup.prov' },
  xml: { type: 'text/vnd.wap.connectivity-xml; charset=utf-8', file: 'onesoup.xml' },
} as const;
type Kind = keyof typeof kinds;

const addressMax = 200;

export const serveSettings = (pages: FastifyInstance, signUp: SignUp, desk: SettingsDesk | undefined): void => {
  type Query = { Querystring: { readonly user?: unknown; readonly family?: unknown } };
  type OfFamily = Query & { Params: { readonly family: string } };

  const askedBy = (request: FastifyRequest, family: string, user: unknown): Asked => ({
    family: familyOf(family),
    address: addressOf(signUp, user),
    origin: originOf(request, signUp),
    canSend: desk !== undefined,
  });
  const settingsOf = ({ family, address, origin }: Asked, password?: string, apn?: string): ImpsSettings => ({
    name: signUp.domain,
    address: cspAddress(signUp, origin),
    userId: userIdFor(signUp, family, address),
    password: address === '' ? undefined : password,
    accessPoint: apn === undefined ? undefined : { apn },
  });
  const sendFile = (reply: FastifyReply, asked: Asked, settings: ImpsSettings, kind: Kind, isSaved: boolean) => {
    const document = impsDocument(settings);
    if (!document.ok)
      return showPage(
        reply,
        settingsPage(signUp, asked, html`<p class="wrong" role="alert">${document.fault.text}</p>`),
        400,
      );
    const { type, file } = kinds[kind];
    reply.header('content-type', type).header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    // A phone that opens it takes it in; saved, it is a file.
    if (isSaved) reply.header('content-disposition', `attachment; filename="${file}"`);
    return reply.send(kind === 'xml' ? toXml(document.value) : Buffer.from(encode(document.value)));
  };

  pages.get<Query>('/settings', (request, reply) => {
    const { user, family } = request.query;
    if (typeof family !== 'string') return showPage(reply, choicePage(addressOf(signUp, user)));
    return showPage(reply, settingsPage(signUp, askedBy(request, family, user)));
  });
  pages.get<OfFamily>('/settings/:family', (request, reply) => {
    const { family } = request.params;
    if (!families.some(({ id }) => id === family)) return reply.callNotFound();
    return showPage(reply, settingsPage(signUp, askedBy(request, family, request.query.user)));
  });
  for (const kind of ['prov', 'xml'] as const)
    pages.get<OfFamily>(`/settings/:family/${kinds[kind].file}`, (request, reply) => {
      const asked = askedBy(request, request.params.family, request.query.user);
      return sendFile(reply, asked, settingsOf(asked), kind, false);
    });

  pages.post<OfFamily>('/settings/:family', async (request, reply) => {
    const form = formOf(request);
    const asked = askedBy(request, request.params.family, field(form, 'user'));
    const password = field(form, 'password');
    const put = field(form, 'include') !== '' && password !== '' ? password : undefined;
    const settings = settingsOf(asked, put, field(form, 'apn').trim() || undefined);
    const as = field(form, 'as');
    if (as !== 'sms' || !desk) return sendFile(reply, asked, settings, as === 'xml' ? 'xml' : 'prov', true);
    const sent = await desk.send({
      account: asked.address,
      password,
      number: field(form, 'number'),
      settings,
      remote: request.ip,
    });
    const note = sent.ok
      ? html`<p class="done" role="status">The settings are on their way to +${sent.value.number}. The phone will ask for a PIN: <b>${sent.value.pin}</b></p>`
      : html`<p class="wrong" role="alert">${sent.fault.text}</p>`;
    return showPage(reply, settingsPage(signUp, asked, note), sent.ok ? 200 : sent.fault.status);
  });
};

/** name@domain, with our domain where none was said; '' for nobody, or for what can be no address. */
const addressOf = ({ domain }: SignUp, user: unknown): string => {
  const typed = typeof user === 'string' ? user.trim().replace(/^wv:/i, '') : '';
  if (typed === '' || typed.length > addressMax || /[\s\0-\x1f\x7f]/.test(typed)) return '';
  return typed.includes('@') ? typed : `${typed}@${domain}`;
};
