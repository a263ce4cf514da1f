import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { metricRows, metricsDocument } from './metrics-document.ts';

test('docs/metrics.md is what scripts/generate-metrics.ts writes', () => {
  const kept = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8');
  assert.equal(kept, metricsDocument(), 'stale: run node scripts/generate-metrics.ts');
});

test('names say whose they are and in what they count', () => {
  for (const { name, type } of metricRows()) {
    assert.match(name, /^onesoup_(xmpp|csp|sms)_[a-z0-9_]+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', name);
    if (type === 'histogram') assert.match(name, /_(seconds|bytes)$/);
  }
});

test('every metric of the code stands in it', () => {
  const root = new URL('../src/', import.meta.url).pathname;
  const listed = new Set(metricRows().map(({ name }) => name));
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (file.endsWith('.ts') && !file.endsWith('.test.ts'))
      for (const [, name = ''] of readFileSync(join(root, file), 'utf8').matchAll(/'(onesoup_[a-z0-9_]+)'/g))
        assert.ok(
          listed.has(name),
          `src/${file} registers ${name}: bring it into an events.ts that the document reads`,
        );
});
