// How a file stands in an XMPP message. Written: XEP-0447 Stateless File Sharing 0.3 with the metadata of XEP-0446, and for
// apps that do not know it the link alone (XEP-0066); where there is nowhere to upload, XEP-0231 Bits of Binary 1.0 in the
// message itself. Read: those, XEP-0385 Stateless Inline Media Sharing 0.4, and links to encrypted files (XEP-0454).

import { createHash } from 'node:crypto';
import { child, childrenNamed, childText, type Element, el, elementsOf, textOf } from '../../../xml/element.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';

export const ns = {
  bob: 'urn:xmpp:bob',
  fallback: 'urn:xmpp:fallback:0',
  hashes: 'urn:xmpp:hashes:2',
  metadata: 'urn:xmpp:file:metadata:0',
  oob: 'jabber:x:oob',
  reference: 'urn:xmpp:reference:0',
  sfs: 'urn:xmpp:sfs:0',
  sims: 'urn:xmpp:sims:1',
  urlData: 'http://jabber.org/protocol/url-data',
  xhtml: 'http://www.w3.org/1999/xhtml',
  xhtmlIm: 'http://jabber.org/protocol/xhtml-im',
} as const;

/** What a file is said to be. */
export interface Metadata {
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  readonly size?: number | undefined;
  /** BASE64. */
  readonly sha256?: string | undefined;
}

/** A file in a message. */
export interface Shared extends Metadata {
  /** Where it is: one of the three. */
  readonly url?: string | undefined;
  readonly data?: Uint8Array | undefined;
  readonly cid?: string | undefined;
}

export interface File {
  readonly type: string;
  readonly octets: Uint8Array;
  readonly name?: string | undefined;
}

const digest = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('base64');

export const metadataOf = ({ type, octets, name }: File): Metadata => ({
  type,
  name,
  size: octets.length,
  sha256: digest(octets),
});

/** A message's children for a file at `url`; `words` stand before the link for people. */
export const linkTo = (url: string, { type, name, size, sha256 }: Metadata, words: string): readonly Element[] => [
  // Apps show a picture in its place only when the link is all there is.
  el('body', null, words === '' ? url : `${words}\n${url}`),
  el('x', { xmlns: ns.oob }, el('url', null, url)),
  el(
    'file-sharing',
    { xmlns: ns.sfs, disposition: 'inline' },
    el(
      'file',
      { xmlns: ns.metadata },
      type === undefined ? undefined : el('media-type', null, type),
      name === undefined ? undefined : el('name', null, name),
      size === undefined ? undefined : el('size', null, String(size)),
      sha256 === undefined ? undefined : el('hash', { xmlns: ns.hashes, algo: 'sha-256' }, sha256),
    ),
    el('sources', null, el('url-data', { xmlns: ns.urlData, target: url })),
  ),
  el('fallback', { xmlns: ns.fallback, for: ns.sfs }, el('body')),
];

/** A message's children for a file within; `words` are what apps show that know nothing of it. */
export const within = ({ type, octets }: File, words: string): readonly Element[] => {
  const cid = `sha1+${createHash('sha1').update(octets).digest('hex')}@bob.xmpp.org`;
  return [
    el('body', null, words),
    /^image\//i.test(type)
      ? el(
          'html',
          { xmlns: ns.xhtmlIm },
          el('body', { xmlns: ns.xhtml }, el('p', null, el('img', { src: `cid:${cid}`, alt: words }))),
        )
      : undefined,
    el('data', { xmlns: ns.bob, cid, type, 'max-age': '86400' }, Buffer.from(octets).toString('base64')),
  ].filter((one) => one !== undefined);
};

const urlMax = 2000;
const isLink = (text: string | undefined): text is string =>
  text !== undefined && text.length <= urlMax && /^(https?|aesgcm):\/\/[^\s]+$/i.test(text);

/** The file that a message brings; undefined when it brings none. */
export const sharedIn = (stanza: Stanza): Shared | undefined =>
  fromSfs(stanza.child('file-sharing', ns.sfs)) ??
  fromSims(stanza) ??
  fromOob(stanza) ??
  fromBob(stanza) ??
  encrypted(stanza);

