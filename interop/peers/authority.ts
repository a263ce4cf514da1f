// A certificate authority of the test's own, made with openssl: server certificates for XMPP domains (RFC 6120 §13.7.1.2).

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Paths of PEM files. */
export interface KeyPair {
  /** The certificate, followed by what it was issued with. */
  readonly certificate: string;
  readonly key: string;
  /** Key and chain in one file, as ejabberd likes it. */
  readonly both: string;
}

export interface CertificateFor {
  /** dNSName, wildcards included (`*.example.test`). */
  readonly domains: readonly string[];
  /** Further names as otherName: id-on-xmppAddr and id-on-dnsSRV `_xmpp-server` (RFC 6125). */
  readonly xmppAddresses?: readonly string[];
  readonly services?: readonly string[];
  /** Without, the certificate says nothing of what it is for. */
  readonly usage?: 'server' | 'server and client';
  /** Ended yesterday. */
  readonly isExpired?: boolean;
}

export interface Authority extends Disposable {
  /** The path of the authority's own certificate: what a peer is to trust. */
  readonly ca: string;
  issue(wanted: CertificateFor): Promise<KeyPair>;
  /** Its own authority: nobody trusts it, which leaves dialback. */
  selfSigned(domain: string): Promise<KeyPair>;
}

const xmppAddr = '1.3.6.1.5.5.7.8.5';
const dnsSrv = '1.3.6.1.5.5.7.8.7';

export const makeAuthority = async (name = 'interop'): Promise<Authority> => {
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-authority-'));
  const at = (file: string): string => join(directory, file);
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory, timeout: 20_000 });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const never = ['-days', '30'];
  let serial = 0;

  const pair = (stem: string, chain: readonly string[]): KeyPair => {
    const certificates = chain.map((file) => readFileSync(at(file), 'utf8')).join('');
    writeFileSync(at(`${stem}.chain.pem`), certificates);
    writeFileSync(at(`${stem}.both.pem`), certificates + readFileSync(at(`${stem}.key`), 'utf8'), { mode: 0o600 });
    return { certificate: at(`${stem}.chain.pem`), key: at(`${stem}.key`), both: at(`${stem}.both.pem`) };
  };

  await openssl(
    ...['req', '-x509', ...newKey, ...never, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', `/CN=${name} authority`],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  );

  return {
    ca: at('ca.pem'),
    async issue({ domains, xmppAddresses = [], services = [], usage, isExpired = false }) {
      const stem = `issued-${++serial}`;
      const names = [
        ...domains.map((domain) => `DNS:${domain}`),
        ...xmppAddresses.map((domain) => `otherName:${xmppAddr};UTF8:${domain}`),
        ...services.map((domain) => `otherName:${dnsSrv};IA5STRING:_xmpp-server.${domain}`),
      ];
      const purposes = { server: 'serverAuth', 'server and client': 'serverAuth,clientAuth' };
      writeFileSync(
        at(`${stem}.ext`),
        [
          'basicConstraints=critical,CA:FALSE',
          'keyUsage=critical,digitalSignature',
          ...(usage ? [`extendedKeyUsage=${purposes[usage]}`] : []),
          `subjectAltName=${names.join(',')}`,
        ].join('\n'),
      );
      await openssl('req', '-new', ...newKey, '-keyout', `${stem}.key`, '-out', `${stem}.csr`, '-subj', '/O=onesoup');
      await openssl(
        ...['x509', '-req', '-in', `${stem}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', `${serial + 1}`],
        ...['-extfile', `${stem}.ext`, '-out', `${stem}.pem`, '-days', isExpired ? '-1' : '30'],
      );
      return pair(stem, [`${stem}.pem`, 'ca.pem']);
    },
    async selfSigned(domain) {
      const stem = `self-signed-${++serial}`;
      await openssl(
        ...[
          'req',
          '-x509',
          ...newKey,
          ...never,
          '-keyout',
          `${stem}.key`,
          '-out',
          `${stem}.pem`,
          '-subj',
          '/O=onesoup',
        ],
        ...['-addext', `subjectAltName=DNS:${domain}`],
      );
      return pair(stem, [`${stem}.pem`]);
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
};
