// docs/xmpp-support.md, made from what the server's features and the gateway's services say of themselves.

import { readdirSync } from 'node:fs';
import type { Service } from '../src/gateway/service.ts';
import { services } from '../src/gateway/services/index.ts';
import { type Feature, features, type Spec } from '../src/server/features/index.ts';
import { type Part, parts } from '../src/server/parts.ts';

export interface SupportRow {
  readonly spec: Spec;
  /** A file or folder, from src/. */
  readonly where: string;
}

const root = new URL('../src/', import.meta.url);

/** Modules of a folder that may be a feature: its files, and the index of each of its folders. */
const modulesIn = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, root), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      const inside = readdirSync(new URL(`${folder}${entry.name}/`, root));
      return inside.includes('index.ts') ? [`${folder}${entry.name}/index.ts`] : [];
    }
    const isCode = entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') && entry.name !== 'index.ts';
    return isCode ? [`${folder}${entry.name}`] : [];
  });

/** The module that each feature in the list is exported from. Throws when one is in no module: then it cannot be shown. */
const homesOf = async <Thing extends object>(folder: string, list: readonly Thing[]): Promise<Map<Thing, string>> => {
  const homes = new Map<Thing, string>();
  for (const module of modulesIn(folder))
    for (const exported of Object.values((await import(new URL(module, root).href)) as Record<string, unknown>))
      if (list.includes(exported as Thing)) homes.set(exported as Thing, module.replace(/\/index\.ts$/, ''));
  if (homes.size !== list.length) throw new Error(`something in ${folder}index.ts is exported by no module there`);
  return homes;
};

const byId = (a: SupportRow, b: SupportRow): number =>
  sortKey(a.spec.id).localeCompare(sortKey(b.spec.id), 'en', { numeric: true });
const sortKey = (id: string): string => `${id.startsWith('RFC') ? 0 : 1} ${id}`;

/** What the server implements, RFCs first. */
export const serverRows = async (): Promise<readonly SupportRow[]> => {
  const homes = await homesOf<Feature>('server/features/', features);
  return features
    .flatMap((feature) =>
      feature.specs.map((spec) => ({ spec, where: spec.where ?? homes.get(feature) ?? 'server/features' })),
    )
    .sort(byId);
};

/** What one of the server's other parts implements. */
export const partRows = ({ specs, where }: Part): readonly SupportRow[] =>
  specs.map((spec) => ({ spec, where: spec.where ?? where })).sort(byId);

/** What the gateway's services speak to XMPP servers in a phone's name: specification, and the services that do. */
export const gatewayRows = async (): Promise<readonly SupportRow[]> => {
  const homes = await homesOf<Service>('gateway/services/', services);
  return services
    .flatMap((service) =>
      service.specs.map((text) => {
        const [id = '', name = ''] = text.split(/: (.*)/);
        return { spec: { id, name, scope: '' }, where: homes.get(service) ?? 'gateway/services' };
      }),
    )
    .filter(({ spec }) => /^(RFC|XEP)/.test(spec.id))
    .sort(byId);
};

const links: readonly (readonly [RegExp, (number: string) => string])[] = [
  [/^XEP-(\d{4})$/, (number) => `https://xmpp.org/extensions/xep-${number}.html`],
  [/^RFC (\d+)/, (number) => `https://www.rfc-editor.org/rfc/rfc${number}`],
];
const linked = (id: string): string => {
  for (const [pattern, address] of links) {
    const number = pattern.exec(id)?.[1];
    if (number !== undefined) return `[${id}](${address(number)})`;
  }
  return id;
};
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const place = (where: string): string => `[\`${where}\`](../src/${where})`;

const table = (rows: readonly SupportRow[]): string => `| specification | title | version | how far | where |
|---|---|---|---|---|
${rows
  .map(
    ({ spec, where }) =>
      `| ${linked(spec.id)} | ${cell(spec.name)} | ${spec.version ?? ''} | ${cell(spec.scope)} | ${place(where)} |`,
  )
  .join('\n')}`;

export const supportDocument = async (): Promise<string> => `# What the XMPP side supports

<!-- Made from the \`specs\` in src/server and src/gateway/services by \`node scripts/generate-support.ts\`: change
them there, not this file. -->

## The server

For one domain and its clients.

${table(await serverRows())}

${parts.map((part) => `## ${part.title}\n\n${table(partRows(part))}\n\n`).join('')}## The gateway

What phones' users speak, over our own server and over any other. A server that lacks an extension costs only what hangs on
it: without XEP-0191 what a phone blocks is blocked for that phone alone, without XEP-0163 no moods and places are seen.

| specification | title | in the service |
|---|---|---|
${(await gatewayRows()).map(({ spec, where }) => `| ${linked(spec.id)} | ${cell(spec.name)} | ${place(where)} |`).join('\n')}

How presence translates is in [presence-mapping.md](presence-mapping.md).
`;
