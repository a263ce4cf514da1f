import assert from 'node:assert/strict';
import { test } from 'node:test';
import { primitiveInfo } from '../lookup.ts';
import type { CspMessage } from '../message.ts';
import { samplePrimitive } from '../model/sample.ts';
import type { Primitive } from '../primitives.ts';
import { readMessage } from '../read-message.ts';
import { writeMessage } from '../write-message.ts';
import { inspectStrictly } from './strict.ts';

const type = 'application/vnd.wv.csp.wbxml';
const inspect = (octets: Uint8Array, contentType = type): readonly string[] => {
  const read = readMessage(octets, contentType);
  assert.ok(read.ok, JSON.stringify(read));
  return inspectStrictly(octets, contentType, read.value);
};
const message = (content: Primitive, more: Partial<CspMessage> = {}): CspMessage => ({
  version: '1.2',
  sessionType: 'Inband',
  sessionId: 's1',
  transactions: [{ mode: 'Response', id: 'nok1', content }],
  poll: true,
  ...more,
});
const status: Primitive = { name: 'Status', Result: { Code: 200 } };
const good = writeMessage(message(status), 'wbxml');

/** The octets with one run of them, given in hexadecimal, replaced by another. */
const changed = (octets: Uint8Array, from: string, to: string): Uint8Array => {
  const hex = Buffer.from(octets).toString('hex').toUpperCase();
  const strip = (text: string) => text.replaceAll(' ', '');
  assert.equal(hex.split(strip(from)).length, 2, `${from} once in ${hex}`);
  return Buffer.from(hex.replace(strip(from), strip(to)), 'hex');
};

test('what this project writes is taken, for every primitive of 1.1 and 1.2', () => {
  for (const { name, versions } of primitiveInfo.values()) {
    // Tags of page 0A and of another namespace are not in its tables: no server sends it these.
    if (/^WV-CSP-Version|^Extended-|^GetReactive/.test(name)) continue;
    for (const version of versions)
      for (let seed = 1; seed < 8 && version !== '1.3'; seed++) {
        const octets = writeMessage(message(samplePrimitive(name, version, seed), { version }), 'wbxml');
        const complaints = inspect(octets).filter((one) => !isOfTheSample(one));
        assert.deepEqual(complaints, [], `${version} ${name} ${seed}`);
      }
  }
});
/** Random values hold what a server would not send: CIRURL, tokens of Android's, codes below 200, ModMapping. */
const isOfTheSample = (complaint: string): boolean =>
  /^tag (3\/14|7\/29)|value token a[45]|^code \d|longer than its buffer|^SearchID: '|^Cap: /.test(complaint);

test('each of its refusals', () => {
  const rows: [what: RegExp, octets: Uint8Array, contentType?: string][] = [
    [/Content-Type/, good, 'application/vnd.wv.csp.wbxml; charset=utf-8'],
    [/not WBXML/, writeMessage(message(status), 'xml')],
    [/public id/, changed(good, '03 11 6A', '03 01 6A')],
    [/charset/, changed(good, '03 11 6A', '03 11 00')],
    [/WBXML version/, changed(good, '03 11 6A', '02 11 6A')],
    [/a boolean as text/, changed(good, '80 2C', '03 54 00')],
    [/SessionType: an enumerated value as text/, changed(good, '70 80 11', '70 03 49 6E 62 61 6E 64 00')],
    [/SessionID: longer/, writeMessage(message(status, { sessionId: 'x'.repeat(51) }), 'wbxml')],
    [/code 101/, writeMessage(message({ name: 'Status', Result: { Code: 101 } }), 'wbxml')],
    [
      /literal tag/,
      writeMessage(
        message(status, {
          transactions: [{ mode: 'Response', id: '1', content: status, extensions: [{ name: 'X', children: [] }] }],
        }),
        'wbxml',
      ),
    ],
    [
      /a value token here is read as an empty text/,
      changed(writeMessage(message({ name: 'MessageDelivered', MessageID: 'QQ' }), 'wbxml'), '03 51 51 00', '80 2C'),
    ],
    [
      /a date as OPAQUE/,
      changed(
        writeMessage(
          message({
            name: 'DeliveryReport-Request',
            Result: { Code: 200 },
            DeliveryTime: '20010925T165859Z',
            MessageInfo: { Recipient: {} },
          }),
          'wbxml',
        ),
        '03 32303031303932355431363538 35395A 00',
        'C3 06 1F 46 73 0E BB 5A',
      ),
    ],
    [
      /a character reference/,
      writeMessage(message({ name: 'Status', Result: { Code: 200, Description: '&#228;' } }), 'wbxml'),
    ],
    [
      /children Description Code, expected Code Description/,
      changed(
        writeMessage(message({ name: 'Status', Result: { Code: 200, Description: 'Hi' } }), 'wbxml'),
        '4B C3 01 C8 01 52 03 48 69 00 01',
        '52 03 48 69 00 01 4B C3 01 C8 01',
      ),
    ],
    [/without xmlns/, changed(good, 'F3 0A 03 31 2E 32 00 01', '73')],
  ];
  assert.deepEqual(inspect(good), []);
  for (const [what, octets, contentType] of rows)
    assert.ok(
      inspect(octets, contentType).some((complaint) => what.test(complaint)),
      `${what}: ${inspect(octets, contentType).join('; ')}`,
    );
});
