// Reads the sample files that tests share: plain text, '#' comments, usable from any language.

import { readFileSync } from 'node:fs';

/** The lines of a sample file that are neither blank nor comments, with \n, \r, \t, \xNN and \uNNNN made what they name. */
export const sampleLines = (file: URL): string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map(unescapeSample);

/** Groups of lines that belong together: blank lines separate them. */
export const sampleGroups = (file: URL): string[][] =>
  readFileSync(file, 'utf8')
    .split(/\n\s*\n/)
    .map((group) => group.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#')))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(unescapeSample));

export const unescapeSample = (line: string): string =>
  line.replace(/\\(n|r|t|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]+\})/g, (_, code: string) =>
    code === 'n'
      ? '\n'
      : code === 'r'
        ? '\r'
        : code === 't'
          ? '\t'
          : String.fromCodePoint(Number.parseInt(code.replace(/[xu{}]/g, ''), 16)),
  );
