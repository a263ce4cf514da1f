// WebP (RFC 9649), which today's apps send pictures in and no phone knows: its size, from its headers, and its pixels, from a
// decoder that is written in Rust and runs as WebAssembly. Of a moving picture the first frame is read.

import { createRequire } from 'node:module';

export interface Pixels {
  readonly width: number;
  readonly height: number;
}

/**
 * The largest width and height that any of its headers names: they may contradict each other, and the decoder makes room for
 * whichever it believes. Undefined when none does.
 */
export const sizeOfWebp = (octets: Uint8Array): Pixels | undefined => {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const nameAt = (at: number): string => view.toString('latin1', at, at + 4);
  if (nameAt(0) !== 'RIFF' || nameAt(8) !== 'WEBP') return undefined;
  let width = 0;
  let height = 0;
  const found = (size: Pixels | undefined): void => {
    width = Math.max(width, size?.width ?? 0);
    height = Math.max(height, size?.height ?? 0);
  };
  for (let at = 12; at + 8 <= view.length; ) {
    const name = nameAt(at);
    found(headerSize(name, view.subarray(at + 8)));
    // Within a frame of a moving picture, behind its own header, are chunks again.
    const length = name === 'ANMF' ? 16 : view.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  return width > 0 && height > 0 ? { width, height } : undefined;
};

const headerSize = (name: string, chunk: Buffer): Pixels | undefined => {
  const three = (at: number): number => 1 + chunk.readUIntLE(at, 3);
  const enough = { VP8X: 10, ANMF: 12, 'VP8 ': 10, VP8L: 5 }[name];
  if (enough === undefined || chunk.length < enough) return undefined;
  switch (name) {
    case 'VP8X':
      return { width: three(4), height: three(7) };
    case 'ANMF':
      return { width: three(6), height: three(9) };
    case 'VP8 ':
      return { width: chunk.readUInt16LE(6) & 0x3fff, height: chunk.readUInt16LE(8) & 0x3fff };
    default: {
      const bits = chunk.readUInt32LE(1);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
  }
};

/** Red, green, blue and opacity of each pixel. Throws when it cannot be read. */
export const readWebp = (octets: Uint8Array): Pixels & { readonly data: Buffer } => {
  // The decoder is loaded anew each time. What one picture leaves in its memory, a broken one above all, goes with it, and no
  // picture meets another there.
  const require = createRequire(import.meta.url);
  const { PhotonImage } = require('@silvia-odwyer/photon-node') as typeof import('@silvia-odwyer/photon-node');
  delete require.cache[require.resolve('@silvia-odwyer/photon-node')];
  const image = PhotonImage.new_from_byteslice(octets);
  const { buffer, byteOffset, byteLength } = image.get_raw_pixels();
  return { width: image.get_width(), height: image.get_height(), data: Buffer.from(buffer, byteOffset, byteLength) };
};
