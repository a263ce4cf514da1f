// WebP as phones get it. Lossless files are written here; the lossy ones were written by libwebp: 24 by 16 pixels, the left half
// red, the right half blue, in the second one blue and transparent.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJimp } from '@jimp/core';
import jpeg from '@jimp/js-jpeg';
import photon from '@silvia-odwyer/photon-node';
import fc from 'fast-check';
import { systemClock } from '../../../../base/clock.ts';
import { silentLog } from '../../../../base/log.ts';
import { silentMeter } from '../../../../base/meter.ts';
import { pictureDesk } from './desk.ts';
import { fitPicture } from './fit.ts';
import { sizeOfWebp } from './webp.ts';

type Colour = readonly [red: number, green: number, blue: number, opacity: number];
const red: Colour = [200, 40, 40, 255];
const blue: Colour = [40, 40, 200, 255];
const glass: Colour = [40, 40, 200, 0];

/** The left half of one colour, the right half of another. */
const lossless = (width: number, height: number, left: Colour, right: Colour): Buffer => {
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) data.set(at % width < width / 2 ? left : right, at * 4);
  return Buffer.from(new photon.PhotonImage(data, width, height).get_bytes_webp());
};
const lossy = Buffer.from(
  'UklGRlQAAABXRUJQVlA4IEgAAACQAwCdASoYABAAPtFUo0uoJKMhsAgBABoJQBOjkAVf/uAAGbAAAP7qkZ4XjFlfqqOni/OQESln//4hzUOqDv9yXgD9qxDRwAA=',
  'base64',
);
const lossyGlass = Buffer.from(
  'UklGRoIAAABXRUJQVlA4WAoAAAAQAAAAFwAADwAAQUxQSBQAAAABDzD/ERFCSEB44P9a3YKI/kcyA1ZQOCBIAAAAkAMAnQEqGAAQAD7RVKNLqCSjIbAIAQAaCUATo5AFX/7gABmwAAD+6pGeF4xZX6qjp4vzkBEpZ//+Ic1Dqg7/cl4A/asQ0cAA',
  'base64',
);

const chunk = (name: string, ...content: Uint8Array[]): Buffer => {
  const whole = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(whole.length, 4);
  return Buffer.concat([head, whole, Buffer.alloc(whole.length % 2)]);
};
const file = (...chunks: Uint8Array[]): Buffer => chunk('RIFF', Buffer.from('WEBP'), ...chunks);
const inThree = (value: number): Buffer => Buffer.from([value & 0xff, (value >> 8) & 0xff, value >> 16]);
const canvas = (flags: number, width: number, height: number): Buffer =>
  chunk('VP8X', Buffer.from([flags, 0, 0, 0]), inThree(width - 1), inThree(height - 1));
const frame = (width: number, height: number, picture: Buffer): Buffer =>
  chunk(
    'ANMF',
    Buffer.alloc(6),
    ...[inThree(width - 1), inThree(height - 1), inThree(100), Buffer.from([0])],
    picture.subarray(12),
  );

const wish = { types: ['image/jpeg'], octetsMax: 10_000, pixelsMax: 100 } as const;
const Jimp = createJimp({ formats: [jpeg] });
/** Colours in the middle of both halves of the JPEG that is made of it, to within a few steps. */
const halves = async (picture: Uint8Array) => {
  const made = await fitPicture(picture, wish);
  assert.ok(made.ok, made.ok ? '' : made.fault);
  const { bitmap } = await Jimp.fromBuffer(Buffer.from(made.value.octets));
  const { width, height, data } = bitmap;
  const at = (x: number): number[] => [...data.subarray(4 * (Math.floor(height / 2) * width + x)).subarray(0, 3)];
  return { width, height, left: at(Math.floor(width / 4)), right: at(Math.floor((3 * width) / 4)) };
};
const isNear = (got: readonly number[], wanted: readonly number[]): void =>
  got.forEach((one, at) => {
    assert.ok(Math.abs(one - (wanted[at] ?? 0)) < 25, `${got} for ${wanted}`);
  });
