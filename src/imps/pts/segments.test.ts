import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../base/clock.ts';
import { messageMax, SegmentAssembler, segmentsOf } from './segments.ts';

const text = (octets: Uint8Array): string => Buffer.from(octets).toString();
const octets = (message: string): Uint8Array => new TextEncoder().encode(message);
const segments = (message: string, most: number): Uint8Array[] => {
  const cut = segmentsOf(octets(message), most);
  assert.ok(cut.ok);
  return [...cut.value];
};

test('segments repeat the preamble with two letters', () => {
  assert.deepEqual(segments('WV12NM7 SI=abc CD=hello', 20).map(text), ['WV12NM7ab SI=abc CD=', 'WV12NM7bb hello']);
  assert.deepEqual(segments('WV12NM7 SI=abc CD=hello', 23).map(text), ['WV12NM7 SI=abc CD=hello']);
});

test('26 segments at most', () => {
  const most = (count: number): string => `WV12NM999 ${'x'.repeat(count)}`;
  const room = 133 - 'WV12NM999ab '.length;
  assert.equal(segments(most(26 * room), 133).length, 26);
  assert.deepEqual(segmentsOf(octets(most(26 * room + 1)), 133), { ok: false, fault: 'too-long' });
  // Of any message that long, whatever its id.
  assert.ok(messageMax(133) <= most(26 * room).length);
});

test('segments in any order, repeated, of several senders and messages, become what was cut', () => {
  const message = fc
    .tuple(fc.integer({ min: 0, max: 999 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }))
    .map(([id, rest]) => `WV12NM${id} ${rest}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(message, { selector: (one) => one.split(' ')[0], maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      (messages, chance) => {
        const assembler = new SegmentAssembler(new SimulatedClock());
        const way = messages.flatMap((one, n) =>
          segments(one, 40).map((segment) => ({ sender: `${n % 2}`, segment, at: chance.next().value as number })),
        );
        way.sort((a, b) => a.at - b.at);
        const whole = way.flatMap(({ sender, segment }, n) => {
          // A repetition before the last changes nothing.
          if (
            n < way.length - 1 &&
            way.slice(n + 1).some((one) => text(one.segment).slice(0, 9) === text(segment).slice(0, 9))
          )
            assembler.add(sender, segment);
          const added = assembler.add(sender, segment);
          return added.kind === 'whole' ? [text(added.message)] : [];
        });
        assert.deepEqual([...new Set(whole)].sort(), [...messages].sort());
      },
    ),
  );
});

test('what is no segment is foreign', () => {
  const assembler = new SegmentAssembler(new SimulatedClock());
  for (const one of ['', 'hello', 'WV12NM7cb x', 'WV12NM07 x', 'WV12NM7a x', 'WV1NM7 x'])
    assert.equal(assembler.add('a', octets(one)).kind, 'foreign', one);
});

test('incomplete messages are bounded by sender, in all, and in time', () => {
  const clock = new SimulatedClock();
  const lost: string[] = [];
  const assembler = new SegmentAssembler(clock, (sender) => lost.push(sender), { messagesMax: 6 });
  for (let n = 1; n <= 6; n++) assembler.add('a', octets(`WV12NM${n}ab x`));
  assert.deepEqual([assembler.size, lost.length], [4, 2]);
  for (const sender of ['b', 'c', 'd']) assembler.add(sender, octets('WV12NM1ab x'));
  assert.equal(assembler.size, 6);
  clock.advance(5 * 60_000);
  assert.equal(assembler.add('e', octets('WV12NM1bb y')).kind, 'part');
  assert.equal(assembler.size, 1);
  // The same id with other words: what was begun is given up.
  assembler.add('e', octets('WV12NM1bb z'));
  const whole = assembler.add('e', octets('WV12NM1ab x'));
  assert.equal(whole.kind === 'whole' && text(whole.message), 'WV12NM1 xz');
});
