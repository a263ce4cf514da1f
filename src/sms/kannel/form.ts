// One part of a message in Kannel's terms: the sendsms page, by GET with everything in its query or by POST with X-Kannel
// headers; and what Kannel says in the same two ways of a message that came in. (Kannel User's Guide, "SMS push" and
// "SMS services": coding 0 is 7-bit text, 1 is 8-bit data, 2 is UCS-2)

import { bad, good, type Outcome } from '../../base/outcome.ts';
import { fromSeptets, toSeptets } from '../gsm7.ts';
import { readHeader, writeHeader } from '../header.ts';
import { digitsOf } from '../incoming.ts';
import type { ArrivedPart, Coding, Part } from '../parts.ts';
import type { KannelSettings } from '../settings.ts';

const codings: Readonly<Record<Coding, string>> = { gsm7: '0', octets: '1', ucs2: '2' };

export interface KannelRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** What asks Kannel to send the part. */
export const sendRequest = (settings: KannelSettings, part: Part, from: string, to: string): KannelRequest => {
  const { url, method, username, password, smsc } = settings;
  const udh = writeHeader(part.header);
  const text = part.coding === 'gsm7' ? new TextEncoder().encode(fromSeptets(part.body)) : part.body;
  const charset = part.coding === 'ucs2' ? 'UTF-16BE' : 'UTF-8';
  if (method === 'post')
    return {
      url,
      method: 'POST',
      headers: {
        'x-kannel-username': username,
        'x-kannel-password': password,
        'x-kannel-from': from,
        'x-kannel-to': to,
        'x-kannel-coding': codings[part.coding],
        ...(udh.length && { 'x-kannel-udh': hex(udh) }),
        ...(smsc !== undefined && { 'x-kannel-smsc': smsc }),
        'content-type': part.coding === 'octets' ? 'application/octet-stream' : `text/plain; charset=${charset}`,
      },
      body: text,
    };
  const fields: [string, string][] = [
    ['username', encodeURIComponent(username)],
    ['password', encodeURIComponent(password)],
    ['from', encodeURIComponent(from)],
    ['to', encodeURIComponent(to)],
    ['coding', codings[part.coding]],
    ['charset', charset],
  ];
  if (smsc !== undefined) fields.push(['smsc', encodeURIComponent(smsc)]);
  if (udh.length) fields.push(['udh', escaped(udh)]);
  fields.push(['text', escaped(text)]);
  const query = fields.map(([name, value]) => `${name}=${value}`).join('&');
  return { url: `${url}${url.includes('?') ? '&' : '?'}${query}`, method: 'GET', headers: {} };
};

export interface ArrivedRequest {
  readonly method: string;
  /** As it stands in the URL, behind the question mark. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/** The part that a request of Kannel's brings; otherwise what is wrong with it. */
export const readArrived = (request: ArrivedRequest): Outcome<ArrivedPart, string> => {
  const query = fieldsOf(request.query);
  const isPost = request.method === 'POST';
  const given = (name: string): string =>
    (isPost ? headerOf(request, `x-kannel-${name}`) : undefined) ?? textOf(query.get(name)) ?? '';
  const from = digitsOf(given('from'));
  if (from === '') return bad('from is missing');
  const coding = codingOf(given('coding'));
  if (!coding) return bad('coding must be 0, 1 or 2');
  const udh = isPost ? fromHex(headerOf(request, 'x-kannel-udh') ?? '') : (query.get('udh') ?? new Uint8Array());
  const header = udh?.length ? readHeader(udh) : { length: 0, part: undefined, ports: undefined };
  if (!header) return bad('udh is longer than itself');
  const text = isPost ? request.body : (query.get('text') ?? new Uint8Array());
  const charset = isPost
    ? (/charset\s*=\s*"?([\w-]+)/i.exec(headerOf(request, 'content-type') ?? '')?.[1] ?? '')
    : given('charset');
  const read = bodyOf(coding, text, charset);
  if (!read) return bad('text is not in its charset');
  return good({ from, to: digitsOf(given('to')), header: { part: header.part, ports: header.ports }, ...read });
};

/** A secret that the request shows, if it does. */
export const secretOf = (request: ArrivedRequest): string => textOf(fieldsOf(request.query).get('secret')) ?? '';

const codingOf = (text: string): Coding | undefined =>
  (({ '': 'gsm7', '0': 'gsm7', '1': 'octets', '2': 'ucs2' }) as const)[text];

/** Text comes in a charset; the parts of a long one may hold what the alphabet lacks, so that UCS-2 serves them all. */
const bodyOf = (
  coding: Coding,
  text: Uint8Array,
  charset: string,
): Pick<ArrivedPart, 'coding' | 'body'> | undefined => {
  if (coding === 'octets' || (coding === 'ucs2' && /^(utf-?16(be)?|ucs-?2)?$/i.test(charset)))
    return { coding, body: text };
  let read: string;
  try {
    read = new TextDecoder(charset || 'utf-8', { fatal: true }).decode(text);
  } catch (cause) {
    // TypeError: not valid in that charset. RangeError: no such charset.
    if (cause instanceof TypeError || cause instanceof RangeError) return undefined;
    throw cause;
  }
  const septets = coding === 'gsm7' ? toSeptets(read) : undefined;
  if (septets) return { coding: 'gsm7', body: septets };
  const body = Buffer.from(read, 'utf16le').swap16();
  return { coding: 'ucs2', body };
};

/** A query whose values are octets: user data and its header are no text. */
const fieldsOf = (query: string): ReadonlyMap<string, Uint8Array> => {
  const fields = new Map<string, Uint8Array>();
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    if (at > 0) fields.set(pair.slice(0, at), unescaped(pair.slice(at + 1)));
  }
  return fields;
};

const escaped = (octets: Uint8Array): string =>
  Array.from(octets, (octet) => `%${octet.toString(16).padStart(2, '0').toUpperCase()}`).join('');

const unescaped = (text: string): Uint8Array => {
  const octets: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const digits = text[at] === '%' ? /^[0-9a-fA-F]{2}/.exec(text.slice(at + 1, at + 3))?.[0] : undefined;
    if (digits) {
      octets.push(Number.parseInt(digits, 16));
      at += 2;
    } else octets.push(...Buffer.from(text[at] === '+' ? ' ' : (text[at] as string)));
  }
  return Uint8Array.from(octets);
};

const textOf = (octets: Uint8Array | undefined): string | undefined => octets && new TextDecoder().decode(octets);
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const fromHex = (text: string): Uint8Array | undefined =>
  /^([0-9a-fA-F]{2})*$/.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : undefined;
const headerOf = ({ headers }: ArrivedRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
};
