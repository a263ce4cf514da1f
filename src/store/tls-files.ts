// The server's certificate: the operator's own, or one we sign ourselves and keep in the data directory. RSA 2048 with
// SHA-256, because TLS stacks of old phones and programs know nothing newer.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import type { WallMs } from '../base/clock.ts';
import { fileTrouble, makeDirectory, writeWhole } from './files.ts';

export interface TlsFiles {
  /** PEM, the whole chain. */
  readonly certificate: string;
  readonly key: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly validFrom: WallMs;
  readonly expiresAt: WallMs;
  readonly isSelfSigned: boolean;
  /** Whether the certificate is for this name (RFC 6125, wildcards included). */
  covers(domain: string): boolean;
}

/** The message is one line for the operator. */
export class TlsFilesError extends Error {
  override name = 'TlsFilesError';
}

const day = 24 * 60 * 60 * 1000;
const validDays = 3 * 365;
const renewBeforeDays = 30;

/** Reads a certificate and its key, and checks that they belong together. Throws TlsFilesError. */
export const readTlsFiles = (certificateFile: string, keyFile: string): TlsFiles => {
  const certificate = readText(certificateFile);
  const key = readText(keyFile);
  const parsed = parse(certificateFile, () => new X509Certificate(certificate));
  const privateKey = parse(keyFile, () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(privateKey))
    throw new TlsFilesError(`${keyFile} is not the key of the certificate ${certificateFile}`);
  return {
    certificate,
    key,
    certificateFile,
    keyFile,
    validFrom: Date.parse(parsed.validFrom),
    expiresAt: Date.parse(parsed.validTo),
    isSelfSigned: parsed.verify(parsed.publicKey),
    covers: (domain) => parsed.checkHost(domain, { subject: 'never' }) !== undefined,
  };
};

/**
 * 'old': signed with SHA-1, for phones that know nothing else, and with a key of its own, so that what old TLS gives away of
 * it is of no use against the other ports.
 */
export type TlsAge = 'current' | 'old';

/** Our own certificate for `domain` in `directory`, made anew when there is none or it is about to expire. */
export const ownTlsFiles = async (
  directory: string,
  domain: string,
  now: WallMs,
  age: TlsAge = 'current',
): Promise<TlsFiles> => {
  const name = age === 'old' ? `${domain}.old` : domain;
  const certificateFile = join(directory, `${name}.crt`);
  const keyFile = join(directory, `${name}.key`);
  if (existsSync(certificateFile) && existsSync(keyFile)) {
    const kept = readTlsFiles(certificateFile, keyFile);
    if (kept.covers(domain) && kept.expiresAt - now > renewBeforeDays * day && kept.validFrom <= now) return kept;
  }
  const names = domain === 'localhost' ? [domain] : [domain, `*.${domain}`];
  const made = await generate([{ name: 'commonName', value: domain }], {
    keyType: 'rsa',
    keySize: 2048,
    algorithm: age === 'old' ? 'sha1' : 'sha256',
    // A phone's clock is often a day or two behind.
    notBeforeDate: new Date(now - 7 * day),
    notAfterDate: new Date(now + validDays * day),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) },
    ],
  });
  try {
    makeDirectory(directory);
    writeWhole(keyFile, made.private, 0o600);
    writeWhole(certificateFile, made.cert, 0o644);
  } catch (cause) {
    throw new TlsFilesError(`cannot write ${keyFile}: ${fileTrouble(cause)}`, { cause });
  }
  return readTlsFiles(certificateFile, keyFile);
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TlsFilesError(`cannot read ${file}: ${fileTrouble(cause)}`, { cause });
  }
};

const parse = <Value>(file: string, read: () => Value): Value => {
  try {
    return read();
  } catch (cause) {
    throw new TlsFilesError(`${file} is not PEM that can be used: ${(cause as Error).message}`, { cause });
  }
};
