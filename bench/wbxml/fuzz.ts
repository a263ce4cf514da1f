// Spoils WBXML samples and checks what must hold of decode() for each: `npm run fuzz -- [seconds] [seed]`. Prints how often
// each outcome came, and on a failure the seed and the octets.

import { readdirSync, readFileSync } from 'node:fs';
import { encode, versionOfNamespace } from '../../src/wbxml/index.ts';
import { elementFrom, vectorsFrom } from '../../src/wbxml/vectors/format.ts';
import { judge } from '../../src/wbxml/vectors/judge.ts';
import { mutated, seeded } from '../../src/wbxml/vectors/mutate.ts';

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_007);
const root = new URL('../../', import.meta.url);

const vectors = ['messages', 'forms'].flatMap((name) =>
  vectorsFrom(readFileSync(new URL(`src/wbxml/vectors/${name}.txt`, root), 'utf8')).map((vector) => vector.bytes),
);
const folder = new URL('interop/wbxml/samples/', root);
const messages = readdirSync(folder).map((name) => {
  const element = elementFrom(readFileSync(new URL(name, folder), 'utf8').trim());
  return encode({ version: versionOfNamespace(element.xmlns ?? '') ?? '1.2', root: element });
});

const samples = [...vectors, ...messages];
const random = seeded(seed);
const counts = new Map<string, number>();
let slowestMs = 0;
let runs = 0;
const end = performance.now() + seconds * 1000;
console.log(`fuzz wbxml: ${samples.length} samples, ${seconds} s, seed ${seed}`);
for (let now = performance.now(); now < end; runs++) {
  const bytes = mutated(samples, random);
  try {
    const reason = judge(bytes) ?? 'a document';
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  } catch (error) {
    console.error(`seed ${seed}, run ${runs}: ${Buffer.from(bytes).toString('hex')}`);
    throw error;
  }
  const then = performance.now();
  slowestMs = Math.max(slowestMs, then - now);
  now = then;
}
for (const [reason, count] of [...counts].sort(([, a], [, b]) => b - a))
  console.log(`${String(count).padStart(9)}  ${reason}`);
console.log(`${runs} runs, slowest ${slowestMs.toFixed(1)} ms, ${Math.round(process.memoryUsage().rss / 1e6)} MB`);
