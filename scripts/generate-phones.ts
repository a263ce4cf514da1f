// Writes docs/phones/*.md and the table of docs/phones.md from the families in src/web/phones. A test fails when one is stale.

import { readFileSync, writeFileSync } from 'node:fs';
import { documented, familyDocument, withFamilyTable } from '../src/web/phones/document.ts';

const docs = new URL('../docs/', import.meta.url);
for (const family of documented) writeFileSync(new URL(`phones/${family.id}.md`, docs), familyDocument(family));
const overview = new URL('phones.md', docs);
writeFileSync(overview, withFamilyTable(readFileSync(overview, 'utf8')));
