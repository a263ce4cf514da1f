// CSP "MessageInfo" and "ContentData": what a phone sends, as text or as the octets of a file, whatever charset and encoding it
// wrote it in.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import { decode, withoutForbidden } from '../content/charset.ts';
import { fileName, isText, readMediaType, withCharset } from '../content/media-type.ts';
import type { File } from '../content/shared.ts';

/** Octets of UTF-8. RFC 6120 §13.12 lets a server refuse stanzas from 10 000 on; those about take at least 64 KiB. */
export const bodyMax = 65_536;

export interface ContentFault {
  readonly code: 400 | 415 | 432;
  readonly description: string;
}
const fault = (code: ContentFault['code'], description: string): Outcome<never, ContentFault> =>
  bad({ code, description });

export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly file: File & { readonly name: string } };

/** The content of a message from the phone; refused with the reason rather than lost. */
export const contentOf = (
  info: StructureOf<'MessageInfo'>,
  data: string | Uint8Array | undefined,
): Outcome<Content, ContentFault> => {
  const type = info.ContentType?.trim() || 'text/plain';
  const { media, charset } = readMediaType(type);
  if (!/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(media)) return fault(415, `no media type: ${type.slice(0, 60)}`);
  if (data === undefined)
    return info.MessageURI ? fault(415, 'content by reference is not carried') : fault(400, 'no content');
  let octets = typeof data === 'string' ? undefined : data;
  // COMPAT: the encoding is written in any case (NONE, None, base64). (content.test.ts)
  if (/^base64$/i.test(info.ContentEncoding ?? '')) {
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
    const packed = text.replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return fault(400, 'content is not BASE64');
    octets = Buffer.from(packed, 'base64');
  } else if (info.ContentEncoding && !/^none$/i.test(info.ContentEncoding))
    return fault(415, `unknown encoding ${info.ContentEncoding.slice(0, 40)}`);

  if (media === 'text/plain') {
    const text = octets ? decode(octets, charset ?? 'utf-8') : String(data);
    if (text === undefined) return fault(415, `unknown charset ${charset?.slice(0, 40)}`);
    const clean = withoutForbidden(text);
    return Buffer.byteLength(clean) > bodyMax
      ? fault(432, `longer than ${bodyMax} octets`)
      : good({ kind: 'text', text: clean });
  }
  const file =
    octets && !(charset && isText(media)) ? good({ type, octets }) : inUtf8(type, charset, octets ?? String(data));
  if (!file.ok) return file;
  if (file.value.octets.length === 0) return fault(400, 'no content');
  return good({ kind: 'file', file: { ...file.value, name: info.ContentName?.trim() || fileName(media) } });
};

/** Other texts (vCards …) go out in UTF-8, and say so where they said something else. */
const inUtf8 = (
  type: string,
  charset: string | undefined,
  data: string | Uint8Array,
): Outcome<{ readonly type: string; readonly octets: Uint8Array }, ContentFault> => {
  const text = typeof data === 'string' ? data : decode(data, charset ?? 'utf-8');
  if (text === undefined) return fault(415, `unknown charset ${charset?.slice(0, 40)}`);
  const isUtf8 = charset === undefined || /^(utf-8|106)$/i.test(charset);
  return good({ type: isUtf8 ? type : withCharset(type, 'utf-8'), octets: Buffer.from(text.toWellFormed()) });
};
