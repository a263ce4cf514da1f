// docs/imps-conformance.md: the conformance table for people.

import { readdirSync, readFileSync } from 'node:fs';
import type { Encoding } from '../../imps/message.ts';
import { type CspVersion, cspVersions } from '../../imps/version.ts';
import { notShown } from './not-shown.ts';
import { type Direction, type ReferencePrimitive, referencePrimitives } from './reference.ts';
import type { Shown } from './table.ts';
import { keyOf } from './witness.ts';

export const encodings: readonly Encoding[] = ['xml', 'wbxml'];

const arrows: Readonly<Record<Direction, string>> = { phone: '→', server: '←' };
const suite = new URL('../suite/', import.meta.url);

/** Where each test stands, by its title: `suite/messages.ts`. Throws when a title stands nowhere. */
const placesOf = (titles: readonly string[]): ReadonlyMap<string, string> => {
  const files = readdirSync(suite).filter((name) => name.endsWith('.ts'));
  const texts = files.map((name) => ({ name, text: readFileSync(new URL(name, suite), 'utf8') }));
  return new Map(
    titles.map((title) => {
      const found = texts.find(({ text }) => text.includes(title));
      if (!found) throw new Error(`no test of the suite has the title '${title}': npm run conformance`);
      return [title, found.name];
    }),
  );
};

/** … and the plain text syntax, in which not everything can be said. */
const columns: readonly { readonly version: CspVersion; readonly encoding: Encoding }[] = [
  ...cspVersions.flatMap((version) => encodings.map((encoding) => ({ version, encoding }))),
  { version: '1.2', encoding: 'pts' },
  { version: '1.3', encoding: 'pts' },
];
const titles: Readonly<Record<Encoding, string>> = { xml: 'XML', wbxml: 'WBXML', pts: 'PTS' };

/** The document. Throws when a test that it names is gone. */
export const conformanceDocument = (shown: Shown): string => {
  const tests = [...new Set(Object.values(shown))].sort();
  const places = placesOf(tests);
  const ordered = tests.sort((a, b) => (`${places.get(a)} ${a}` < `${places.get(b)} ${b}` ? -1 : 1));
  const numberOf = new Map(ordered.map((title, at) => [title, at + 1]));
  const field = (one: ReferencePrimitive, from: Direction, column: (typeof columns)[number]): string => {
    if (!one.versions.includes(column.version)) return '';
    const test = shown[keyOf({ primitive: one.name, from, ...column })];
    return test === undefined ? '–' : String(numberOf.get(test));
  };
  const row = (one: ReferencePrimitive, from: Direction): string =>
    `| ${one.name} | ${arrows[from]} | ${columns.map((column) => field(one, from, column)).join(' | ')} |`;
  const chapters = [...new Set(referencePrimitives.map(({ chapter }) => chapter))];
  return `# IMPS conformance

Every primitive of the Client-Server Protocol 1.1, 1.2 and 1.3, in XML, in WBXML and in the plain text syntax of short messages
(PTS), as sent by phones (→) and by the server (←).
A number names the test, below, in which a phone of that version and encoding sent or received it and it went well. An empty field:
the version has no such primitive. A dash: not shown; the reason stands under the table (in PTS: it cannot be said there).

The table is written by what the phones of \`src/gateway/suite\` really say (\`npm run conformance\`), and proved again by every
\`npm test\`. The same conversations run over a real Prosody (\`npm run test:interop\`).

${chapters
  .map(
    (chapter) => `## ${chapter}

| primitive | | ${columns.map(({ version, encoding }) => `${version} ${titles[encoding]}`).join(' | ')} |
|---|---|${columns.map(() => '---|').join('')}
${referencePrimitives
  .filter((one) => one.chapter === chapter)
  .flatMap((one) => one.from.map((from) => row(one, from)))
  .join('\n')}
`,
  )
  .join('\n')}
## Not shown

${notShown.map(({ primitive, from, reason }) => `- ${primitive} (${arrows[from]}): ${reason}.`).join('\n')}

## The tests

All in \`src/gateway/suite\`.

${ordered.map((title, at) => `${at + 1}. ${title} (\`${places.get(title)}\`)`).join('\n')}
`;
};
