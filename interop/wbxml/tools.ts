// The programs these tests compare with, and the samples they compare on.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CspVersion, WbxmlElement } from '../../src/wbxml/index.ts';
import { elementFrom } from '../../src/wbxml/vectors/format.ts';

/** Options of a test that needs programs: skipped where one is missing, except in CI, where it fails for want of it. */
export function needing(...programs: string[]): { skip?: string } {
  const missing = programs.find((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  return missing && process.env['CI'] !== 'true' ? { skip: `${missing} is not installed` } : {};
}

/** Run a converter from one file to another: what it writes, or an Error with what it says. */
export function convert(program: string, args: readonly string[], input: string | Uint8Array): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'interop-wbxml-'));
  try {
    const [from, to] = [join(folder, 'in'), join(folder, 'out')];
    writeFileSync(from, input);
    const run = spawnSync(program, [...args, '-o', to, from], { encoding: 'utf8' });
    if (run.error) throw run.error;
    if (run.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${run.stderr}${run.stdout}`);
    return readFileSync(to);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Sample {
  /** `csp-1.2-getlist-request`. */
  readonly name: string;
  readonly version: CspVersion;
  readonly root: WbxmlElement;
}

export function samples(...versions: CspVersion[]): Sample[] {
  const folder = new URL('samples/', import.meta.url);
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const version = file.slice('csp-'.length, 'csp-1.1'.length) as CspVersion;
      if (!versions.includes(version)) return [];
      const root = elementFrom(readFileSync(new URL(file, folder), 'utf8').trim());
      return [{ name: file.replace('.xml', ''), version, root }];
    });
}

/** The element and all inside it under other names. */
export const renamed = (element: WbxmlElement, names: Readonly<Record<string, string>>): WbxmlElement => ({
  ...element,
  name: names[element.name] ?? element.name,
  children: element.children.map((child) => renamed(child, names)),
});

export const withoutXmlns = ({ xmlns: _, ...element }: WbxmlElement): WbxmlElement => ({
  ...element,
  children: element.children.map(withoutXmlns),
});

/** The names of the element and all inside it, in document order. */
export const namesIn = (element: WbxmlElement): string[] => [element.name, ...element.children.flatMap(namesIn)];
