// `npm run bench -- NAME [arguments]`: runs bench/NAME/main.ts. Without a name, lists what there is.

import { existsSync, readdirSync } from 'node:fs';

const folder = new URL('.', import.meta.url);
const name = process.argv[2] ?? '';
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/main.ts`, folder)))
  .map((entry) => entry.name);

if (names.includes(name)) await import(new URL(`${name}/main.ts`, folder).href);
else {
  console.error(`${name ? `There is no benchmark "${name}". ` : ''}Usage: npm run bench -- ${names.join(' | ')}`);
  process.exitCode = 1;
}
