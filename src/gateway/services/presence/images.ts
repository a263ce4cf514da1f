// Pictures of contacts, by the SHA-1 of their octets. All sessions of the process share them: what a hash stands for is the
// same for everybody, and was checked.

import { createHash } from 'node:crypto';

/** Octets of base64 that are kept at most; those not looked at for longest go. */
const keptMax = 16 * 1024 * 1024;

interface Image {
  readonly base64: string;
  readonly type: string;
}

const images = new Map<string, Image>();
let kept = 0;

export const imageOf = (id: string): Image | undefined => {
  const image = images.get(id);
  if (!image) return undefined;
  images.delete(id);
  images.set(id, image);
  return image;
};

/** False, and nothing kept, when the octets are not what the id stands for. */
export const keepImage = (id: string, octets: Uint8Array, type: string): boolean => {
  if (createHash('sha1').update(octets).digest('hex') !== id) return false;
  keepMade(id, octets, type);
  return true;
};

/** A picture that was made out of another, under a name of its own. */
export const keepMade = (id: string, octets: Uint8Array, type: string): void => {
  if (images.has(id)) return;
  const base64 = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
  images.set(id, { base64, type });
  kept += base64.length;
  for (const [oldest, image] of images) {
    if (kept <= keptMax) break;
    images.delete(oldest);
    kept -= image.base64.length;
  }
};
