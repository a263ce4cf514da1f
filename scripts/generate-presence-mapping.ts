// Writes docs/presence-mapping.md from the tables in src/gateway/mapping. A test fails when it is stale.

import { writeFileSync } from 'node:fs';
import { presenceDocument } from '../src/gateway/mapping/document.ts';

writeFileSync(new URL('../docs/presence-mapping.md', import.meta.url), presenceDocument());
