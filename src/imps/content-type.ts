// The encodings of a CSP message over HTTP, and their media types. CSP transport binding, "HTTP".

import type { Encoding } from './message.ts';
import type { CspVersion } from './version.ts';

/** The media type of a version and encoding. */
export const contentTypeOf = (version: CspVersion, encoding: Encoding): string =>
  encoding === 'pts'
    ? 'application/vnd.wv.csp.sms'
    : `application/vnd.wv.csp${version === '1.3' ? '+' : '.'}${encoding}`;

/** What a media type says of the encoding. */
export const encodingOfType = (contentType: string | undefined): Encoding | undefined =>
  mediaType(contentType).encoding;

/** The media type for an answer: the request's own, without parameters, where it fits the encoding; else the version's. */
export const answerType = (requestType: string | undefined, version: CspVersion, encoding: Encoding): string =>
  encodingOfType(requestType) === encoding ? mediaType(requestType).essence : contentTypeOf(version, encoding);

/**
 * The encoding that the octets themselves show: WBXML begins with its version number, XML with `<` after blanks or a byte
 * order mark. COMPAT phones send no Content-Type or a wrong one. Test: read-message.test.ts, "told by its octets".
 */
export const encodingOfBytes = (bytes: Uint8Array): Encoding | undefined => {
  const first = bytes[0] ?? 0;
  if (first >= 0x01 && first <= 0x03) return 'wbxml';
  if (first === 0xfe || first === 0xff || (first === 0x00 && bytes[1] === 0x3c)) return 'xml';
  let at = first === 0xef ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return bytes[at] === 0x3c ? 'xml' : undefined;
};

/** Only CSP 1.3 has media types with a plus sign. */
export const isOf13 = (contentType: string | undefined): boolean => mediaType(contentType).essence.includes('csp+');

/** The charset parameter, in lower case. */
export const charsetOf = (contentType: string | undefined): string | undefined => mediaType(contentType).charset;

interface MediaType {
  /** Without parameters, in lower case. */
  readonly essence: string;
  readonly encoding: Encoding | undefined;
  readonly charset: string | undefined;
}

/** Phones have a handful of headers between them, and each stands before every request. */
const read = new Map<string, MediaType>();
const readMax = 100;
/** Characters of those that are kept. */
const headerMax = 200;

const mediaType = (header = ''): MediaType => {
  const known = read.get(header);
  if (known) return known;
  const made = readMediaType(header);
  if (header.length > headerMax) return made;
  if (read.size >= readMax) read.clear();
  read.set(header, made);
  return made;
};

const readMediaType = (header: string): MediaType => {
  const essence = header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return {
    essence,
    encoding: /csp\.sms$/.test(essence)
      ? 'pts'
      : /wbxml/.test(essence)
        ? 'wbxml'
        : /xml/.test(essence)
          ? 'xml'
          : undefined,
    charset: /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(header)?.[1]?.toLowerCase(),
  };
};
