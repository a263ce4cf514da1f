// Every sample of CSP 1.1 and 1.2 through libwbxml's tools, in both directions, against our codec.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CspVersion, decode, encode, type WbxmlElement } from '../../src/wbxml/index.ts';
import { tablesFor } from '../../src/wbxml/tables.ts';
import { elementFrom, xmlOf } from '../../src/wbxml/vectors/format.ts';
import { convert, namesIn, needing, renamed, samples, withoutXmlns } from './tools.ts';

/** Ours, theirs: what libwbxml calls some elements. */
const theirNames: Readonly<Record<string, string>> = {
  AutoSubscribe: 'Auto-Subscribe',
  ExtendedData: 'Extended-Data',
  ReferredContent: 'PreferredContent',
  ReferredvCard: 'PreferredvCard',
};
const ourNames = Object.fromEntries(Object.entries(theirNames).map(([ours, theirs]) => [theirs, ours]));

const doctypes: Readonly<Record<string, string>> = {
  '1.1': '"-//OMA//DTD WV-CSP 1.1//EN" "http://www.openmobilealliance.org/DTD/WV-CSP.XML"',
  '1.2': '"-//OMA//DTD WV-CSP 1.2//EN" "http://www.openmobilealliance.org/DTD/WV-CSP.DTD"',
};
const languages: Readonly<Record<string, string>> = { '1.1': 'CSP11', '1.2': 'CSP12' };

const theirBytes = (version: CspVersion, root: WbxmlElement): Uint8Array => {
  const xml = xmlOf(renamed(root, theirNames));
  return convert('xml2wbxml', [], `<?xml version="1.0"?><!DOCTYPE WV-CSP-Message PUBLIC ${doctypes[version]}>${xml}`);
};
const theirReading = (version: CspVersion, bytes: Uint8Array): WbxmlElement => {
  const xml = convert('wbxml2xml', ['-m', '0', '-l', languages[version] ?? ''], bytes).toString('utf8');
  return renamed(elementFrom(xml.trim()), ourNames);
};
const ourReading = (bytes: Uint8Array): WbxmlElement => {
  const outcome = decode(bytes);
  assert(outcome.ok, JSON.stringify(outcome));
  return outcome.value.root;
};
/** ContentData as BASE64 text, whether it came as text or as the octets themselves. */
const octetsAsBase64 = (element: WbxmlElement): WbxmlElement => ({
  ...element,
  text: element.opaque ? Buffer.from(element.opaque).toString('base64') : element.text,
  children: element.children.map(octetsAsBase64),
});

/** SHTTP has a token since 1.2, which libwbxml's tables lack: it reads nothing. */
const withoutUnknownValues = ({ text, ...element }: WbxmlElement): WbxmlElement => ({
  ...element,
  ...(text === undefined || text === 'SHTTP' ? {} : { text }),
  children: element.children.map(withoutUnknownValues),
});

describe('WBXML with libwbxml', needing('xml2wbxml', 'wbxml2xml'), () => {
  const all = samples('1.1', '1.2');
  assert.equal(all.length, 72);
  for (const { name, version, root } of all)
    it(name, () => {
      // We write, they read: everything is there, namespaces too.
      assert.equal(xmlOf(theirReading(version, encode({ version, root }))), xmlOf(withoutUnknownValues(root)));

      // They write, we read: they lose the namespaces, and send announced BASE64 as the octets.
      const bytes = theirBytes(version, root);
      const read = ourReading(bytes);
      assert.equal(xmlOf(octetsAsBase64(read)), xmlOf(withoutXmlns(root)));

      // And once around: what we make of their octets, they read as they read their own.
      const outcome = decode(bytes);
      assert(outcome.ok && outcome.value.version === version);
      assert.deepEqual(
        theirReading(version, encode(outcome.value)),
        withoutUnknownValues(theirReading(version, bytes)),
      );
    });

  for (const version of ['1.1', '1.2'] as const)
    it(`every element of CSP ${version}`, () => {
      const names = [...tablesFor(version).byName.keys()].filter((name) => name !== 'CIRURL');
      const root = { name: 'WV-CSP-Message', children: names.map((name) => ({ name, children: [] })) };
      assert.deepEqual(namesIn(theirReading(version, encode({ version, root }))), namesIn(root));
      assert.deepEqual(namesIn(ourReading(theirBytes(version, root))), namesIn(root));
    });
});
