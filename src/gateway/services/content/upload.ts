// XEP-0363 HTTP File Upload 1.2.0 as a client of the user's server: the service is found among what the server shows.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import { child, childrenNamed, childText, el, textOf } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { type SessionView, slot } from '../../session-view.ts';
import { discoInfo, hasFeature } from '../client/caps.ts';
import type { File } from './shared.ts';

const uploadNamespace = 'urn:xmpp:http:upload:0';
const discoItems = 'http://jabber.org/protocol/disco#items';
const dataNamespace = 'jabber:x:data';
const itemsMax = 20;
/** The phone waits meanwhile, 40 s at most; each of three questions may take so long, and the upload itself 20 s. */
const askMs = 6_000;

interface UploadService {
  readonly jid: Jid;
  /** Octets. */
  readonly fileMax: number;
}

export interface UploadFault {
  /** A CSP status code. */
  readonly code: number;
  readonly text: string;
}

const known = slot<{ found?: Promise<UploadService | undefined> }>('content-upload', () => ({}));

/** Where the user may upload; undefined where there is nowhere. */
export const uploadService = (session: SessionView): Promise<UploadService | undefined> => {
  const place = session.slot(known);
  place.found ??= lookFor(session).then((found) => {
    // It may have been out of reach: the next file asks again.
    if (!found) delete place.found;
    return found;
  });
  return place.found;
};

const lookFor = async (session: SessionView): Promise<UploadService | undefined> => {
  const home = Jid.from(session.user.domain);
  const listed = await session.iq({
    type: 'get',
    to: home,
    child: el('query', { xmlns: discoItems }),
    timeoutMs: askMs,
  });
  const query = listed.ok ? listed.value.child('query', discoItems) : undefined;
  const places = (query ? childrenNamed(query, 'item') : []).slice(0, itemsMax).flatMap(({ attrs }) => {
    const jid = Jid.parse(attrs.jid ?? '');
    return jid.ok && attrs.node === undefined && jid.value.local === undefined ? [jid.value] : [];
  });
  const found = await Promise.all([home, ...places].map((place) => look(session, place)));
  return found.find((one) => one !== undefined);
};

const look = async (session: SessionView, jid: Jid): Promise<UploadService | undefined> => {
  const answer = await session.iq({ type: 'get', to: jid, child: el('query', { xmlns: discoInfo }), timeoutMs: askMs });
  const query = answer.ok ? answer.value.child('query', discoInfo) : undefined;
  if (!query || !hasFeature(query, uploadNamespace)) return undefined;
  const fields = childrenNamed(query, 'x', dataNamespace).flatMap((form) => childrenNamed(form, 'field'));
  const max = Number(
    fields.map((one) => (one.attrs.var === 'max-file-size' ? childText(one, 'value') : undefined)).find(Boolean),
  );
  return { jid, fileMax: max > 0 ? max : Number.POSITIVE_INFINITY };
};

/** The headers a slot may ask for (§3.2); all others, and line ends in them, are not passed on. */
const headersAllowed = new Set(['authorization', 'cookie', 'expires']);

/** Uploads the file; the address others get it from. Undefined: there is nowhere to upload. */
export const upload = async (
  session: SessionView,
  { type, octets, name = 'file' }: File,
): Promise<Outcome<string, UploadFault> | undefined> => {
  const web = session.contents?.web;
  const service = web && (await uploadService(session));
  if (!web || !service) return undefined;
  if (octets.length > service.fileMax)
    return bad({ code: 432, text: `the server takes files of up to ${service.fileMax} octets` });
  const answer = await session.iq({
    type: 'get',
    to: service.jid,
    child: el('request', {
      xmlns: uploadNamespace,
      filename: name,
      size: String(octets.length),
      'content-type': type,
    }),
    timeoutMs: askMs,
  });
  if (!answer.ok) {
    const { fault } = answer;
    if (fault.reason !== 'error') return bad({ code: 504, text: 'the upload service does not answer' });
    if (fault.stanza.elements.some((one) => child(one, 'file-too-large', uploadNamespace)))
      return bad({ code: 432, text: 'the server does not take files of that size' });
    return bad({ code: fault.condition === 'resource-constraint' ? 507 : 503, text: `no upload: ${fault.condition}` });
  }
  const given = answer.value.child('slot', uploadNamespace);
  const put = given && child(given, 'put');
  const get = given && child(given, 'get')?.attrs.url;
  if (!put?.attrs.url || !get) return bad({ code: 503, text: 'the upload service gives no slot' });
  const headers: Record<string, string> = {};
  for (const header of childrenNamed(put, 'header')) {
    const { name: field = '' } = header.attrs;
    if (headersAllowed.has(field.toLowerCase())) headers[field] = textOf(header).replace(/[\r\n]/g, '');
  }
  const done = await web.put(put.attrs.url, headers, { type, octets });
  if (done.ok) return good(get);
  session.log.warn(
    { service: service.jid.toString(), reason: done.fault.reason, text: done.fault.text },
    'an upload failed',
  );
  return bad({ code: done.fault.reason === 'too-large' ? 432 : 503, text: 'the upload failed' });
};