const white = [255, 255, 255];
const reasonOf = async (picture: Uint8Array): Promise<string> => {
  const made = await fitPicture(picture, wish);
  return made.ok ? 'made' : made.fault;
};

test('lossless, lossy and transparent ones become JPEGs; what is see-through is white', async () => {
  for (const [picture, right] of [
    [lossless(24, 16, red, blue), blue],
    [lossy, blue],
    [lossless(24, 16, red, glass), white],
    [lossyGlass, white],
  ] as const) {
    assert.deepEqual(sizeOfWebp(picture), { width: 24, height: 16 });
    const made = await halves(picture);
    assert.deepEqual([made.width, made.height], [24, 16]);
    isNear(made.left, red);
    isNear(made.right, right);
  }
});

test('a large one is made smaller', async () => {
  const { width, height, left, right } = await halves(lossless(800, 400, red, blue));
  assert.deepEqual([width, height], [100, 50]);
  isNear(left, red);
  isNear(right, blue);
});

test('of a moving one the first frame is shown', async () => {
  const moving = file(
    canvas(0x02, 40, 20),
    chunk('ANIM', Buffer.alloc(6)),
    frame(40, 20, lossless(40, 20, red, blue)),
    frame(40, 20, lossless(40, 20, blue, red)),
  );
  assert.deepEqual(sizeOfWebp(moving), { width: 40, height: 20 });
  const { left, right } = await halves(moving);
  isNear(left, red);
  isNear(right, blue);
});

test('what says to be larger than is read is not read, wherever it says so', async () => {
  const small = lossless(8, 8, red, blue).subarray(12);
  const large = Buffer.from(small);
  // Both sizes of a lossless picture: fourteen bits each.
  large.writeUInt32LE(0x0fffffff, 9);
  const huge = file(large);
  assert.deepEqual(sizeOfWebp(huge), { width: 16_384, height: 16_384 });
  for (const picture of [
    huge,
    file(canvas(0, 8, 8), large),
    file(canvas(0, 8, 8), ...Array.from({ length: 500 }, () => chunk('XMP ', Buffer.alloc(3))), large),
    file(canvas(0, 16_000, 16_000), small),
    file(canvas(0x02, 8, 8), chunk('ANIM', Buffer.alloc(6)), frame(8, 8, file(large))),
    file(canvas(0x02, 8, 8), chunk('ANIM', Buffer.alloc(6)), frame(16_000, 16_000, file(small))),
  ])
    assert.equal(await reasonOf(picture), 'too-large');
});

test('a broken one is unreadable, and harms nothing that is read afterwards', async () => {
  const whole = lossless(300, 200, red, blue);
  for (const picture of [lossy.subarray(0, 50), lossy.subarray(0, 20), whole.subarray(0, 40), file()])
    assert.equal(await reasonOf(picture), 'unreadable');
  assert.equal(await reasonOf(whole), 'made');
  const seeds = fc.constantFrom(lossy, lossyGlass, lossless(24, 16, red, glass));
  const property = fc.asyncProperty(seeds, fc.nat(), fc.nat(255), fc.nat(), async (seed, at, value, length) => {
    const picture = Buffer.from(seed.subarray(0, 12 + (length % (seed.length - 11))));
    picture[12 + (at % (picture.length - 11))] = value;
    sizeOfWebp(picture);
    assert.match(await reasonOf(picture), /^(made|unreadable|too-large)$/);
  });
  await fc.assert(property, { numRuns: 40 });
});

test('the process beside ours reads them', async () => {
  const desk = pictureDesk({ clock: systemClock, log: silentLog, meter: silentMeter });
  const made = await Promise.all([lossy, lossy.subarray(0, 50), lossyGlass].map((one) => desk.fit(one, wish)));
  assert.deepEqual(
    made.map((one) => (one.ok ? one.value.type : one.fault)),
    ['image/jpeg', 'unreadable', 'image/jpeg'],
  );
  await desk.close();
});
