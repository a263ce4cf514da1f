// XEP-0454 OMEMO Media sharing 0.1.0: links to encrypted files. The part after '#' is the initialisation vector and the key.

import { createDecipheriv } from 'node:crypto';

const tagLength = 16;

export interface Secret {
  readonly url: string;
  readonly open: (octets: Uint8Array) => Uint8Array | undefined;
}

/** Undefined when the link is not of that kind. */
export const readAesgcm = (url: string): Secret | undefined => {
  const [, rest = '', hex = ''] = /^aesgcm:\/\/([^#]+)#([0-9a-f]+)$/i.exec(url) ?? [];
  // 12 octets, or 16 as older clients have it, and a key of 32.
  if (rest === '' || (hex.length !== 88 && hex.length !== 96)) return undefined;
  const iv = Buffer.from(hex.slice(0, -64), 'hex');
  const key = Buffer.from(hex.slice(-64), 'hex');
  return {
    url: `https://${rest}`,
    open(octets) {
      if (octets.length < tagLength) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(octets.subarray(-tagLength));
      try {
        return new Uint8Array(Buffer.concat([decipher.update(octets.subarray(0, -tagLength)), decipher.final()]));
      } catch {
        // Not what was encrypted with that key.
        return undefined;
      }
    },
  };
};
