import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJimp } from '@jimp/core';
import gif from '@jimp/js-gif';
import jpeg from '@jimp/js-jpeg';
import png from '@jimp/js-png';
import { SimulatedClock, systemClock } from '../../../../base/clock.ts';
import { silentLog } from '../../../../base/log.ts';
import { silentMeter } from '../../../../base/meter.ts';
import { sizeOf } from '../fit.ts';
import { pictureDesk } from './desk.ts';
import { fitPicture } from './fit.ts';

const Jimp = createJimp({ formats: [jpeg, png, gif] });
const noise = async (
  width: number,
  height: number,
  type: 'image/jpeg' | 'image/png' | 'image/gif',
): Promise<Uint8Array> => {
  const image = new Jimp({ width, height });
  image.scan((x, y, at) => {
    for (let channel = 0; channel < 3; channel++)
      image.bitmap.data[at + channel] = (x * 31 + y * 17 * (channel + 1)) % 256;
    image.bitmap.data[at + 3] = 255;
  });
  return new Uint8Array(await image.getBuffer(type));
};

test('sizes are read from the beginning of a picture', async () => {
  for (const type of ['image/jpeg', 'image/png', 'image/gif'] as const) {
    const picture = await noise(37, 21, type);
    assert.deepEqual(sizeOf(picture), { width: 37, height: 21 }, type);
    for (let length = 0; length < 40; length++) sizeOf(picture.subarray(0, length));
  }
  assert.equal(sizeOf(new Uint8Array(50).fill(0xff)), undefined);
});

test('a picture becomes as small as it must, and keeps its shape', async () => {
  const original = await noise(400, 200, 'image/png');
  for (const [octetsMax, pixelsMax] of [
    [100_000, 320],
    [8000, 320],
    [2000, 100],
  ] as const) {
    const made = await fitPicture(original, { types: ['image/jpeg'], octetsMax, pixelsMax });
    assert.ok(made.ok);
    assert.equal(made.value.type, 'image/jpeg');
    assert.ok(made.value.octets.length <= octetsMax);
    const { width = 0, height = 0 } = sizeOf(made.value.octets) ?? {};
    assert.ok(width <= pixelsMax && Math.abs(width - 2 * height) <= 2, `${width} by ${height}`);
  }
  const asPng = await fitPicture(await noise(60, 60, 'image/gif'), {
    types: ['image/png'],
    octetsMax: 20_000,
    pixelsMax: 64,
  });
  assert.ok(asPng.ok && asPng.value.type === 'image/png');
});

test('what is no picture, or too much of one, is told apart', async () => {
  const wish = { types: ['image/jpeg'], octetsMax: 10_000, pixelsMax: 100 } as const;
  const reason = async (octets: Uint8Array, more = {}) => {
    const made = await fitPicture(octets, { ...wish, ...more });
    return made.ok ? 'made' : made.fault;
  };
  assert.equal(await reason(Buffer.from('no picture')), 'unreadable');
  const cut = (await noise(50, 50, 'image/png')).subarray(0, 300);
  assert.equal(await reason(cut), 'unreadable');
  assert.equal(await reason(await noise(50, 50, 'image/jpeg'), { octetsMax: 100 }), 'too-large');
  // A small file that says it has 100 000 by 100 000 pixels is not unpacked.
  const bomb = Buffer.from(await noise(8, 8, 'image/png'));
  bomb.writeUInt32BE(100_000, 16);
  bomb.writeUInt32BE(100_000, 20);
  assert.equal(await reason(bomb), 'too-large');
});

test('a process of its own does the same, and when it is over so is that', async () => {
  const desk = pictureDesk({ clock: systemClock, log: silentLog, meter: silentMeter });
  const picture = await noise(200, 100, 'image/png');
  const wish = { types: ['image/jpeg'], octetsMax: 5000, pixelsMax: 100 } as const;
  const made = await Promise.all([desk.fit(picture, wish), desk.fit(Buffer.from('x'), wish), desk.fit(picture, wish)]);
  assert.deepEqual(
    made.map((one) => (one.ok ? one.value.type : one.fault)),
    ['image/jpeg', 'unreadable', 'image/jpeg'],
  );
  await desk.close();
  const after = await desk.fit(picture, wish);
  assert.ok(!after.ok && after.fault === 'busy');
});

test('a picture that takes too long is given up, and the next one is made', async () => {
  const clock = new SimulatedClock();
  const desk = pictureDesk({ clock, log: silentLog, meter: silentMeter });
  const picture = await noise(64, 64, 'image/png');
  const wish = { types: ['image/jpeg'], octetsMax: 50_000, pixelsMax: 100 } as const;
  const slow = desk.fit(picture, wish);
  const next = desk.fit(picture, wish);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(20_000);
  const given = await slow;
  assert.ok(!given.ok && given.fault === 'too-large');
  assert.ok((await next).ok);
  await desk.close();
});

test('a picture that takes all memory, or a frame larger than its picture, costs nobody else anything', async () => {
  const desk = pictureDesk({ clock: systemClock, log: silentLog, meter: silentMeter });
  const wish = { types: ['image/jpeg'], octetsMax: 5000, pixelsMax: 100 } as const;
  // The head of a JPEG of 4800 by 4800 pixels in four components, and nothing behind it.
  const bomb = Buffer.from('ffd8ffc000140812c012c004014400024400034400044400', 'hex');
  const frame = Buffer.from('47494638396164006400000000002c00000000ffffffff0002024c01003b', 'hex');
  const good = await noise(200, 100, 'image/png');
  const made = await Promise.all([bomb, frame, good].map((picture) => desk.fit(picture, wish)));
  assert.deepEqual(
    made.map((one) => (one.ok ? one.value.type : one.fault)),
    ['too-large', 'unreadable', 'image/jpeg'],
  );
  await desk.close();
});

test('too many at once are told to come again', async () => {
  const desk = pictureDesk({ clock: systemClock, log: silentLog, meter: silentMeter });
  const wish = { types: ['image/jpeg'], octetsMax: 50_000, pixelsMax: 100 } as const;
  const all = await Promise.all(Array.from({ length: 40 }, () => desk.fit(Buffer.from('x'), wish)));
  assert.equal(all.filter((one) => !one.ok && one.fault === 'busy').length, 8);
  await desk.close();
});

test('who waits for other things does not wait for a picture', async () => {
  const desk = pictureDesk({ clock: systemClock, log: silentLog, meter: silentMeter });
  const picture = await noise(1600, 1200, 'image/png');
  let turns = 0;
  let isDone = false;
  const made = desk.fit(picture, { types: ['image/jpeg'], octetsMax: 30_000, pixelsMax: 640 }).finally(() => {
    isDone = true;
  });
  for (; !isDone; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok((await made).ok);
  assert.ok(turns > 100, `the program went on ${turns} times meanwhile`);
  await desk.close();
});
