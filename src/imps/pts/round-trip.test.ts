// What the content model allows is said in the plain text syntax and comes back the same, but for what no client of the
// sourced codes can take: details of results.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { primitiveInfo } from '../lookup.ts';
import { type CspMessage, isRefused } from '../message.ts';
import { samplePrimitive } from '../model/sample.ts';
import type { Primitive } from '../primitives.ts';
import { readMessage } from '../read-message.ts';
import { type CspVersion, cspVersions } from '../version.ts';
import { writeMessage } from '../write-message.ts';
import { sourcedAttributes, sourcedParameters, sourcedPrimitives } from './codes.ts';
import { readPts, writePts } from './message.ts';
import { isSourced } from './names.ts';
import { ourAttributes, ourElements, ourPrimitives } from './ours.ts';
import { readText, writeText } from './syntax.ts';

/** Without undefined properties, octets as arrays. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Primitives that hold elements of others are not said. */
const unsayable = new Set(['Extended-Request', 'Extended-Response']);
const namesOf = (version: CspVersion): string[] =>
  [...primitiveInfo.values()]
    .filter(({ versions, name }) => versions.includes(version) && !unsayable.has(name))
    .map(({ name }) => name);

/** As a client of the sourced codes gets it: no details of results, no groups with nothing in them. */
const said = (given: Primitive): Primitive => {
  const content = emptied(given);
  if (!isSourced(content.name) || !('Result' in content)) return content;
  const { Code, Description } = content.Result;
  return { ...content, Result: Description === undefined ? { Code } : { Code, Description } } as Primitive;
};

const emptied = (content: Primitive, ours = false): Primitive => {
  if (!ours && 'NickList' in content && isSourced(content.name) && Object.keys(content.NickList ?? {}).length === 0) {
    const { NickList: _, ...rest } = content;
    return rest as Primitive;
  }
  if (!('Presence' in content)) return content;
  const isSourcedForm = content.Presence?.every(
    ({ PresenceSubList: lists = [], ...rest }) => lists.length < 2 && Object.keys(rest).join() === 'UserID',
  );
  if (!isSourcedForm) return content;
  const presences = content.Presence?.map(({ PresenceSubList: [list] = [], ...rest }) => ({
    ...rest,
    ...(list && Object.keys(list).length && { PresenceSubList: [list] }),
  }));
  return { ...content, Presence: presences } as Primitive;
};

/** Elements of others inside others of ours are not said either. */
const hasExtensions = (value: unknown): boolean => /"(ExtendedData|ExtBlockETEM)"/.test(JSON.stringify(value));

for (const version of cspVersions)
  test(`CSP ${version}: any value of any primitive comes back`, () => {
    for (const name of namesOf(version))
      fc.assert(
        fc.property(fc.integer({ min: 0 }), fc.integer({ min: 1, max: 999 }), (seed, id) => {
          const content = samplePrimitive(name, version, seed);
          fc.pre(!hasExtensions(content));
          const isOutband = 'SessionID' in content || /^Login/.test(name);
          const mode = primitiveInfo.get(name as never)?.mode;
          const message: CspMessage = {
            version,
            ...(isOutband ? { sessionType: 'Outband' } : { sessionType: 'Inband', sessionId: 's-42' }),
            transactions: [{ mode: mode === 'Response' ? 'Response' : 'Request', id: `${id}`, content }],
          };
          const octets = writeMessage(message, 'pts');
          const read = readMessage(octets, 'application/vnd.wv.csp.sms');
          const text = new TextDecoder().decode(octets);
          assert.ok(read.ok, `${text} ${JSON.stringify(read)}`);
          assert.equal(read.value.encoding, 'pts');
          assert.ok(!read.value.message.transactions.some(isRefused), `${text} ${JSON.stringify(read.value.message)}`);
          const expected = {
            ...message,
            transactions: message.transactions.map((one) => ({ ...one, content: said(one.content) })),
          };
          const { usesOurCodes: _, ...told } = read.value.message;
          assert.deepEqual(plain(told), plain(expected), text);
          // Who has our codes loses nothing.
          const again = readPts(writePts({ ...message, usesOurCodes: true }));
          const [back] = again.ok ? again.value.message.transactions : [];
          assert.deepEqual(plain(back && !isRefused(back) && back.content), plain(emptied(content, true)));
          assert.deepEqual(read.value.notes, [], text);
        }),
        { numRuns: 25 },
      );
  });

