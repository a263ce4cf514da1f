// The CSP versions, and how a message tells its own.

import { type Namespaces, namespaces as namespacesOfWbxml } from '../wbxml/namespaces.ts';

/** CSP 1.0 is read as 1.1. */
export type CspVersion = '1.1' | '1.2' | '1.3';
export const cspVersions: readonly CspVersion[] = ['1.1', '1.2', '1.3'];

/** The namespaces of WV-CSP-Message (csp), TransactionContent (trc) and PresenceSubList (pa). */
export const namespaces: Readonly<Record<CspVersion, Namespaces>> = namespacesOfWbxml;

/**
 * The version that the namespace of WV-CSP-Message names, by its number: clients write its stem in several ways (one S60
 * header lacks `/DTD`). `nearest` stands for a version that we do not speak; undefined for a namespace that is none.
 */
export const versionOfRoot = (
  xmlns: string | undefined,
): { readonly version: CspVersion } | { readonly nearest: CspVersion } | undefined => {
  const found = /(\d{1,3})\.(\d{1,3})$/.exec(xmlns ?? '');
  if (!found) return undefined;
  const number = `${Number(found[1])}.${Number(found[2])}`;
  if (number === '1.0') return { version: '1.1' };
  const version = cspVersions.find((one) => one === number);
  if (version) return { version };
  return { nearest: number.startsWith('0.') ? '1.1' : '1.3' };
};
