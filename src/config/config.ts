// The checked configuration. A file that does not fit is refused in one line: where, which key, what is allowed.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { faultLine, parseYaml } from './faults.ts';
import { schema } from './schema.ts';

export type { Endpoint } from './values.ts';

type Values = z.output<typeof schema>;

/** Keys as in the file. Paths are absolute. */
export interface Config extends Values {
  /** The file it was read from; undefined: all defaults. */
  readonly file: string | undefined;
}

/** The message is one line for the operator: file:line, key, what is wrong, what is allowed. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** The file named by `--config`, else by ONESOUP_CONFIG, else none. Throws ConfigError. */
export const loadConfig = (
  option: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  directory: string = process.cwd(),
): Config => {
  const file = option ?? (environment['ONESOUP_CONFIG'] || undefined);
  if (file === undefined) return checkConfig('', undefined, directory);
  let text: string;
  try {
    text = readFileSync(resolve(directory, file), 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      { ENOENT: 'no such file', EACCES: 'permission denied', EISDIR: 'it is a directory' }[code ?? ''] ?? message;
    const from = option === undefined ? ' (named by ONESOUP_CONFIG)' : '';
    throw new ConfigError(`cannot read the configuration ${file}${from}: ${why}`, { cause });
  }
  return checkConfig(text, file, directory);
};

/** Checks the text of a configuration. Throws ConfigError. `file` is as the operator named it. */
export const checkConfig = (text: string, file: string | undefined, directory: string = process.cwd()): Config => {
  const source = parseYaml(text);
  if (!source.ok) throw new ConfigError(`${file}:${source.fault.line}: ${source.fault.text}`);
  const checked = schema.safeParse(source.value.toJS() ?? {});
  if (!checked.success) throw new ConfigError(`${file}:${faultLine(source.value, schema, checked.error)}`);
  const { data, tls, gateway, federation, components, sms, web, ...rest } = checked.data;
  const home = file === undefined ? directory : dirname(resolve(directory, file));
  const absolute = (path: string): string => resolve(home, path);
  return {
    ...rest,
    file: file === undefined ? undefined : resolve(directory, file),
    data: absolute(data),
    tls: {
      ...tls,
      ...(tls.certificate !== undefined && { certificate: absolute(tls.certificate) }),
      ...(tls.key !== undefined && { key: absolute(tls.key) }),
    },
    gateway: {
      ...gateway,
      backends: gateway.backends.map((backend) => ({
        ...backend,
        ...(backend.ca !== undefined && { ca: absolute(backend.ca) }),
      })),
    },
    federation: { ...federation, ...(federation.ca !== undefined && { ca: absolute(federation.ca) }) },
    sms: {
      ...sms,
      smpp: {
        ...sms.smpp,
        ...(sms.smpp.ca !== undefined && { ca: absolute(sms.smpp.ca) }),
        ...(sms.smpp.password_file !== undefined && { password_file: absolute(sms.smpp.password_file) }),
      },
      kannel: {
        ...sms.kannel,
        ...(sms.kannel.password_file !== undefined && { password_file: absolute(sms.kannel.password_file) }),
        ...(sms.kannel.incoming_secret_file !== undefined && {
          incoming_secret_file: absolute(sms.kannel.incoming_secret_file),
        }),
      },
    },
    web: { ...web, ...(web.admin_token_file !== undefined && { admin_token_file: absolute(web.admin_token_file) }) },
    components: components.map((component) => ({ ...component, secret_file: absolute(component.secret_file) })),
  };
};
