// What an image is, by its first octets: its type and its size in pixels. Types that phones and XMPP clients share; anything
// else is no picture to be shown.

export interface Image {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/bmp' | 'image/webp';
  readonly width: number;
  readonly height: number;
}

export const readImage = (octets: Uint8Array): Image | undefined => {
  const view = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
  const begins = (text: string, at = 0): boolean => view.toString('latin1', at, at + text.length) === text;
  if (begins('\x89PNG\r\n\x1a\n') && begins('IHDR', 12) && view.length >= 24)
    return { type: 'image/png', width: view.readUInt32BE(16), height: view.readUInt32BE(20) };
  if ((begins('GIF87a') || begins('GIF89a')) && view.length >= 10)
    return { type: 'image/gif', width: view.readUInt16LE(6), height: view.readUInt16LE(8) };
  if (begins('BM') && view.length >= 26)
    return { type: 'image/bmp', width: Math.abs(view.readInt32LE(18)), height: Math.abs(view.readInt32LE(22)) };
  if (begins('RIFF') && begins('WEBP', 8)) return webp(view);
  return begins('\xff\xd8\xff') ? jpeg(view) : undefined;
};

/** The size stands in the first start-of-frame segment. */
const jpeg = (view: Buffer): Image | undefined => {
  for (let at = 2; at + 9 <= view.length; ) {
    if (view[at] !== 0xff) return undefined;
    const marker = view[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { type: 'image/jpeg', height: view.readUInt16BE(at + 5), width: view.readUInt16BE(at + 7) };
    // Fill octets, and markers that stand alone.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + Math.max(2, view.readUInt16BE(at + 2));
  }
  return undefined;
};

const webp = (view: Buffer): Image | undefined => {
  const kind = view.toString('latin1', 12, 16);
  if (view.length < 30) return undefined;
  const made = (width: number, height: number): Image => ({ type: 'image/webp', width, height });
  if (kind === 'VP8X') return made(1 + view.readUIntLE(24, 3), 1 + view.readUIntLE(27, 3));
  if (kind === 'VP8 ') return made(view.readUInt16LE(26) & 0x3fff, view.readUInt16LE(28) & 0x3fff);
  if (kind !== 'VP8L') return undefined;
  const bits = view.readUInt32LE(21);
  return made(1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff));
};
