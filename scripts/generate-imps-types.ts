// Writes src/imps/primitives.ts, the TypeScript types of CSP primitives, from the content model in src/imps/model.
// Run `node scripts/generate-imps-types.ts` after changing the model; a test fails while the file is stale.

import { writeFileSync } from 'node:fs';
import { primitiveTypes } from '../src/imps/model/types.ts';

writeFileSync(new URL('../src/imps/primitives.ts', import.meta.url), primitiveTypes());
