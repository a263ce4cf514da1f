import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../../../src/base/random.ts';
import { Line, retransmitMs } from './line.ts';

const free = { rttMs: 600, rate: Number.POSITIVE_INFINITY, loss: 0 };

test('octets take half a round trip', () => {
  assert.equal(new Line(seededRandom(1)).arrival(100, 1000, 0, free), 1300);
});

test('a rate makes what is sent at the same time wait its turn, whichever connection it is on', () => {
  const line = new Line(seededRandom(1));
  const slow = { ...free, rate: 1000 };
  assert.equal(line.arrival(500, 0, 0, slow), 800);
  assert.equal(line.arrival(500, 0, 0, slow), 1300);
  assert.equal(line.arrival(500, 5000, 0, slow), 5800, 'an idle line owes nothing');
});

test('a lost segment is late by whole retransmission times, and nothing overtakes it', () => {
  const line = new Line(seededRandom(7));
  const lossy = { ...free, loss: 0.3 };
  let before = 0;
  const late = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const at = line.arrival(100, i * 100_000, 0, lossy);
    late.add(at - i * 100_000 - 300);
    before = at;
  }
  const once = 600 + retransmitMs;
  assert.ok(late.has(0) && late.has(once) && late.has(3 * once), [...late].join(' '));
  assert.equal(line.arrival(100, 20_000_000, before + 30_000_000, lossy), before + 30_000_000);
});

test('no conditions reorder a connection, and nothing arrives before its time', () => {
  const sends = fc.array(fc.record({ octets: fc.integer({ min: 1, max: 9000 }), gapMs: fc.nat(500) }), {
    maxLength: 40,
  });
  const conditions = fc.record({
    rttMs: fc.nat(1000),
    rate: fc.constantFrom(1000, 100_000, Number.POSITIVE_INFINITY),
    loss: fc.constantFrom(0, 0.1, 0.5),
  });
  fc.assert(
    fc.property(sends, conditions, fc.integer(), (sent, how, seed) => {
      const line = new Line(seededRandom(seed));
      let now = 0;
      let last = 0;
      for (const { octets, gapMs } of sent) {
        now += gapMs;
        const at = line.arrival(octets, now, last, how);
        assert.ok(at >= last && at >= now + how.rttMs / 2 + (octets / how.rate) * 1000 - 1e-6);
        last = at;
      }
    }),
  );
});
