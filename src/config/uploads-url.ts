// Where uploaded files are on the web.

import type { Config } from './config.ts';

/** Where files are, as far as it can be told without `uploads.url`. */
export const uploadsUrl = ({ domain, listen, uploads }: Pick<Config, 'domain' | 'listen' | 'uploads'>): string => {
  if (uploads.url !== undefined) return uploads.url;
  if (listen.https) return `https://${domain}${listen.https.port === 443 ? '' : `:${listen.https.port}`}`;
  if (listen.http === false) return `https://${domain}`;
  const { host, port } = listen.http;
  const isEverywhere = host === '0.0.0.0' || host === '::';
  return `http://${isEverywhere ? domain : host.includes(':') ? `[${host}]` : host}${port === 80 ? '' : `:${port}`}`;
};