test('every primitive of the model has a code, and every code a name of the model', () => {
  const coded = new Set([...sourcedPrimitives.values(), ...ourPrimitives.values()]);
  for (const { name } of primitiveInfo.values()) assert.ok(coded.has(name) !== unsayable.has(name), name);
  for (const name of coded) assert.ok(primitiveInfo.has(name as never), name);
});

test('no code means two things in one place', () => {
  const disjoint = (...maps: readonly ReadonlyMap<string, unknown>[]): void => {
    const codes = maps.flatMap((map) => [...map.keys()]);
    assert.equal(new Set(codes).size, codes.length, codes.filter((code, at) => codes.indexOf(code) !== at).join());
    for (const code of codes) assert.match(code, /^[A-Z]{2}$/);
  };
  disjoint(sourcedPrimitives, ourPrimitives);
  disjoint(sourcedAttributes, ourAttributes);
  disjoint(ourElements);
  // A parameter with a sourced code and one with ours never stand in the same primitive.
  const sourced = new Map([...sourcedParameters]);
  for (const code of ourElements.keys())
    for (const name of sourced.get(code) ?? [])
      for (const { name: primitive } of primitiveInfo.values()) {
        const text = `${primitive} ${code} ${name} ${ourElements.get(code)}`;
        assert.ok(!(hasSlot(primitive, name) && hasSlot(primitive, ourElements.get(code) ?? '')), text);
      }
});

const hasSlot = (primitive: string, name: string): boolean => slots.get(primitive)?.has(name) === true;
const { primitives } = await import('../model/model.ts');
const slots = new Map([...primitives].map(([name, { element }]) => [name, element.slots]));

test('any text is a message or a fault', () => {
  const piece = fc.constantFrom(
    '(',
    ')',
    ',',
    '"',
    '=',
    ' ',
    'SI',
    'PR',
    'UV',
    'OS',
    'T',
    'ST=',
    'WV12',
    '&',
    'ł',
    '\n',
  );
  const head = fc.constantFrom(
    'WV12PN7 ',
    'WV13UP9 ',
    'WV11NM1 ',
    'WV12CP1 CA=',
    'WV12SQ1 RF=',
    'WV12LM1 AN=',
    'WV1',
    '',
  );
  fc.assert(
    fc.property(
      head,
      fc.oneof(fc.array(piece, { maxLength: 40 }), fc.array(fc.string(), { maxLength: 5 })),
      (start, rest) => {
        const text = start + rest.join('');
        const read = readPts(text);
        if (!read.ok) return;
        const [one] = read.value.message.transactions;
        // What was read can be said, and means the same.
        if (!one || isRefused(one) || one.content.name === 'Login-Request') return;
        const { sessionType, sessionId, version } = read.value.message;
        let again: string;
        try {
          again = writePts({ version, sessionType, sessionId, transactions: [one] });
        } catch (cause) {
          // Read leniently: not all there that must be written.
          assert.equal((cause as Error).name, 'CspWriteError');
          return;
        }
        assert.ok(readPts(again).ok, again);
      },
    ),
    { numRuns: 2000 },
  );
});

test('the grammar reads what it writes', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.string(), fc.constant(undefined), tie('group')),
    group: fc.array(tie('value'), { minLength: 1, maxLength: 4 }),
  })).value as fc.Arbitrary<never>;
  const parameters = fc.array(
    fc.record({ name: fc.stringMatching(/^[A-Za-z]{2,9}$/), value }, { noNullPrototype: true }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(parameters, (given) => {
      const text = { version: '12', code: 'NM', id: '7', parameters: given };
      assert.deepEqual(readText(writeText(text)), { ok: true, value: text });
    }),
  );
});

test('limits: characters, depth, values', () => {
  const fault = (text: string) => {
    const read = readText(text);
    return read.ok ? 'none' : read.fault.reason;
  };
  assert.equal(fault(`WV12NM7 A=${'x'.repeat(70_000)}`), 'limit');
  assert.equal(fault(`WV12NM7 A=${'('.repeat(25)}${')'.repeat(25)}`), 'limit');
  assert.equal(fault(`WV12NM7 A=${'('.repeat(24)}${')'.repeat(24)}`), 'none');
  assert.equal(fault(`WV12NM7 A=(${','.repeat(10_001)})`), 'limit');
  assert.equal(fault('WV12NM7 A="x'), 'syntax');
  assert.equal(fault('WV12NM7 A=(x'), 'syntax');
  assert.equal(fault('WV12NM0007'), 'not-csp');
  assert.equal(fault('WV12NM07'), 'not-csp');
});
