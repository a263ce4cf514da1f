// onesoup config: what is in force, defaults included. A configuration holds no secrets, only paths to them.

import { stringify } from 'yaml';
import type { Config, Endpoint } from '../config/config.ts';

export const showConfig = ({ file, ...config }: Config): string => {
  const listen = Object.fromEntries(
    Object.entries(config.listen).map(([key, endpoint]) => [key, endpoint === false ? false : written(endpoint)]),
  );
  const routes = Object.fromEntries(
    Object.entries(config.federation.routes).map(([domain, { isDirectTls, ...endpoint }]) => [
      domain,
      isDirectTls ? { to: written(endpoint), tls: 'direct' } : written(endpoint),
    ]),
  );
  const federation = { ...config.federation, routes };
  return `# ${file ?? 'no configuration file: all defaults'}\n${stringify({ ...config, listen, federation })}`.trimEnd();
};

export const written = ({ host, port }: Endpoint): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
