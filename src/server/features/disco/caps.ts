// XEP-0115 §5.1: a hash over what disco#info says, so that nobody has to ask twice.

import { createHash } from 'node:crypto';

export interface Identity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
  readonly lang?: string;
}

/** By code point, as i;octet wants it; the values are ASCII but for identity names, where UTF-16 order may differ. */
const inOctetOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The verification string, hashed with SHA-1, in Base64. */
export const capsVersion = (identities: readonly Identity[], features: readonly string[]): string => {
  const lines = [
    ...identities
      .map(({ category, type, name = '', lang = '' }) => `${category}/${type}/${lang}/${name}`)
      .sort(inOctetOrder),
    ...[...new Set(features)].sort(inOctetOrder),
  ];
  return createHash('sha1')
    .update(lines.map((line) => `${line}<`).join(''))
    .digest('base64');
};
