// The child of crash.test.ts: writes without end, and prints each thing it wrote once the store has acknowledged it.

import { writeSync } from 'node:fs';
import { openSqliteStore } from './open.ts';

const store = openSqliteStore({ file: process.argv[2] ?? '' });
const round = process.argv[3] ?? '';

const write = async (writer: number): Promise<never> => {
  for (let n = 0; ; n++) {
    const name = `${round}.${writer}.${n}`;
    if (n % 5 === 4)
      await store.together(async (inside) => {
        await inside.blocks.add('together@home.test', [`${name}.a`]);
        await new Promise((resolve) => setImmediate(resolve));
        await inside.blocks.add('together@home.test', [`${name}.b`]);
      });
    else await store.messages.keep('mila@home.test', name, n, 1e9);
    // Straight to the descriptor: nothing that was acknowledged stays behind in a buffer of this process.
    writeSync(1, `${name}\n`);
  }
};

await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
