// A captured WBXML session, taken apart by tshark: it names every element of every message as we meant it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { encode, type WbxmlDocument } from '../../src/wbxml/index.ts';
import { tablesFor } from '../../src/wbxml/tables.ts';
import { captureOf } from './capture.ts';
import { namesIn, needing, samples } from './tools.ts';

/** Theirs, ours: tshark calls some elements otherwise. */
const ourNames: Readonly<Record<string, string>> = {
  'Auto-Subscribe': 'AutoSubscribe',
  'BlockUser-Request': 'BlockEntity-Request',
  'WV-CSP-NSDiscovery-Request': 'WV-CSP-VersionDiscovery-Request',
  'WV-CSP-NSDiscovery-Response': 'WV-CSP-VersionDiscovery-Response',
};

/** What tshark says of each WBXML body in a capture, in order. */
function dissected(capture: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'interop-tshark-'));
  try {
    const file = join(folder, 'session.pcap');
    writeFileSync(file, capture);
    const text = execFileSync('tshark', ['-r', file, '-Y', 'wbxml', '-O', 'wbxml'], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.split('WAP Binary XML').slice(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The element names that a dissection shows where tags open. */
const namesOf = (dissection: string): string[] =>
  [...dissection.matchAll(/\| +Known Tag 0x\w+ +\([A.][C.]\) \| +<([^\s/>]+)/g)].map(
    ([, name = '']) => ourNames[name] ?? name,
  );

describe('WBXML with tshark', needing('tshark'), () => {
  it('names every element of a session: each request with its answer', () => {
    const all = samples('1.1', '1.2', '1.3');
    assert.equal(all.length, 80);
    const stems = [...new Set(all.map(({ name }) => name.replace(/-(request|response)$/, '')))];
    const find = (name: string): WbxmlDocument => {
      const sample = all.find((each) => each.name === name);
      assert(sample, name);
      return sample;
    };
    const documents = stems.map((stem) => [find(`${stem}-request`), find(`${stem}-response`)] as const);
    const capture = captureOf(
      documents.map(([request, response]) => ({ request: encode(request), response: encode(response) })),
    );
    const dissections = dissected(capture);
    assert.equal(dissections.length, 80);
    documents.flat().forEach(({ root }, index) => {
      assert.deepEqual(namesOf(dissections[index] ?? ''), namesIn(root));
      assert(!/unknown|malformed|invalid/i.test(dissections[index] ?? ''), dissections[index]);
    });
  });

  for (const version of ['1.0', '1.1', '1.2', '1.3'] as const)
    it(`names every element of CSP ${version}`, () => {
      const names = [...tablesFor(version).byName.keys()];
      const root = { name: 'WV-CSP-Message', children: names.map((name) => ({ name, children: [] })) };
      const [dissection = ''] = dissected(captureOf([{ request: encode({ version, root }), response: undefined }]));
      const ours = namesIn(root).map((name) => ourNames[name] ?? name);
      assert.deepEqual(namesOf(dissection), ours);
    });

  for (const version of ['1.1', '1.2', '1.3'] as const)
    it(`reads every value token of CSP ${version}`, () => {
      const values = [...(tablesFor(version).byName.get('Cap')?.choices?.keys() ?? [])];
      assert(values.length > 80);
      // A few to a message: tshark indents every sibling further, and cuts lines at 240 characters.
      const messages = Array.from({ length: Math.ceil(values.length / 20) }, (_, index) => {
        const children = values.slice(index * 20, index * 20 + 20).map((text) => ({ name: 'Cap', text, children: [] }));
        return { request: encode({ version, root: { name: 'CommC', children } }), response: undefined };
      });
      const dissection = dissected(captureOf(messages)).join('\n');
      const read = [...dissection.matchAll(/\| EXT_T_0 .*Value: '(.*)'/g)].map(([, value]) => value);
      // 1.3 gives 3D two meanings, by the element around it; tshark shows the other one everywhere.
      const theirs = values.map((value) => (version === '1.3' && value === 'GROUP_ID' ? 'History' : value));
      assert.deepEqual(read, theirs);
    });
});
