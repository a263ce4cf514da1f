// The certificate: readable, with its key, for our domain, not about to expire.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { WallMs } from '../../base/clock.ts';
import type { Config } from '../../config/config.ts';
import { readTlsFiles, type TlsFiles, TlsFilesError } from '../../store/tls-files.ts';
import { tlsDirectory } from '../data.ts';
import type { Finding } from './finding.ts';

const day = 24 * 60 * 60 * 1000;
const soonDays = 14;

export const certificateFindings = ({ domain, tls, ...config }: Config, now: WallMs): readonly Finding[] => {
  const own = join(tlsDirectory({ domain, tls, ...config }), domain);
  const isOwn = tls.certificate === undefined || tls.key === undefined;
  if (isOwn && !existsSync(`${own}.crt`))
    return [{ state: 'good', text: 'a self-signed certificate will be made at the first start' }, selfSigned];
  let files: TlsFiles;
  try {
    files = readTlsFiles(tls.certificate ?? `${own}.crt`, tls.key ?? `${own}.key`);
  } catch (error) {
    if (!(error instanceof TlsFilesError)) throw error;
    const mend = isOwn
      ? `remove ${own}.crt and ${own}.key: they are made anew at the next start`
      : "see to the files, or to the keys 'tls.certificate' and 'tls.key'";
    return [{ state: 'wrong', text: error.message, mend }];
  }
  const until = new Date(files.expiresAt).toISOString().slice(0, 10);
  const renew = 'renew it, and start onesoup again';
  const findings: Finding[] = [];
  if (!files.covers(domain))
    findings.push({
      state: 'wrong',
      text: `the certificate ${files.certificateFile} is not for ${domain}`,
      mend: `get one for ${domain}: clients refuse any other`,
    });
  // Our own is renewed at a start, in time.
  if (files.expiresAt <= now && !isOwn)
    findings.push({ state: 'wrong', text: `the certificate expired on ${until}`, mend: renew });
  else if (files.validFrom > now)
    findings.push({ state: 'wrong', text: 'the certificate is not valid yet', mend: "see to the machine's clock" });
  else if (files.expiresAt - now < soonDays * day)
    findings.push({ state: 'note', text: `the certificate expires on ${until}`, mend: renew });
  if (!findings.length)
    findings.push({ state: 'good', text: `the certificate is for ${domain}, valid until ${until}` });
  return files.isSelfSigned ? [...findings, selfSigned] : findings;
};

const selfSigned: Finding = {
  state: 'note',
  text: 'the certificate is self-signed: XMPP clients will ask whether to trust it',
  mend: "for others to sign in without a question, name one of a public authority with 'tls.certificate' and 'tls.key'",
};
