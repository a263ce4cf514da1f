// What an operator can mend is told in one line, with exit code 1. Anything else is ours and keeps its stack.

import { type Config, ConfigError, type Endpoint } from '../config/config.ts';
import { KeyRingError } from '../store/key-ring.ts';
import { StoreOpenError } from '../store/sqlite/open.ts';
import { TlsFilesError } from '../store/tls-files.ts';
import { ControlError } from './control.ts';

/** A command cannot do what it was asked; the message is one line for the operator. */
export class CommandError extends Error {
  override name = 'CommandError';
}

const spoken = [CommandError, ConfigError, ControlError, KeyRingError, StoreOpenError, TlsFilesError];

/** The line to print; undefined for a failure that nobody expected. */
export const failureLine = (error: unknown, config?: Config): string | undefined => {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (spoken.some((kind) => cause instanceof kind)) return cause.message;
    const line = socketLine(cause, config);
    if (line !== undefined) return line;
  }
  return undefined;
};

const socketLine = (cause: NodeJS.ErrnoException, config: Config | undefined): string | undefined => {
  const { syscall, code } = cause;
  const { address = '', port = 0 } = cause as { address?: string; port?: number };
  if (syscall === 'getaddrinfo') {
    const { hostname } = cause as { hostname?: string };
    return `cannot listen on ${hostname}${keyOf(config, hostname ?? '', undefined)}: no such host name`;
  }
  if (syscall !== 'listen' && syscall !== 'bind') return undefined;
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}${keyOf(config, address, port)}`;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use; stop the program that listens there, or choose another port`;
    case 'EACCES':
      return `may not listen on ${where}: permission denied; ports below 1024 need a privilege, choose a higher one`;
    case 'EADDRNOTAVAIL':
      return `cannot listen on ${where}: this machine has no such address`;
    default:
      return `cannot listen on ${where}: ${cause.message}`;
  }
};

/** ` (listen.http)`, when the configuration says so. */
const keyOf = (config: Config | undefined, host: string, port: number | undefined): string => {
  const found = Object.entries(config?.listen ?? {}).filter(
    (entry): entry is [string, Endpoint] =>
      entry[1] !== false && (port === undefined ? entry[1].host === host : entry[1].port === port),
  );
  const exact = found.filter(([, endpoint]) => endpoint.host === host);
  const keys = (exact.length ? exact : found).map(([key]) => `listen.${key}`);
  return keys.length ? ` (${keys.join(', ')})` : '';
};
