// OMA provisioning documents through libwbxml's tools, in both directions, against our codec.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Characteristic, ProvisioningDocument } from '../../src/provisioning/document.ts';
import { impsDocument } from '../../src/provisioning/imps.ts';
import { names, types, values } from '../../src/provisioning/tokens.ts';
import { decode, encode } from '../../src/provisioning/wbxml.ts';
import { toXml } from '../../src/provisioning/xml.ts';
import { type Element, elementsOf } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/reader.ts';
import { convert, needing } from './tools.ts';

/** Ours, theirs: what libwbxml misspells. */
const respelt = (xml: string): string => xml.replaceAll('TRETRA-', 'TETRA-');

const plain = (element: Element): unknown => [element.name, element.attrs, elementsOf(element).map(plain)];
const read = (xml: string): unknown => {
  const body = xml.replace(/^<\?xml[^>]*\?>\s*<!DOCTYPE[^>]*>\s*/, '').trim();
  const outcome = parseElement(body);
  assert.ok(outcome.ok, body);
  return plain(outcome.value);
};
const theirReading = (octets: Uint8Array): unknown =>
  read(respelt(convert('wbxml2xml', ['-m', '0'], octets).toString('utf8')));

const imps = impsDocument({
  name: 'обед',
  address: 'http://chat.test:5280/csp',
  userId: 'wv:ann@home.test',
  password: 'soup & <2005>',
  accessPoint: { apn: 'internet', user: 'web', password: 'web' },
});
assert.ok(imps.ok);
const parms = (page: 0 | 1): Characteristic['parms'] => [
  ...[...names[page].keys()].map((name) => ({ name, value: `a ${name}` })),
  // Values stand for themselves on the page of the name before them.
  ...(page === 0 ? [...values[0].keys()].map((value) => ({ name: 'BEARER', value })) : []),
  { name: 'MASTER' },
];
const samples: Readonly<Record<string, ProvisioningDocument>> = {
  'the settings of an IMPS client': imps.value,
  'every type, name and value of page 0': {
    version: '1.1',
    characteristics: [...types[0].keys()].map((type) => ({ type, parms: parms(0) })),
  },
  'every type and name of page 1': {
    version: '1.0',
    characteristics: [
      { type: 'APPLICATION', parms: parms(1), inside: [...types[1].keys()].map((type) => ({ type, parms: [] })) },
    ],
  },
};

describe('provisioning documents with libwbxml', needing('xml2wbxml', 'wbxml2xml'), () => {
  for (const [name, sample] of Object.entries(samples))
    it(name, () => {
      assert.deepEqual(theirReading(encode(sample)), read(toXml(sample)), 'we write, they read');
      for (const stringTable of [[], ['-n']]) {
        const theirs = decode(convert('xml2wbxml', stringTable, toXml(sample)));
        assert.ok(theirs.ok, JSON.stringify(theirs));
        assert.deepEqual(read(toXml(theirs.value)), read(toXml(sample)), 'they write, we read');
      }
    });
});
