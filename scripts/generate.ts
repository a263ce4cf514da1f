// `npm run generate`: writes everything that is made from the code. Tests fail while any of it is stale.

import { readdirSync } from 'node:fs';

const folder = new URL('.', import.meta.url);
const scripts = readdirSync(folder).filter((name) => /^generate-.+\.ts$/.test(name));
for (const name of scripts.sort()) await import(new URL(name, folder).href);
