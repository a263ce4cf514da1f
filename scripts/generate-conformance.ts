// Writes docs/imps-conformance.md from src/gateway/conformance. `npm run conformance` finds out anew what the suite shows.

import { writeFileSync } from 'node:fs';
import { conformanceDocument } from '../src/gateway/conformance/document.ts';
import { readShown } from '../src/gateway/conformance/table.ts';

writeFileSync(new URL('../docs/imps-conformance.md', import.meta.url), conformanceDocument(readShown()));
