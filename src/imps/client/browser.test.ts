import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

test('the client needs nothing of Node: handsets run it in a browser', () => {
  const seen = new Set<string>();
  const outside: string[] = [];
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    assert.ok(existsSync(url), url.href);
    // Types are gone when it runs.
    for (const [, names, target = ''] of readFileSync(url, 'utf8').matchAll(
      /^import (type )?[^;]*?from '([^']+)';/gms,
    )) {
      if (names) continue;
      if (target.startsWith('.')) visit(new URL(target, url));
      else outside.push(target);
    }
  };
  visit(new URL('./client.ts', import.meta.url));
  assert.ok(seen.size > 20);
  assert.deepEqual([...new Set(outside)], ['saxes']);
});
