// docs/compat.md: what individual handsets, clients and servers need beside the rule, collected from the COMPAT comments of the
// source. Each says for whom it is and which test shows it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = new URL('../', import.meta.url).pathname;

export interface Allowance {
  /** The file it stands in, from the root of the project. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** The file of the test that shows it, from the root; undefined: none is named. */
  readonly test: string | undefined;
}

/** Every COMPAT comment of src/, tests excepted. */
export const allowances = (): readonly Allowance[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.test\.ts$|\/(testing|simulation|suite)\//.test(name))
    .sort()
    .flatMap((name) => inFile(`src/${name}`));

const inFile = (file: string): readonly Allowance[] => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  const found: Allowance[] = [];
  for (const [at, line] of lines.entries()) {
    const start = /^\s*(?:\/\/|\/\*\*|\*).*\bCOMPAT\b/.exec(line);
    if (!start || line.includes('a COMPAT')) continue;
    let text = line.slice(line.indexOf('COMPAT'));
    for (let next = at + 1; next < lines.length && !text.includes('*/'); next++) {
      const more = /^\s*(?:\/\/|\*(?!\/))\s?(.*)$/.exec(lines[next] ?? '');
      if (!more || /\bCOMPAT\b/.test(lines[next] ?? '') || more[1] === '') break;
      text += ` ${more[1]}`;
    }
    text = text
      .replace('*/', '')
      .replace(/^COMPAT:?\s*/, '')
      .replace(/\s+/g, ' ')
      .trim();
    const [, shown] = /([\w/.-]+\.(?:test\.ts|txt|ts|conversation))/.exec(text) ?? [];
    found.push({ file, line: at + 1, text, test: shown === undefined ? undefined : placeOf(shown, file) });
  }
  return found;
};

/** A test is named from the folder of the file, from a folder above it, or from the root. */
const placeOf = (shown: string, file: string): string | undefined => {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(root, folder, shown))) return join(folder, shown);
    if (folder === '.') return undefined;
  }
};

const parts: readonly (readonly [string, RegExp])[] = [
  ['Phones: what they are sent and what is taken from them', /^src\/gateway|^src\/sms/],
  ['Phones: CSP as they write and read it', /^src\/(imps|wbxml)/],
  ['XMPP clients and servers', /^src\/(xmpp|server|store|presence)/],
];

/** The document. */
export const compatDocument = (
  all: readonly Allowance[] = allowances(),
): string => `# What individual phones, clients and servers need

Every allowance that onesoup makes for somebody's client or server, with the test that shows it. In the source each is marked
\`COMPAT\`; this page is made from those comments (\`npm run generate\`).

${parts
  .map(
    ([title, where]) => `## ${title}

| what | where | shown by |
|---|---|---|
${all
  .filter(({ file }) => where.test(file))
  .map(
    ({ file, text, test }) =>
      `| ${wordsOf(text)} | \`${file.slice(4)}\` | ${test ? `\`${test.replace(/^src\//, '')}\`` : ''} |`,
  )
  .join('\n')}
`,
  )
  .join('\n')}`;

/** Without the name of the test, which has a column of its own. */
const wordsOf = (text: string): string =>
  text
    .replace(/\s*\((?:Shown by |see )?[^()]*\.(?:test\.ts|txt|ts|conversation)[^()]*\)/g, '')
    .replace(/\s*(?:Test|Shown by):? [^;.]*\.(?:test\.ts|txt|ts)(?:, "[^"]*")?/g, '')
    .replace(/\.?(?:, [A-Z]\d)?(?:, and [\w.]+, "[^"]*")?\s*\.*$/, '.')
    .replaceAll('|', '\\|')
    .trim()
    .replace(/^[a-z]/, (first) => first.toUpperCase());
