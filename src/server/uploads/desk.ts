// What the service answers at its address: XEP-0363 HTTP File Upload 1.2.0 §3 and §4, and what it is (XEP-0030).

import { el } from '../../xml/element.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { iqFault, isRequest } from '../iq.ts';
import { mayBounce } from '../router.ts';
import { ns, plainName, plainType } from './names.ts';

export interface SlotRequest {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** The answer, or the request for a slot that the stanza is, or undefined when it gets no answer. */
export const read = (stanza: Stanza, name: string, fileMax: number): Stanza | SlotRequest | undefined => {
  if (stanza.kind === 'presence' || !mayBounce(stanza)) return undefined;
  if (stanza.kind === 'message') return stanza.error('service-unavailable');
  const fault = iqFault(stanza);
  if (fault !== undefined) return stanza.error('bad-request', { text: fault });
  const [payload] = stanza.elements;
  if (!payload || !isRequest(stanza) || stanza.type !== 'get' || stanza.to?.local !== undefined)
    return stanza.error('service-unavailable');
  const { node } = payload.attrs;
  switch (`${payload.xmlns} ${payload.name}`) {
    case `${ns.ping} ping`:
      return stanza.result();
    case `${ns.info} query`:
      return node === undefined ? stanza.result(info(name, fileMax)) : stanza.error('item-not-found');
    case `${ns.items} query`:
      return node === undefined ? stanza.result(el('query', { xmlns: ns.items })) : stanza.error('item-not-found');
    case `${ns.upload} request`: {
      const { filename, size = '', 'content-type': type } = payload.attrs;
      if (!filename || !/^\d{1,15}$/.test(size) || Number(size) === 0)
        return stanza.error('bad-request', { text: 'filename and size say what is to be uploaded' });
      return { name: plainName(filename), type: plainType(type), size: Number(size) };
    }
    default:
      return stanza.error('service-unavailable');
  }
};

const info = (name: string, fileMax: number) =>
  el(
    'query',
    { xmlns: ns.info },
    el('identity', { category: 'store', type: 'file', name }),
    [ns.info, ns.items, ns.upload, ns.ping].map((one) => el('feature', { var: one })),
    el(
      'x',
      { xmlns: ns.data, type: 'result' },
      el('field', { var: 'FORM_TYPE', type: 'hidden' }, el('value', null, ns.upload)),
      el('field', { var: 'max-file-size' }, el('value', null, String(fileMax))),
    ),
  );

export const tooLarge = (stanza: Stanza, fileMax: number): Stanza =>
  stanza.error('not-acceptable', {
    text: `a file has at most ${fileMax} octets`,
    extra: el('file-too-large', { xmlns: ns.upload }, el('max-file-size', null, String(fileMax))),
  });

/** §4.2: not now; `retryAt` wall-clock ms. */
export const notNow = (stanza: Stanza, text: string, retryAt: number | undefined): Stanza =>
  stanza.error('resource-constraint', {
    text,
    ...(retryAt !== undefined && {
      extra: el('retry', { xmlns: ns.upload, stamp: new Date(retryAt).toISOString() }),
    }),
  });

export const slot = (stanza: Stanza, url: string, token: string): Stanza =>
  stanza.result(
    el(
      'slot',
      { xmlns: ns.upload },
      el('put', { url }, el('header', { name: 'Authorization' }, `Bearer ${token}`)),
      el('get', { url }),
    ),
  );
