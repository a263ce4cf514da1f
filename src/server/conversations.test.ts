// Every *.conversation file of the server, each as a test of its own, on a fresh server.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runConversation } from './testing/conversation.ts';
import { testServer } from './testing/server.ts';

const root = import.meta.dirname;
const scripts = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.conversation'))
  .sort();

for (const name of scripts) {
  const script = readFileSync(join(root, name), 'utf8');
  const title = script.split('\n')[0]?.replace(/^#\s*/, '') ?? '';
  test(`${name}: ${title}`, async () => {
    const server = testServer({ registration: 'open' });
    try {
      await runConversation(script, server);
    } finally {
      await server.close();
    }
  });
}
