// Holds the source tree to its direction: a folder of src/ may import only from those before it in this list.
// Run by `npm run check`. When it complains, move the code or pass the collaborator in from src/app.ts.

import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

const order = [
  'base', // clock, randomness, hook points, outcomes: no protocol
  'config',
  'wbxml',
  'xml',
  'sms', // short messages and who carries them
  'provisioning', // settings for phones as OMA documents
  'imps',
  'xmpp',
  'presence',
  'store',
  'cluster',
  'server',
  'gateway',
  'web',
  'cli',
];
// Stand-alone folders import nothing from the rest of the tree; wbxml runs in a browser too, so no Node there either.
const alone = new Set(['base', 'config', 'wbxml', 'xml', 'sms']);
const inBrowser = new Set(['wbxml']);
// Parts of a protocol know nothing of each other's protocol.
const apart: Readonly<Record<string, readonly string[]>> = { xmpp: ['imps', 'wbxml'], server: ['imps', 'wbxml'] };

const root = new URL('../src/', import.meta.url).pathname;
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const folderOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : '');
const complaints: string[] = [];

for (const file of files) {
  const folder = folderOf(file);
  const text = readFileSync(join(root, file), 'utf8');
  const isTest = file.endsWith('.test.ts');
  if (folder && !order.includes(folder)) complaints.push(`${file}: src/${folder} is not in the list of layers`);
  for (const [, target = ''] of text.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)) {
    if (!target.startsWith('.')) {
      if (inBrowser.has(folder) && !isTest)
        complaints.push(`${file}: imports '${target}', but src/${folder} must run in a browser`);
      continue;
    }
    const other = folderOf(normalize(join(file, '..', target)));
    if (!folder || other === folder) continue;
    // The program starts the app; nothing else may know it.
    if (file === 'cli/main.ts' && target === '../app.ts') continue;
    if (!other) complaints.push(`${file}: imports ${target}; only src/app.ts wires parts together`);
    else if (order.indexOf(other) > order.indexOf(folder))
      complaints.push(`${file}: src/${folder} may not know src/${other}`);
    else if (alone.has(folder) && other !== 'base')
      complaints.push(`${file}: src/${folder} stands alone, but imports src/${other}`);
    else if (apart[folder]?.includes(other))
      complaints.push(`${file}: src/${folder} has no business with src/${other}`);
  }
}

for (const complaint of complaints.sort()) console.error(complaint);
if (complaints.length) process.exit(1);
console.log(`layers: ${files.length} files point the right way`);
