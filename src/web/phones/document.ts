// docs/phones/FAMILY.md and the table in docs/phones.md, made from the families (`npm run generate`).

import { families } from './families.ts';
import type { Family, Field } from './family.ts';

const width = 128;

/** Breaks a paragraph into lines; those after the first are indented. */
const wrapped = (text: string, indent = ''): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join('\n');
};

const valuesInWords: Readonly<Record<Field['value'], string>> = {
  address: '`http://…/csp`',
  'user ID': 'the name, such as `ann`',
  password: 'the one you chose',
  'access point': 'an internet one, not WAP',
  'any name': 'anything, such as `onesoup`',
};

const userIdInWords = ({ foreignUserId }: Family): string =>
  `An account of another server signs in as \`${foreignUserId}\`.`;

/** A page of docs/phones/. */
export const familyDocument = (family: Family): string => {
  const { name, known, models, menu, fields, speaks, wakesUpBy, provisioning, notes } = family;
  const rows = [
    ['models (among others)', models],
    ['where the settings are', menu],
    ['speaks', speaks],
    ['wakes up by', wakesUpBy],
    ['settings by message', provisioning.works],
  ];
  return [
    `# ${name}`,
    '',
    wrapped(known),
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([head, text]) => `| ${head} | ${text} |`),
    '',
    '## What to type',
    '',
    '| in the phone | value |',
    '|---|---|',
    ...fields.map(({ label, value }) => `| *${label}* | ${valuesInWords[value]} |`),
    '',
    wrapped(
      `The page at the end of \`/register\`, and \`/settings/${family.id}\`, has them for your server. ${userIdInWords(family)}`,
    ),
    '',
    '## Notes',
    '',
    ...[`Settings by message: ${provisioning.note}`, ...notes].map((note) => wrapped(`- ${note}`, '  ')),
    '',
  ].join('\n');
};

export const documented = families.filter(({ id }) => id !== 'other');

const firstOf = '<!-- families: made from src/web/phones -->';
const last = '<!-- /families -->';

/** docs/phones.md with its table of families as it is now. Throws when its place is not marked. */
export const withFamilyTable = (document: string): string => {
  const [start, end] = [document.indexOf(firstOf), document.indexOf(last)];
  if (start < 0 || end < start) throw new Error(`docs/phones.md has no ${firstOf} … ${last}`);
  const rows = documented.map(
    ({ id, name, speaks, wakesUpBy, provisioning }) =>
      `| [${name}](phones/${id}.md) | ${speaks} | ${wakesUpBy} | ${provisioning.works} |`,
  );
  const table = ['| family | speaks | wakes up by | settings by message |', '|---|---|---|---|', ...rows];
  return `${document.slice(0, start)}${firstOf}\n${table.join('\n')}\n${document.slice(end)}`;
};
