// docs/configuration.md, made from the schema.

import { type Key, keysOf } from './keys.ts';
import { schema } from './schema.ts';
import type { Endpoint } from './values.ts';

export const configurationReference = (): string => {
  const lines = [head];
  for (const key of keysOf(schema)) {
    const name = `\`${nameOf(key.path)}\``;
    lines.push(`### ${name}`, '', key.description, '');
    if (key.isSection) continue;
    lines.push(`- allowed: ${key.allowed}`);
    if (key.isRequired) lines.push('- required in each entry', '');
    else lines.push(`- default: ${key.defaultValue === undefined ? 'none' : `\`${shown(key.defaultValue)}\``}`, '');
  }
  return `${lines.join('\n').trim()}\n`;
};

const head = `# Configuration

<!-- Made from src/config/schema.ts and src/config/sections by \`node scripts/generate-config-reference.ts\`: edit there. -->

onesoup reads one YAML file: the one named by \`--config\`, else by the environment variable \`ONESOUP_CONFIG\`, else none.
Every key is optional. A key it does not know, or a value that does not fit, stops it with one line that names the file,
the line, the key and what is allowed there. \`onesoup config\` prints what is in force, defaults included, and
\`onesoup doctor\` checks that it can work.

Paths are relative to the configuration file, and to the working directory when there is none. Changes take effect at the
next start.

\`\`\`yaml
domain: home.test
data: ./data
listen:
  http: 127.0.0.1:5280
  c2s: 0.0.0.0:5222
  c2s_tls: 0.0.0.0:5223
  cir_tcp: 0.0.0.0:3717
  cir_udp: 0.0.0.0:3717
cir:
  public_host: chat.home.test
registration: open
gateway:
  backends:
    - { domain: example.org, host: 127.0.0.1, port: 5322, tls: required }
log: { level: info, pretty: auto }
\`\`\`

Beside the database the \`data\` directory holds \`keys\` (without them the passwords kept for phones are lost: back them up,
but not where the database's backups are), \`tls\` (the self-signed certificate) and \`control.sock\` (how the command line
reaches a running server). All of it is for the owner only.

## Keys
`;

const nameOf = (path: Key['path']): string => path.join('.').replaceAll('.[]', '[]');

const shown = (value: unknown): string => {
  if (value === null || typeof value !== 'object' || !('host' in value))
    return JSON.stringify(value).replaceAll('"', '');
  const { host, port } = value as Endpoint;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
};
