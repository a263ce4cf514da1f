// WBXML decoding and encoding beside libwbxml: the same messages, octets to a tree and a tree to octets, timed inside each
// process. `npm run bench -- wbxml [seconds]`.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode, read, type WbxmlDocument, type WbxmlElement } from '../../src/wbxml/index.ts';
import { elementFrom } from '../../src/wbxml/vectors/format.ts';

/** libwbxml's numbers of the two CSP versions it knows. */
const languages: Readonly<Record<string, number>> = { '1.1': 2301, '1.2': 2302 };
const rounds = 5;

interface Message {
  readonly language: number;
  readonly document: WbxmlDocument;
  readonly bytes: Uint8Array;
}

/** The samples of CSP 1.1 and 1.2 without their xmlns, which libwbxml cannot write. */
function messages(): Message[] {
  const folder = new URL('../../interop/wbxml/samples/', import.meta.url);
  return readdirSync(folder).flatMap((name) => {
    const version = name.slice(4, 7);
    const language = languages[version];
    if (!language || !(version === '1.1' || version === '1.2')) return [];
    const root = withoutXmlns(elementFrom(readFileSync(new URL(name, folder), 'utf8').trim()));
    const bytes = encode({ version, root });
    const outcome = decode(bytes);
    if (!outcome.ok) throw new Error(`${name}: ${outcome.fault.reason}`);
    return [{ language, document: outcome.value, bytes }];
  });
}

const withoutXmlns = (element: WbxmlElement): WbxmlElement => ({
  ...element,
  xmlns: undefined,
  children: element.children.map(withoutXmlns),
});

/** Nanoseconds a message, garbage collection included: the mean of as many passes as fit. */
function mean(seconds: number, count: number, pass: () => void): number {
  let passes = 0;
  const began = performance.now();
  let ended = began;
  for (; ended - began < seconds * 1000; passes++) {
    pass();
    ended = performance.now();
  }
  return ((ended - began) * 1e6) / passes / count;
}

function compile(folder: string): string | undefined {
  const program = join(folder, 'libwbxml');
  const source = new URL('libwbxml.c', import.meta.url).pathname;
  const include = '/usr/include/libwbxml-1.0/wbxml';
  const compiled = spawnSync('cc', ['-O2', `-I${include}`, '-o', program, source, '-lwbxml2'], { encoding: 'utf8' });
  if (compiled.status === 0) return program;
  console.error(compiled.error?.message ?? compiled.stderr);
  console.error('libwbxml is not here to compare with. On Debian: apt-get install gcc libc6-dev libwbxml2-dev');
  return undefined;
}

const seconds = Number(process.argv[3] ?? 4);
const all = messages();
const folder = mkdtempSync(join(tmpdir(), 'bench-wbxml-'));
try {
  const file = join(folder, 'messages');
  const parts = all.flatMap(({ language, bytes }) => [
    new Uint8Array(Uint32Array.of(language, bytes.length).buffer),
    bytes,
  ]);
  writeFileSync(file, Buffer.concat(parts));
  const program = compile(folder);

  const ours = { decode: Number.POSITIVE_INFINITY, read: Number.POSITIVE_INFINITY, encode: Number.POSITIVE_INFINITY };
  const theirs = { decode: Number.POSITIVE_INFINITY, encode: Number.POSITIVE_INFINITY };
  const visitor = { begin() {}, open() {}, close() {} };
  // In turns, so that whatever else the machine does meets both.
  for (let round = 0; round < rounds; round++) {
    const share = seconds / rounds / 3;
    const time = (pass: (message: Message) => void): number => mean(share, all.length, () => all.forEach(pass));
    ours.decode = Math.min(
      ours.decode,
      time((message) => decode(message.bytes)),
    );
    ours.encode = Math.min(
      ours.encode,
      time((message) => encode(message.document)),
    );
    ours.read = Math.min(
      ours.read,
      time((message) => read(message.bytes, visitor)),
    );
    if (!program) continue;
    const output = execFileSync(program, [file, String((seconds / rounds) * (2 / 3))], { encoding: 'utf8' });
    const [parsed = Number.NaN, encoded = Number.NaN] = output.trim().split(' ').map(Number);
    theirs.decode = Math.min(theirs.decode, parsed);
    theirs.encode = Math.min(theirs.encode, encoded);
  }

  const octets = all.reduce((sum, message) => sum + message.bytes.length, 0);
  console.log(
    `${all.length} CSP messages, ${Math.round(octets / all.length)} octets on average; µs per message, best of ${rounds} rounds`,
  );
  const row = (what: string, mine: number, other?: number): void => {
    const beside =
      other === undefined || !Number.isFinite(other)
        ? ''
        : `   libwbxml ${(other / 1000).toFixed(2).padStart(7)}   ${(other / mine).toFixed(2)} times as fast`;
    console.log(`${what.padEnd(28)} onesoup ${(mine / 1000).toFixed(2).padStart(7)}${beside}`);
  };
  row('decode to a tree', ours.decode, theirs.decode);
  row('encode from a tree', ours.encode, theirs.encode);
  row('read without a tree', ours.read);
} finally {
  rmSync(folder, { recursive: true });
}
