import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Element, elementsOf } from '../xml/element.ts';
import { parseElement } from '../xml/reader.ts';
import type { Characteristic, ProvisioningDocument } from './document.ts';
import { type ImpsSettings, impsDocument } from './imps.ts';
import { macOf, type Security, writePush } from './push.ts';
import { names, types } from './tokens.ts';
import { decode, encode } from './wbxml.ts';
import { toXml } from './xml.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex').toUpperCase();
const vectors = readFileSync(new URL('vectors/documents.txt', import.meta.url), 'utf8')
  .split(/\n\n/)
  .slice(1)
  .map((block) => {
    const [head = '', octets = ''] = block.split('\n--\n');
    const [name = '', ...lines] = head.split('\n');
    return { name, xml: lines.join(''), hex: octets.replace(/#.*$/gm, '').replace(/\s/g, '') };
  });
const without = (xml: string): string => xml.replace(/^<\?xml.*\n<!DOCTYPE.*\n/, '').trimEnd();

describe('provisioning vectors', () => {
  assert.equal(vectors.length, 3);
  for (const vector of vectors)
    test(vector.name, () => {
      const octets = Buffer.from(vector.hex, 'hex');
      const outcome = decode(octets);
      assert(outcome.ok, JSON.stringify(outcome));
      assert.equal(without(toXml(outcome.value)), vector.xml);
      assert.equal(hex(encode(outcome.value)), vector.hex);
      for (let length = 0; length < octets.length; length++)
        assert.deepEqual(decode(octets.subarray(0, length)), {
          ok: false,
          fault: { reason: 'truncated', offset: length },
        });
      assert.deepEqual(decode(Buffer.concat([octets, Buffer.of(1)])), {
        ok: false,
        fault: { reason: 'trailing', offset: octets.length },
      });
    });
});

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll('\0', '').toWellFormed());
const nameOf = (known: readonly string[]) =>
  fc.oneof(
    fc.constantFrom(...known),
    text.filter((name) => name !== ''),
  );
const parm = fc.record(
  {
    name: nameOf([...names[0].keys(), ...names[1].keys()]),
    value: fc.oneof(text, fc.constantFrom('IPV6', 'APPSRV', 'GSM-GPRS')),
  },
  { requiredKeys: ['name'], noNullPrototype: true },
);
const characteristic = (depth: number): fc.Arbitrary<Characteristic> =>
  fc.record(
    {
      type: nameOf([...types[0].keys(), ...types[1].keys()]),
      parms: fc.array(parm, { maxLength: 4 }),
      ...(depth > 0 && { inside: fc.array(characteristic(depth - 1), { minLength: 1, maxLength: 2 }) }),
    },
    { requiredKeys: ['type', 'parms'], noNullPrototype: true },
  ) as fc.Arbitrary<Characteristic>;
const document: fc.Arbitrary<ProvisioningDocument> = fc.record(
  { version: fc.constantFrom('1.0', '1.1'), characteristics: fc.array(characteristic(2), { maxLength: 3 }) },
  { noNullPrototype: true },
);

test('what is written is read again, and mutated octets are a document or a fault', () => {
  fc.assert(
    fc.property(document, fc.nat(), fc.nat(255), (one, at, value) => {
      const octets = encode(one);
      assert.deepEqual(decode(octets), { ok: true, value: one });
      octets[at % octets.length] = value;
      const outcome = decode(octets);
      if (!outcome.ok) assert.ok(outcome.fault.offset <= octets.length);
    }),
  );
});

test('a document too deep, too large, of another kind', () => {
  const nested = (depth: number): Characteristic => ({
    type: 'ACCESS',
    parms: [],
    ...(depth > 1 && { inside: [nested(depth - 1)] }),
  });
  const reasonOf = (octets: Uint8Array) => {
    const outcome = decode(octets);
    return outcome.ok ? 'taken' : outcome.fault.reason;
  };
  assert.equal(reasonOf(encode({ version: '1.0', characteristics: [nested(8)] })), 'taken');
  assert.equal(reasonOf(encode({ version: '1.0', characteristics: [nested(9)] })), 'limit');
  assert.equal(reasonOf(new Uint8Array(65_537)), 'limit');
  assert.equal(reasonOf(Uint8Array.of(3, 0x11, 0x6a, 0, 5)), 'not-provisioning');
  assert.equal(reasonOf(Uint8Array.of(3, 0x0b, 0x6a, 0, 6)), 'token');
});

/** `TYPE/TYPE/NAME` and value of every parm. */
const parmsIn = (element: Element, path: string): readonly (readonly [string, string | undefined])[] =>
  elementsOf(element).flatMap((one) =>
    one.name === 'parm'
      ? [[`${path}${one.attrs['name']}`, one.attrs['value']] as const]
      : parmsIn(one, `${path}${one.attrs['type']}/`),
  );

test('other ways of writing are read: values on page 1, a string table, no version', () => {
  for (const octets of [
    // As libwbxml writes: page 1 stays set; the value is in the string table.
    '03 0B 6A 03 774100 C5 46 01 C6 00 01 55 01 87 36 06 83 00 01 01 01',
    // As some operators did.
    '03 0B 6A 00 45 C6 00 01 55 01 87 36 00 00 06 03 774100 01 01 01',
    // Pages of elements set as well.
    '03 0B 6A 00 45 00 01 C6 00 01 55 01 87 36 00 00 06 03 774100 01 01 01',
  ])
    assert.deepEqual(decode(Buffer.from(octets.replaceAll(' ', ''), 'hex')), {
      ok: true,
      value: { version: '1.0', characteristics: [{ type: 'APPLICATION', parms: [{ name: 'APPID', value: 'wA' }] }] },
    });
});

describe('settings of an IMPS client', () => {
  const least: ImpsSettings = { name: 'home.test', address: 'http://chat.test/csp' };
  const parmsOf = (settings: ImpsSettings): Readonly<Record<string, string | undefined>> => {
    const made = impsDocument(settings);
    assert.ok(made.ok, JSON.stringify(made));
    const root = parseElement(without(toXml(made.value)));
    assert.ok(root.ok);
    return Object.fromEntries(parmsIn(root.value, ''));
  };

  test('what is there is told, what is not is left to the phone', () => {
    assert.deepEqual(parmsOf(least), {
      'APPLICATION/APPID': 'wA',
      'APPLICATION/PROVIDER-ID': 'chat.test',
      'APPLICATION/NAME': 'home.test',
      'APPLICATION/ADDR': 'http://chat.test/csp',
    });
    const all = parmsOf({
      ...least,
      userId: 'ann',
      password: 'soup<2005>',
      accessPoint: { apn: 'online.telia.se', user: 'u', password: 'p' },
    });
    assert.equal(all['APPLICATION/APPAUTH/AAUTHSECRET'], 'soup<2005>');
    assert.equal(all['APPLICATION/TO-NAPID'], all['NAPDEF/NAPID']);
    assert.equal(all['NAPDEF/NAPAUTHINFO/AUTHSECRET'], 'p');
  });

  test('what a phone would drop without a word is refused with one', () => {
    for (const [field, more] of [
      ['address', { address: `http://${'a'.repeat(60)}.test/${'b'.repeat(60)}` }],
      ['address', { address: 'chat.test' }],
      ['userId', { userId: 'a'.repeat(51) }],
      ['userId', { userId: 'a\nb' }],
      ['password', { userId: 'ann', password: 'a'.repeat(51) }],
      ['accessPoint', { accessPoint: { apn: 'a b' } }],
    ] as const) {
      const made = impsDocument({ ...least, ...more });
      assert.equal(!made.ok && made.fault.field, field);
      assert.match(made.ok ? '' : made.fault.text, /\.$/);
    }
    assert.equal(parmsOf({ ...least, name: 'a very long name of a server of ours' })['APPLICATION/NAME']?.length, 30);
  });
});

describe('the push that brings it', () => {
  const octets = Buffer.from(vectors[1]?.hex ?? '', 'hex');
  const keyed = (key: string): string =>
    createHmac('sha1', Buffer.from(key, 'hex')).update(octets).digest('hex').toUpperCase();

  test('the key is the PIN as text, the IMSI as the SIM card has it, or one after the other', () => {
    const [odd, even] = ['240010123456789', '24001012345678'];
    assert.equal(macOf(octets, { method: 'userpin', pin: '1234' }), keyed('31323334'));
    assert.equal(macOf(octets, { method: 'netwpin', imsi: odd }), keyed('2904101032547698'));
    assert.equal(macOf(octets, { method: 'netwpin', imsi: even }), keyed('21041010325476f8'));
    assert.equal(macOf(octets, { method: 'usernetwpin', imsi: odd, pin: '12' }), keyed('29041010325476983132'));
  });

  test('its header names content type, method and MAC, and the document follows', () => {
    const push = Buffer.from(writePush(octets, { method: 'userpin', pin: '1234' }, 0x1f9));
    const mac = Buffer.from(macOf(octets, { method: 'userpin', pin: '1234' }))
      .toString('hex')
      .toUpperCase();
    assert.equal(hex(push), `F9062F1F2DB6918192${mac}00${hex(octets)}`);
    for (const [method, octet] of [
      [{ method: 'netwpin', imsi: '240010123456789' }, '9180'],
      [{ method: 'usernetwpin', imsi: '240010123456789', pin: '1' }, '9182'],
    ] as const)
      assert.equal(hex(writePush(octets, method as Security, 0)).slice(12, 16), octet);
  });

  test('a PIN or an IMSI is digits', () => {
    for (const pin of ['', '12a4', '1'.repeat(16)])
      assert.throws(() => macOf(octets, { method: 'userpin', pin }), RangeError);
    assert.throws(() => macOf(octets, { method: 'netwpin', imsi: '24001-1' }), RangeError);
  });
});
