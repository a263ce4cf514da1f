// Writes docs/xmpp-support.md from the features' own words. A test fails when it is stale.

import { writeFileSync } from 'node:fs';
import { supportDocument } from './support-document.ts';

writeFileSync(new URL('../docs/xmpp-support.md', import.meta.url), await supportDocument());
