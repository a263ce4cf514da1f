// `npm run generate`: writes everything that is made from the code. Tests fail while any of it is stale.

import { readdirSync } from 'node:fs';

const folder = new URL('.', import.meta.url);
for (const name of readdirSync(folder).filter((one) => /^generate-.+\.ts$/.test(one)).sort())
  await import(new URL(name, folder).href);
