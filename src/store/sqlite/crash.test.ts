// What was acknowledged survives `kill -9`, at whatever instant; what is done together is there together or not at all.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from './open.ts';

test('kill -9 loses nothing that was acknowledged', { timeout: 60_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'onesoup-crash-'));
  const file = join(root, 'onesoup.db');
  const acknowledged: string[] = [];
  try {
    for (let round = 0; round < 5; round++) acknowledged.push(...(await writeUntilKilled(file, round)));
    const store = openSqliteStore({ file });
    const messages = await store.messages.list('mila@home.test', 0, 1e9);
    const halves = await store.blocks.list('together@home.test');
    await store.close();
    const found = new Set([...messages.map(({ stanza }) => stanza), ...halves]);
    const lost = acknowledged.filter((name) =>
      Number(name.split('.')[2]) % 5 === 4 ? !found.has(`${name}.a`) : !found.has(name),
    );
    assert.deepEqual(lost, []);
    for (const half of halves) assert.ok(found.has(half.replace(/.$/, half.endsWith('a') ? 'b' : 'a')), half);
    assert.ok(acknowledged.length > 100, `only ${acknowledged.length} writes: the test saw too little`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

/** Everything the child printed before it was killed, some random time after its first writes. */
const writeUntilKilled = async (file: string, round: number): Promise<string[]> => {
  const script = new URL('crash-writer.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, file, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 150));
  child.kill('SIGKILL');
  await closed;
  return printed.split('\n').slice(0, -1);
};
