import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../base/clock.ts';
import type { ShortMessage } from './carrier.ts';
import { fromSeptets, packSeptets, toSeptets, unpackSeptets } from './gsm7.ts';
import { readHeader, writeHeader } from './header.ts';
import { Joiner } from './joiner.ts';
import { type ArrivedPart, cut } from './parts.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
const message = (text: string, ports?: ShortMessage['ports']) => ({
  content: { coding: 'text' as const, text },
  ...(ports && { ports }),
});
const partsOf = (given: Parameters<typeof cut>[0], reference = 7) => {
  const parts = cut(given, reference);
  assert.ok(parts.ok);
  return parts.value;
};
const arrivals = (given: Omit<ShortMessage, 'from' | 'to'>, from = '46700000001', reference = 7): ArrivedPart[] =>
  partsOf(given, reference).map((part) => ({ ...part, from, to: '46700000000' }));

test('the GSM alphabet, packed as 3GPP TS 23.038 §6.1.2.1 shows', () => {
  assert.equal(hex(packSeptets(toSeptets('hellohello') as Uint8Array)), 'e8329bfd4697d9ec37');
  assert.equal(hex(toSeptets('@£€{}') as Uint8Array), '00011b651b281b29');
  assert.equal(toSeptets('ł'), undefined);
  assert.equal(fromSeptets(Uint8Array.of(0x1b, 0x1b, 0x41, 0x1b, 0x41)), ' AA');
});

test('what the GSM alphabet says, it says both ways, packed and unpacked', () => {
  const character = fc.constantFrom(
    ...'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&()*+,-./09:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€\f',
  );
  fc.assert(
    fc.property(fc.array(character), fc.integer({ min: 0, max: 6 }), (characters, fill) => {
      const septets = toSeptets(characters.join('')) as Uint8Array;
      assert.equal(fromSeptets(septets), characters.join(''));
      assert.deepEqual(unpackSeptets(packSeptets(septets, fill), septets.length, fill), septets);
    }),
  );
});

test('user data headers as they lie on the wire', () => {
  const ports = { destination: 2948, source: 9200 };
  const part = { reference: 0x2a, isWide: false, total: 3, number: 2 };
  assert.equal(hex(writeHeader({ ports })), '0605040b8423f0');
  assert.equal(hex(writeHeader({ ports, part })), '0b05040b8423f000032a0302');
  assert.deepEqual(readHeader(Buffer.from('0b05040b8423f000032a0302ff', 'hex')), { length: 12, ports, part });
  assert.deepEqual(readHeader(Buffer.from('06080401020302', 'hex'))?.part, {
    reference: 0x102,
    isWide: true,
    total: 3,
    number: 2,
  });
  assert.equal(readHeader(Buffer.from('0700', 'hex')), undefined);
  // A part numbered 0, or beyond the total, makes no part of it.
  assert.equal(readHeader(Buffer.from('0500032a0300', 'hex'))?.part, undefined);
  assert.equal(readHeader(Buffer.from('0500032a0304', 'hex'))?.part, undefined);
});

test('any octets are a header or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
      const header = readHeader(octets);
      assert.ok(header === undefined || header.length <= octets.length || octets.length === 0);
    }),
  );
});

test('160 characters are one message, 161 two of 153; 70 and 67 where the alphabet lacks one', () => {
  const lengths = (text: string) => partsOf(message(text)).map(({ body }) => body.length);
  assert.deepEqual(lengths('a'.repeat(160)), [160]);
  assert.deepEqual(lengths('a'.repeat(161)), [153, 8]);
  assert.deepEqual(lengths('ł'.repeat(70)), [140]);
  assert.deepEqual(lengths('ł'.repeat(71)), [134, 8]);
  assert.deepEqual(lengths(''), [0]);
  // A pair of septets, or of surrogates, is not cut through.
  assert.deepEqual(lengths(`${'a'.repeat(152)}€${'a'.repeat(20)}`), [152, 22]);
  assert.deepEqual(lengths(`${'ł'.repeat(66)}😀${'ł'.repeat(10)}`), [132, 24]);
});

