// The vectors in vectors/*.txt: blocks of a comment, the versions, a primitive as a value (JSON), as XML, and as the WBXML
// octets inside TransactionContent (`-`: needs a string table, only comes back). Each is read and written, in both encodings and every version it is given for.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { primitiveInfo } from './lookup.ts';
import { type CspMessage, isRefused } from './message.ts';
import type { Primitive } from './primitives.ts';
import { readMessage } from './read-message.ts';
import type { CspVersion } from './version.ts';
import { writeMessage } from './write-message.ts';

interface Vector {
  readonly title: string;
  readonly versions: readonly CspVersion[];
  readonly value: Primitive;
  readonly xml: string;
  readonly wbxml: Buffer | undefined;
}

const folder = new URL('./vectors/', import.meta.url);
const parse = (file: string): Vector[] =>
  readFileSync(new URL(file, folder), 'utf8')
    .trim()
    .split(/\n\n+/)
    .map((block) => {
      const [title = '', versions = '', value = '', xml = '', wbxml = '', ...more] = block.split('\n');
      assert.ok(title.startsWith('# ') && more.length === 0, `${file}: ${title}`);
      return {
        title: title.slice(2),
        versions: versions.split(' ') as CspVersion[],
        value: JSON.parse(value) as Primitive,
        xml,
        wbxml: wbxml === '-' ? undefined : Buffer.from(wbxml, 'hex'),
      };
    });

const namespaces: Readonly<Record<CspVersion, readonly [csp: string, trc: string]>> = {
  '1.1': ['http://www.wireless-village.org/CSP1.1', 'http://www.wireless-village.org/TRC1.1'],
  '1.2': ['http://www.openmobilealliance.org/DTD/WV-CSP1.2', 'http://www.openmobilealliance.org/DTD/WV-TRC1.2'],
  '1.3': ['http://www.openmobilealliance.org/DTD/IMPS-CSP1.3', 'http://www.openmobilealliance.org/DTD/IMPS-TRC1.3'],
};
const xmlOf = (version: CspVersion, inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><WV-CSP-Message xmlns="${namespaces[version][0]}"><Session><SessionDescriptor>` +
  '<SessionType>Inband</SessionType><SessionID>s1</SessionID></SessionDescriptor><Transaction><TransactionDescriptor>' +
  '<TransactionMode>Request</TransactionMode><TransactionID>1</TransactionID></TransactionDescriptor>' +
  `<TransactionContent xmlns="${namespaces[version][1]}">${inner}</TransactionContent></Transaction></Session></WV-CSP-Message>`;

/** Public id, and the attribute start tokens of the two namespaces. */
const tokens: Readonly<Record<CspVersion, readonly [number, number, number]>> = {
  '1.1': [0x10, 0x05, 0x07],
  '1.2': [0x11, 0x08, 0x0a],
  '1.3': [0x12, 0x0b, 0x0d],
};
const wbxmlOf = (version: CspVersion, inner: Buffer): Buffer => {
  const [publicId, csp, trc] = tokens[version];
  const number = Buffer.from(version);
  return Buffer.concat([
    Uint8Array.of(0x03, publicId, 0x6a, 0x00, 0xc9, csp, 0x03),
    number,
    // Session, SessionDescriptor (SessionType Inband, SessionID s1), Transaction, TransactionDescriptor (Request, 1).
    Buffer.from('00016D6E708011016F037331000101727476802001750331000101', 'hex'),
    Uint8Array.of(0xf3, trc, 0x03),
    number,
    Uint8Array.of(0x00, 0x01),
    inner,
    Uint8Array.of(0x01, 0x01, 0x01, 0x01),
  ]);
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const covered = new Set<string>();

for (const file of readdirSync(folder).sort()) {
  const vectors = parse(file);
  for (const { value, versions } of vectors) for (const version of versions) covered.add(`${version} ${value.name}`);
  test(`vectors/${file}`, () => {
    for (const { title, versions, value, xml, wbxml } of vectors)
      for (const version of versions) {
        const message: CspMessage = {
          version,
          sessionType: 'Inband',
          sessionId: 's1',
          transactions: [{ mode: 'Request', id: '1', content: value }],
        };
        const wire = {
          xml: Buffer.from(xmlOf(version, xml)),
          wbxml: wbxml ? wbxmlOf(version, wbxml) : Buffer.from(writeMessage(message, 'wbxml')),
        };
        for (const encoding of ['xml', 'wbxml'] as const) {
          const what = `${title}, ${version} ${encoding}`;
          const read = readMessage(wire[encoding]);
          assert.ok(read.ok, `${what}: ${JSON.stringify(read)}`);
          assert.deepEqual(read.value.notes, [], what);
          assert.ok(!read.value.message.transactions.some(isRefused), what);
          assert.deepEqual(plain(read.value.message), plain(message), what);
          const written = Buffer.from(writeMessage(message, encoding));
          if (encoding === 'xml') assert.equal(written.toString(), wire.xml.toString(), what);
          else assert.equal(written.toString('hex'), wire.wbxml.toString('hex'), what);
        }
      }
  });
}

test('the vectors cover every primitive of every version', () => {
  const all = [...primitiveInfo.values()].flatMap(({ name, versions }) =>
    versions.map((version) => `${version} ${name}`),
  );
  assert.deepEqual(
    all.filter((one) => !covered.has(one)),
    [],
  );
});
