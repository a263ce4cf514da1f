// What odd phones and proxies write where HTTP has a form for it: the path, and the type of the body.

import type { IncomingMessage } from 'node:http';

/** The path to route by; headers that HTTP has no form for are given one. Called before anything else looks at them. */
export const plainPath = ({ headers, method, url = '/' }: IncomingMessage): string => {
  if (headers['content-type'] !== undefined) headers['content-type'] = wellFormedType(headers['content-type']);
  if (url === '/csp') return url;
  // To a proxy, which we are to phones that have us as theirs (RFC 9112 §3.2.2).
  const [, authority, rest] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (authority) headers.host = authority;
  const path = rest ?? url;
  // A CSP body is CSP wherever it is sent: operators' settings had many paths, and phones keep them.
  if (method === 'POST' && isCspType(headers['content-type'])) return '/csp';
  if (/^\/+csp\/*(?:\?|$)/i.test(path)) return '/csp';
  // What stands behind the question mark is no text: short messages come in there.
  return path.startsWith('/') && isDecodable(path.split('?', 1)[0] ?? '') ? path : `/${encodeURIComponent(path)}`;
};

const isDecodable = (path: string): boolean => {
  try {
    return decodeURI(path) !== '';
  } catch {
    return false;
  }
};

/**
 * A Content-Type header that HTTP has a form for: phones and old proxies write what has none ("a/b charset=utf-8",
 * "a/b, c/d", a bare word), which would be refused before anybody looks at the body.
 */
export const wellFormedType = (header: string): string => {
  const [found] = typeAndSubtype.exec(header) ?? [];
  if (found === undefined) return 'application/octet-stream';
  const rest = header.slice(found.length).trimStart();
  return rest === '' || rest.startsWith(';') ? header : found.trim();
};

const typeAndSubtype = /^\s*[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+/;

export const isCspType = (contentType: string | undefined): boolean =>
  contentType !== undefined && /vnd\.wv\.csp/i.test(contentType);
