import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseElement } from '../../../src/xml/reader.ts';
import { withFigures } from './markdown.ts';
import { drawPicture } from './picture.ts';
import { percentilesOf, type Results, spreadOf } from './results.ts';
import { reportOf } from './tables.ts';

const same = (value: number) => ({ min: value, median: value, max: value });
const results: Results = {
  at: '2026-01-01T00:00:00.000Z',
  machine: { cpus: 2, loadBefore: 0.1, loadAfter: 1.2 },
  requests: [
    {
      ...{ version: '1.2', encoding: 'wbxml', work: 'send', requestOctets: 396, answerOctets: 119 },
      ...{ perSecond: same(2000), echoPerSecond: same(8000), ofEcho: same(0.25) },
      ...{ cpu: same(400), echoCpu: same(100), cpuOfEcho: same(4), loadCpu: same(30) },
    },
  ],
  memory: [
    { what: 'links', count: 1000, contacts: 4, heapEach: 4000, residentEach: 5000 },
    { what: 'phones', count: 1000, contacts: 4, heapEach: 15_000, residentEach: 20_000 },
    { what: 'cir', count: 1000, contacts: 4, heapEach: 1400, residentEach: 1800 },
  ],
  wakeUp: {
    ...{ phones: 5000, messages: 1500, perSecond: 50, pollsPerSecond: 200 },
    answered: { p50: 2, p99: 6, max: 9 },
    woken: { p50: 3, p99: 8, max: 12 },
    shown: { p50: 4, p99: 11, max: 20 },
    ...{ serverCpuShare: 0.2, loadCpuShare: 0.1, resident: 2e8 },
  },
};

test('least, median and most of rounds; percentiles are values that occurred', () => {
  assert.deepEqual(spreadOf([5, 1, 9]), { min: 1, median: 5, max: 9 });
  const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
  assert.deepEqual(percentilesOf(hundred), { p50: 50, p99: 99, max: 100 });
});

test('the tables hold rates, their share of the echo, memory beyond an XMPP session, and times', () => {
  const lines = reportOf(results).split('\n');
  assert.ok(lines.some((line) => /send a message +1\.2 wbxml +396\+119 +2000 .* 0\.25 .* 400 .* 4\.0 /.test(line)));
  assert.ok(lines.some((line) => /a phone beyond its XMPP session +11 kB +15 kB/.test(line)));
  assert.ok(lines.some((line) => /to WVCI at the other phone +3\.0 ms +8\.0 ms/.test(line)));
});

test('the picture is well-formed and says in words what it shows', () => {
  const svg = drawPicture(results);
  const read = parseElement(svg);
  assert.ok(read.ok, JSON.stringify(read));
  assert.match(svg, /send a message, 1\.2 wbxml: 25 % of the echo's requests per second; an idle phone: 11 kB beyond/);
  assert.throws(() => drawPicture({ ...results, requests: [], memory: [], wakeUp: null }), /nothing to draw/);
});

test('figures on a page are replaced, and nothing else of it', () => {
  const page = 'Before.\n\n<!-- figures of bench/imps -->\nold\n<!-- end of figures -->\n\nAfter.\n';
  const once = withFigures(page, results);
  assert.match(once, /^Before\.\n\n<!-- figures[\s\S]*\| send a message \| 1\.2 wbxml \|[\s\S]*\n\nAfter\.\n$/);
  assert.doesNotMatch(once, /old/);
  assert.equal(withFigures(once, results), once);
  assert.throws(() => withFigures('no place', results), /no place for figures/);
});
