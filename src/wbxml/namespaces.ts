// The public ids and XML namespaces by which a document tells its CSP version.

import type { CspVersion } from './document.ts';

/** Namespaces of the message (csp), of TransactionContent (trc) and of PresenceSubList (pa). */
export interface Namespaces {
  readonly csp: string;
  readonly trc: string;
  readonly pa: string;
}

const family = (stem: string, version: CspVersion): Namespaces => ({
  csp: `${stem}CSP${version}`,
  trc: `${stem}TRC${version}`,
  pa: `${stem}PA${version}`,
});

export const namespaces: Readonly<Record<CspVersion, Namespaces>> = {
  '1.0': family('http://www.wireless-village.org/', '1.0'),
  '1.1': family('http://www.wireless-village.org/', '1.1'),
  '1.2': family('http://www.openmobilealliance.org/DTD/WV-', '1.2'),
  '1.3': family('http://www.openmobilealliance.org/DTD/IMPS-', '1.3'),
};

/** Attribute start tokens of page 0, all named xmlns: each stands for a namespace up to its version number. */
export const xmlnsStarts: ReadonlyMap<number, string> = new Map([
  [0x05, 'http://www.wireless-village.org/CSP'],
  [0x06, 'http://www.wireless-village.org/PA'],
  [0x07, 'http://www.wireless-village.org/TRC'],
  [0x08, 'http://www.openmobilealliance.org/DTD/WV-CSP'],
  [0x09, 'http://www.openmobilealliance.org/DTD/WV-PA'],
  [0x0a, 'http://www.openmobilealliance.org/DTD/WV-TRC'],
  [0x0b, 'http://www.openmobilealliance.org/DTD/IMPS-CSP'],
  [0x0c, 'http://www.openmobilealliance.org/DTD/IMPS-PA'],
  [0x0d, 'http://www.openmobilealliance.org/DTD/IMPS-TRC'],
]);

export const publicIds: Readonly<Record<CspVersion, number>> = { '1.0': 0x0f, '1.1': 0x10, '1.2': 0x11, '1.3': 0x12 };

/** Formal public identifiers; the -//OMA// forms of 1.1 and 1.2 are those of libwbxml and Nokia. */
const formalIds: ReadonlyMap<string, CspVersion> = new Map([
  ['-//WIRELESSVILLAGE//DTD CSP 1.0//EN', '1.0'],
  ['-//WIRELESSVILLAGE//DTD CSP 1.1//EN', '1.1'],
  ['-//OMA//DTD WV-CSP 1.1//EN', '1.1'],
  ['-//OMA//DTD WV-CSP 1.2//EN', '1.2'],
  ['-//OMA//DTD IMPS-CSP 1.2//EN', '1.2'],
  ['-//OMA//DTD IMPS-CSP 1.3//EN', '1.3'],
]);

const byNamespace: ReadonlyMap<string, CspVersion> = new Map(
  (Object.entries(namespaces) as [CspVersion, Namespaces][]).flatMap(([version, { csp, trc, pa }]) =>
    [csp, trc, pa].map((uri) => [uri, version] as const),
  ),
);

/** The version a namespace belongs to, or undefined for one that is not CSP's. */
export const versionOfNamespace = (uri: string): CspVersion | undefined => byNamespace.get(uri);

/** The version a public id stands for, or undefined where it tells nothing. */
export function versionOfPublicId(publicId: number | string): CspVersion | undefined {
  if (typeof publicId === 'string') return formalIds.get(publicId);
  for (const version of ['1.0', '1.1', '1.2', '1.3'] as const) if (publicIds[version] === publicId) return version;
  return undefined;
}
