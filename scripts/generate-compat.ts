// Writes docs/compat.md from the COMPAT comments of the source. A test fails when it is stale.

import { writeFileSync } from 'node:fs';
import { compatDocument } from './compat-document.ts';

writeFileSync(new URL('../docs/compat.md', import.meta.url), compatDocument());
