// A file in the form in which a phone can show it: as it is, as a smaller picture, or not at all, with the reason.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import type { Abilities } from './abilities.ts';
import { decode, isCarried } from './charset.ts';
import type { Pictures } from './contents.ts';
import { canonical, inWords, isPicture, isText, readMediaType, typeByOctets } from './media-type.ts';
import { sizeOfWebp } from './pictures/webp.ts';
import type { File } from './shared.ts';

export interface Form {
  readonly info: Pick<StructureOf<'MessageInfo'>, 'ContentType' | 'ContentEncoding' | 'ContentSize'>;
  readonly data: string;
}

export interface Misfit {
  /** 415: a type that the phone does not take. 432: too large for it. 410: no file as promised. 503: try again. */
  readonly code: 410 | 415 | 432 | 503;
  /** "… this phone cannot show it", for both sides. */
  readonly why: string;
}

export const fit = async (file: File, phone: Abilities, pictures: Pictures): Promise<Outcome<Form, Misfit>> => {
  const { media } = readMediaType(file.type);
  const real = isPicture(media) || media === 'application/octet-stream' ? (typeByOctets(file.octets) ?? media) : media;
  const type = real === canonical(media) ? file.type : real;
  if (isPicture(real)) return fitPicture({ ...file, type }, real, phone, pictures);
  if (!phone.takes(real)) return bad({ code: 415, why: 'this phone cannot show it' });
  const form = asText({ ...file, type }) ?? asBase64({ ...file, type });
  return form.data.length <= phone.lengthMax(real) ? good(form) : bad(tooLarge(file.octets.length));
};

const tooLarge = (octets: number): Misfit => ({ code: 432, why: `${inWords(octets)} are too much for this phone` });

const fitPicture = async (
  file: File,
  media: string,
  phone: Abilities,
  pictures: Pictures,
): Promise<Outcome<Form, Misfit>> => {
  const form = asBase64(file);
  const size = sizeOf(file.octets);
  const isSmall = size !== undefined && Math.max(size.width, size.height) <= phone.pixelsMax;
  // What we cannot measure we cannot make smaller either.
  if (phone.takes(media) && form.data.length <= phone.lengthMax(media) && (isSmall || size === undefined))
    return good(form);
  if (phone.pictures.length === 0) return bad({ code: 415, why: 'this phone cannot show it' });
  const octetsMax = Math.floor((Math.max(...phone.pictures.map((one) => phone.lengthMax(one))) / 4) * 3) - 3;
  if (octetsMax < 200) return bad(tooLarge(file.octets.length));
  const made = await pictures.fit(file.octets, { types: phone.pictures, octetsMax, pixelsMax: phone.pixelsMax });
  if (made.ok) return good(asBase64(made.value));
  switch (made.fault) {
    case 'busy':
      return bad({ code: 503, why: 'there are too many pictures at once' });
    case 'too-large':
      return bad(tooLarge(file.octets.length));
    case 'unreadable':
      return bad(phone.takes(media) ? tooLarge(file.octets.length) : { code: 415, why: 'this phone cannot show it' });
    default:
      return made.fault satisfies never;
  }
};

/** Texts are written as they are: COMPAT phones show BASE64 of text as it stands. (suite/compat.ts) */
const asText = ({ type, octets }: File): Form | undefined => {
  const { media, charset } = readMediaType(type);
  const text = isText(media) ? decode(octets, charset ?? 'utf-8', true) : undefined;
  if (text === undefined || !isCarried(text)) return undefined;
  return { info: { ContentType: nameFor(type, media), ContentSize: text.length }, data: text };
};

const asBase64 = ({ type, octets }: File): Form => {
  const data = Buffer.from(octets).toString('base64');
  const { media } = readMediaType(type);
  // What is open in the reference: the size of encoded content is that of what stands in ContentData.
  return { info: { ContentType: nameFor(type, media), ContentEncoding: 'BASE64', ContentSize: data.length }, data };
};

/** Phones know cards by their old names. */
const nameFor = (type: string, media: string): string => {
  if (canonical(media) === media) return type;
  const name = { 'text/x-vcard': 'text/x-vCard', 'text/x-vcalendar': 'text/x-vCalendar' }[canonical(media)];
  return (name ?? canonical(media)) + type.slice(type.includes(';') ? type.indexOf(';') : type.length);
};

/** Width and height of a JPEG, PNG, GIF or WebP, read from its beginning. */
export const sizeOf = (octets: Uint8Array): { readonly width: number; readonly height: number } | undefined => {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  switch (typeByOctets(octets)) {
    case 'image/png':
      return octets.length < 24 ? undefined : { width: view.getUint32(16), height: view.getUint32(20) };
    case 'image/gif':
      return octets.length < 10 ? undefined : { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    case 'image/jpeg':
      return sizeOfJpeg(octets, view);
    case 'image/webp':
      return sizeOfWebp(octets);
    default:
      return undefined;
  }
};

const sizeOfJpeg = (
  octets: Uint8Array,
  view: DataView,
): { readonly width: number; readonly height: number } | undefined => {
  for (let at = 2; at + 9 < octets.length; ) {
    if (octets[at] !== 0xff) return undefined;
    const marker = octets[at + 1] ?? 0;
    if (marker === 0xff) {
      at++;
      continue;
    }
    // Start of frame, in any of its kinds; C4, C8 and CC are something else.
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8) ? 0 : view.getUint16(at + 2));
  }
  return undefined;
};
