// Every *.conversation file of the server, each as a test of its own, in a fresh world.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runConversation } from './testing/conversation.ts';
import { World } from './testing/world.ts';

const root = import.meta.dirname;
const scripts = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.conversation'))
  .sort();

for (const name of scripts) {
  const script = readFileSync(join(root, name), 'utf8');
  const title = script.split('\n')[0]?.replace(/^#\s*/, '') ?? '';
  test(`${name}: ${title}`, async () => {
    const world = new World({ registration: 'open' });
    try {
      await runConversation(script, world);
    } finally {
      await world.close();
    }
  });
}