test('octets with ports: 133 in one message', () => {
  const ports = { destination: 3590, source: 3590 };
  const lengths = (count: number) =>
    partsOf({ content: { coding: 'octets', octets: new Uint8Array(count) }, ports }).map(({ body }) => body.length);
  assert.deepEqual(lengths(133), [133]);
  assert.deepEqual(lengths(134), [128, 6]);
});

test('256 parts are too many', () => {
  const cutUp = cut(message('a'.repeat(153 * 255 + 1)), 0);
  assert.equal(cutUp.ok ? '' : cutUp.fault.reason, 'too-long');
});

test('a message survives being cut, shuffled, repeated and joined, in any alphabet', () => {
  const content = fc.oneof(
    fc.string({ maxLength: 600 }).map((text) => ({ coding: 'text' as const, text })),
    fc.string({ unit: 'grapheme', maxLength: 300 }).map((text) => ({ coding: 'text' as const, text })),
    fc.uint8Array({ maxLength: 900 }).map((octets) => ({ coding: 'octets' as const, octets })),
  );
  const ports = fc.option(fc.record({ destination: fc.nat(0xffff), source: fc.nat(0xffff) }), { nil: undefined });
  fc.assert(
    fc.property(content, ports, fc.infiniteStream(fc.nat()), (given, through, chance) => {
      const joiner = new Joiner(new SimulatedClock());
      const sent = { content: given, ...(through && { ports: through }) };
      const parts = arrivals(sent);
      const way = [...parts, ...parts].map((part) => ({ part, at: chance.next().value }));
      way.sort((a, b) => a.at - b.at);
      const whole = way.flatMap(({ part }) => {
        const joined = joiner.add(part);
        return joined.kind === 'whole' ? [joined.message] : [];
      });
      // One of a single part says nothing of being a repetition: whoever listens tells that.
      assert.equal(whole.length, parts.length === 1 ? 2 : 1);
      const expected =
        given.coding === 'text' ? { ...given, text: given.text.toWellFormed() } : { ...given, octets: given.octets };
      assert.deepEqual(whole[0], { from: '46700000001', to: '46700000000', ...sent, content: expected });
    }),
  );
});

const long = (letter: string) => message(letter.repeat(300));

test('a part that was refused completes the message again', () => {
  const joiner = new Joiner(new SimulatedClock());
  const [one, two] = arrivals(long('a')) as [ArrivedPart, ArrivedPart];
  assert.equal(joiner.add(one).kind, 'part');
  const whole = joiner.add(two);
  assert.equal(joiner.add(two).kind, 'again');
  assert.ok(whole.kind === 'whole');
  whole.refused();
  assert.equal(joiner.add(two).kind, 'whole');
  assert.equal(joiner.add(two).kind, 'again');
});

test('another message under the same reference takes the place of one that lost a part', () => {
  const lost: string[] = [];
  const joiner = new Joiner(new SimulatedClock(), (from) => lost.push(from));
  joiner.add(arrivals(long('a'))[0] as ArrivedPart);
  const [one, two] = arrivals(long('b')) as [ArrivedPart, ArrivedPart];
  assert.equal(joiner.add(one).kind, 'part');
  const whole = joiner.add(two);
  assert.ok(whole.kind === 'whole');
  assert.deepEqual(whole.message.content, long('b').content);
  assert.deepEqual(lost, ['46700000001']);
});

test('incomplete messages are bounded by sender, in all, in parts and in time', () => {
  const clock = new SimulatedClock();
  const lost: string[] = [];
  const joiner = new Joiner(clock, (from) => lost.push(from), { perSenderMax: 2, messagesMax: 5 });
  for (let n = 0; n < 4; n++) joiner.add(arrivals(long('a'), 'x', n)[0] as ArrivedPart);
  assert.deepEqual([joiner.size, lost], [2, ['x', 'x']]);
  for (const from of ['p', 'q', 'r', 's']) joiner.add(arrivals(long('a'), from)[0] as ArrivedPart);
  assert.equal(joiner.size, 5);
  clock.advance(10 * 60_000);
  joiner.add(arrivals(long('a'), 'late')[0] as ArrivedPart);
  assert.equal(joiner.size, 1);
  assert.equal(joiner.add(arrivals(message('a'.repeat(153 * 65)), 'x')[0] as ArrivedPart).kind, 'refused');
});
