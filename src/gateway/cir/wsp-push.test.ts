import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pushPort, pushSourcePort, readWspPush, writeWspPush } from './wsp-push.ts';

const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** The first is the example that is written out octet by octet for a session of 1.2 with the cookie ck-1. */
const vectors = [
  ['01 06 03 C6 AF 8A 57 56 43 49 20 31 2E 32 20 63 6B 2D 31', { transactionId: 1, text: 'WVCI 1.2 ck-1' }],
  ['FF 06 03 C6 AF 8A', { transactionId: 255, text: '' }],
  ['00 06 03 C6 AF 8A 57 56 43 49 20 31 2E 31 20 C3 A5', { transactionId: 0, text: 'WVCI 1.1 å' }],
] as const;

test('vectors, both ways', () => {
  for (const [hex, push] of vectors) {
    assert.deepEqual(writeWspPush(push), octets(hex));
    assert.deepEqual(readWspPush(octets(hex)), { ok: true, value: push });
  }
});

test('the ports stand in an SMS header as 06 05 04 0B 84 23 F0', () => {
  const header = Buffer.from([6, 5, 4, 0, 0, 0, 0]);
  header.writeUInt16BE(pushPort, 3);
  header.writeUInt16BE(pushSourcePort, 5);
  assert.deepEqual(new Uint8Array(header), octets('06 05 04 0B 84 23 F0'));
});

test('what is no push of ours is told apart, at the octet where it shows', () => {
  const faults = [
    ['', 'cut', 0],
    ['01', 'cut', 1],
    ['01 06', 'cut', 2],
    ['01 06 03 C6 AF', 'cut', 5],
    ['01 06 FF FF FF FF FF FF', 'cut', 7],
    ['01 07 03 C6 AF 8A 57', 'no-push', 1],
    // Service indication for the browser.
    ['01 06 03 AE AF 82 57', 'foreign', 3],
    ['01 06 03 C6 AF 82 57', 'foreign', 4],
    ['01 06 01 C6 57', 'foreign', 4],
  ] as const;
  for (const [hex, reason, where] of faults)
    assert.deepEqual(readWspPush(octets(hex)), { ok: false, fault: { reason, where } }, hex);
});

test('a longer header is passed over; any octets give an answer', () => {
  assert.deepEqual(readWspPush(octets('07 06 81 01 C6')), { ok: false, fault: { reason: 'cut', where: 5 } });
  assert.deepEqual(readWspPush(octets('07 06 05 C6 B4 87 AF 8A 57')), {
    ok: true,
    value: { transactionId: 7, text: 'W' },
  });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (any) => typeof readWspPush(any).ok === 'boolean'));
});
