// Programs with a domain of their own: can their secrets be read, and by nobody else?

import { statSync } from 'node:fs';
import { type Config, ConfigError } from '../../config/config.ts';
import { readSecretFile } from '../../config/secret-file.ts';
import type { Finding } from './finding.ts';

export const componentFindings = ({ components, listen }: Config): readonly Finding[] => {
  const findings = components.map(({ domain, secret_file }): Finding => {
    try {
      readSecretFile(secret_file, domain);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { state: 'wrong', text: error.message, mend: `openssl rand -hex 24 > ${secret_file}` };
    }
    return statSync(secret_file).mode & 0o077
      ? {
          state: 'note',
          text: `${secret_file}, the secret of ${domain}, can be read by others`,
          mend: `chmod 600 ${secret_file}`,
        }
      : { state: 'good', text: `the secret of ${domain} can be read, by its owner only` };
  });
  const { component } = listen;
  if (components.length > 0 && component === false)
    findings.push({
      state: 'wrong',
      text: 'there are components, and listen.component is turned off',
      mend: 'listen.component: 127.0.0.1:5347',
    });
  return findings;
};
