// A picture made small enough for a phone: in pixels first, then in octets. Runs wherever it is called; a stranger's picture
// should only be given to it in a process of its own (desk.ts), since it takes as long as it takes.

import { createJimp } from '@jimp/core';
import bmp from '@jimp/js-bmp';
import gif from '@jimp/js-gif';
import jpeg from '@jimp/js-jpeg';
import png from '@jimp/js-png';
import { methods as resize } from '@jimp/plugin-resize';
import { bad, good, type Outcome } from '../../../../base/outcome.ts';
import type { Picture, PictureFault, PictureWish } from '../contents.ts';
import { sizeOf } from '../fit.ts';
import { typeByOctets } from '../media-type.ts';
import { readWebp } from './webp.ts';

/** Pixels of a picture that is read at all: four octets each, and as many again while it is read. */
const pixelsMax = 24_000_000;
/** … of a WebP: its decoder takes twelve octets to each, and has them outside of what the process may have as its heap. */
const webpPixelsMax = 13_000_000;
const pixelsMin = 32;
const qualities = [80, 60, 40];

const Jimp = createJimp({ formats: [jpeg, png, gif, bmp], plugins: [resize] });

export const fitPicture = async (octets: Uint8Array, wish: PictureWish): Promise<Outcome<Picture, PictureFault>> => {
  const size = sizeOf(octets);
  const isWebp = typeByOctets(octets) === 'image/webp';
  if (isWebp && !size) return bad('unreadable');
  if (size && size.width * size.height * depthOf(octets) > (isWebp ? webpPixelsMax : pixelsMax))
    return bad('too-large');
  if (isBeyond(octets)) return bad('unreadable');
  let image: Awaited<ReturnType<typeof Jimp.fromBuffer>>;
  try {
    image = isWebp ? Jimp.fromBitmap(readWebp(octets)) : await Jimp.fromBuffer(Buffer.from(octets));
  } catch {
    return bad('unreadable');
  }
  if (image.width * image.height > pixelsMax) return bad('too-large');
  if (wish.types.includes('image/jpeg')) putOnWhite(image.bitmap.data);
  for (let edge = wish.pixelsMax; edge >= pixelsMin; edge = Math.floor(edge * 0.7)) {
    if (Math.max(image.width, image.height) > edge) image.scaleToFit({ w: edge, h: edge });
    for (const type of wish.types)
      for (const quality of type === 'image/jpeg' ? qualities : [0]) {
        const made = await (type === 'image/jpeg' ? image.getBuffer(type, { quality }) : image.getBuffer(type));
        if (made.length <= wish.octetsMax) return good({ type, octets: new Uint8Array(made) });
      }
  }
  return bad('too-large');
};

/** A JPEG has no transparency: what is see-through would show whatever colour is beneath, mostly black. */
const putOnWhite = (data: Uint8Array): void => {
  for (let at = 3; at < data.length; at += 4) {
    const opacity = (data[at] ?? 255) / 255;
    if (opacity === 1) continue;
    for (let one = at - 3; one < at; one++) data[one] = 255 - opacity * (255 - (data[one] ?? 255));
    data[at] = 255;
  }
};

/** Octets to a colour of a pixel. */
const depthOf = (octets: Uint8Array): number => (octets[0] === 0x89 && octets[24] === 16 ? 2 : 1);

/**
 * Does the first frame of a GIF reach beyond its screen? No program makes such; to read one takes as long as the frame says,
 * however few octets it has.
 */
const isBeyond = (octets: Uint8Array): boolean => {
  if (typeByOctets(octets) !== 'image/gif' || octets.length < 13) return false;
  const word = (at: number): number => (octets[at] ?? 0) | ((octets[at + 1] ?? 0) << 8);
  const flags = octets[10] ?? 0;
  let at = 13 + (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  // Extensions: a label, then blocks that begin with their length, the last of which is empty.
  while (octets[at] === 0x21) {
    at += 2;
    while (octets[at]) at += 1 + (octets[at] ?? 0);
    at++;
  }
  return word(at + 1) + word(at + 5) > word(6) || word(at + 3) + word(at + 7) > word(8);
};
