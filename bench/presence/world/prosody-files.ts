// Accounts and rosters in Prosody's own files, while it is not running: a thousand registrations would take minutes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Person {
  readonly name: string;
  readonly domain: string;
  readonly password: string;
  /** Bare addresses, subscribed both ways. */
  readonly contacts: readonly string[];
}

/** Names of files: everything but letters and digits as %xx. */
const encoded = (text: string): string =>
  text.replace(/[^A-Za-z0-9]/g, (one) => `%${(one.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);

export const writePeople = (data: string, people: readonly Person[]): void => {
  for (const { name, domain, password, contacts } of people) {
    const folder = (store: string): string => {
      const path = join(data, encoded(domain), store);
      mkdirSync(path, { recursive: true });
      return join(path, `${encoded(name)}.dat`);
    };
    writeFileSync(folder('accounts'), `return { ["password"] = "${password}"; };\n`);
    const items = contacts.map((address) => `["${address}"] = { ["subscription"] = "both"; ["groups"] = {}; };\n`);
    writeFileSync(
      folder('roster'),
      `return {\n[false] = { ["version"] = 1; ["pending"] = {}; };\n${items.join('')}};\n`,
    );
  }
};

/** The configuration these files need: passwords as they are, and over connections without TLS, which loopback is. */
export const benchConfig = `
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
plugin_paths = { "${new URL('prosody-plugins', import.meta.url).pathname}" }
`;

/** Orders while it runs, and no waiting before it looks up a name. */
export const benchModules = ['admin_shell', 'dns_without_jitter'];
