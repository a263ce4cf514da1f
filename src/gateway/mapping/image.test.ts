import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readImage } from './image.ts';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));

test('images by their first octets', () => {
  assert.deepEqual(
    readImage(bytes('\x89PNG\r\n\x1a\n', [0, 0, 0, 13], 'IHDR', [0, 0, 0, 64, 0, 0, 0, 48], [8, 6, 0, 0])),
    {
      type: 'image/png',
      width: 64,
      height: 48,
    },
  );
  assert.deepEqual(readImage(bytes('GIF89a', [64, 0, 48, 0], [0, 0])), { type: 'image/gif', width: 64, height: 48 });
  const app0 = [0xff, 0xe0, 0, 4, 0, 0];
  const frame = [0xff, 0xc2, 0, 11, 8, 0, 48, 0, 64, 1];
  assert.deepEqual(readImage(bytes([0xff, 0xd8], app0, [0xff], frame)), { type: 'image/jpeg', width: 64, height: 48 });
  assert.equal(readImage(bytes([0xff, 0xd8], app0)), undefined);
  const bmp = bytes(
    'BM',
    Array.from({ length: 16 }, () => 0),
    [64, 0, 0, 0],
    [0xd0, 0xff, 0xff, 0xff],
  );
  assert.deepEqual(readImage(bmp), { type: 'image/bmp', width: 64, height: 48 });
  const riff = (kind: string, rest: number[]) =>
    bytes(
      'RIFF',
      [0, 0, 0, 0],
      'WEBP',
      kind,
      [0, 0, 0, 0],
      rest,
      Array.from({ length: 20 }, () => 0),
    );
  assert.deepEqual(readImage(riff('VP8X', [0, 0, 0, 0, 63, 0, 0, 47, 0, 0])), {
    type: 'image/webp',
    width: 64,
    height: 48,
  });
  assert.deepEqual(readImage(riff('VP8 ', [0, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0])), {
    type: 'image/webp',
    width: 64,
    height: 48,
  });
  const lossless = Buffer.alloc(5, 0x2f);
  lossless.writeUInt32LE((63 | (47 << 14)) >>> 0, 1);
  assert.deepEqual(readImage(riff('VP8L', [...lossless])), { type: 'image/webp', width: 64, height: 48 });
  assert.equal(readImage(bytes('<svg/>')), undefined);
});

test('any octets give an image or none', () => {
  const starts = ['\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'GIF89a', 'BM', 'RIFF0000WEBPVP8X', ''];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 60 }), (start, rest) => {
      readImage(bytes(start, [...rest]));
    }),
  );
});