const fromSfs = (sharing: Element | undefined): Shared | undefined => {
  const sources = sharing && child(sharing, 'sources');
  const targets = sources
    ? childrenNamed(sources, 'url-data', ns.urlData).map(({ attrs }) => attrs.target?.trim())
    : [];
  const url = targets.find(isLink);
  return sharing && url !== undefined ? { url, ...metadata(child(sharing, 'file', ns.metadata)) } : undefined;
};

const fromSims = (stanza: Stanza): Shared | undefined => {
  if (!stanza.has('reference', ns.reference)) return undefined;
  for (const reference of stanza.elements) {
    const sharing = reference.xmlns === ns.reference ? child(reference, 'media-sharing', ns.sims) : undefined;
    const sources = sharing && child(sharing, 'sources');
    const uris = sources ? childrenNamed(sources, 'reference', ns.reference).map(({ attrs }) => attrs.uri?.trim()) : [];
    const url = uris.find(isLink);
    if (sharing && url !== undefined)
      return { url, ...metadata(elementsOf(sharing).find(({ name }) => name === 'file')) };
  }
  return undefined;
};

const metadata = (file: Element | undefined): Metadata => {
  if (!file) return {};
  const size = Number(childText(file, 'size') ?? Number.NaN);
  const hash = childrenNamed(file, 'hash', ns.hashes).find(({ attrs }) => attrs.algo === 'sha-256');
  return {
    type: childText(file, 'media-type')?.trim().slice(0, 200) || undefined,
    name: childText(file, 'name')?.trim().slice(0, 200) || undefined,
    size: Number.isSafeInteger(size) && size >= 0 ? size : undefined,
    sha256: hash && textOf(hash).trim(),
  };
};

const fromOob = (stanza: Stanza): Shared | undefined => {
  const oob = stanza.child('x', ns.oob);
  const url = oob && childText(oob, 'url')?.trim();
  return isLink(url) ? { url } : undefined;
};

const fromBob = (stanza: Stanza): Shared | undefined => {
  const data = stanza.child('data', ns.bob);
  const packed = data && textOf(data).replace(/\s+/g, '');
  if (data && packed && /^[A-Za-z0-9+/]+={0,2}$/.test(packed))
    return { data: new Uint8Array(Buffer.from(packed, 'base64')), type: data.attrs.type?.slice(0, 200) };
  const html = stanza.child('html', ns.xhtmlIm);
  const cid = html && pictureIn(html);
  return cid === undefined ? undefined : { cid };
};

/** The first picture of an XHTML-IM body that stands for itself by its content id. */
const pictureIn = (element: Element): string | undefined => {
  for (const one of elementsOf(element)) {
    const [, cid] = /^cid:(.{1,200})$/.exec(one.name === 'img' ? (one.attrs.src ?? '') : '') ?? [];
    const found = cid ?? pictureIn(one);
    if (found !== undefined) return found;
  }
  return undefined;
};

const encrypted = (stanza: Stanza): Shared | undefined => {
  const body = stanza.child('body');
  const text = body && textOf(body).trim();
  return isLink(text) && /^aesgcm:/i.test(text) ? { url: text } : undefined;
};

/** Does the message say that its body is only there for apps that do not know files? */
export const isBodyFallback = (stanza: Stanza): boolean =>
  stanza.elements.some(
    ({ name, xmlns, attrs }) => name === 'fallback' && xmlns === ns.fallback && attrs.for === ns.sfs,
  );

/** Are the octets those that the message promised? */
export const isPromised = ({ sha256: promised }: Shared, octets: Uint8Array): boolean =>
  promised === undefined || promised === digest(octets);

/** The data of a content id as its owner gives it (XEP-0231 §2.2). */
export const dataOf = (
  answer: Stanza,
): { readonly octets: Uint8Array; readonly type: string | undefined } | undefined => {
  const data = answer.child('data', ns.bob);
  const octets = data && Buffer.from(textOf(data).replace(/\s+/g, ''), 'base64');
  return octets?.length ? { octets: new Uint8Array(octets), type: data?.attrs.type } : undefined;
};
