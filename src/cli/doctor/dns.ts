// DNS: do the SRV records that clients ask for (RFC 6120 §3.2, XEP-0368) lead to our ports?

import { Resolver } from 'node:dns/promises';
import type { Config, Endpoint } from '../../config/config.ts';
import type { Finding } from './finding.ts';

/** The part of the resolver used here, so that a test can answer. */
export interface Dns {
  resolveSrv(name: string): Promise<readonly { readonly name: string; readonly port: number }[]>;
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
}

/** Names that public DNS never has (RFC 6761, RFC 6762). */
const local = /(^|\.)(localhost|test|local|invalid|example|internal|lan|home\.arpa)$/;

export const isLocalName = (domain: string): boolean => local.test(domain);

export const dnsFindings = async (
  { domain, listen }: Config,
  dns: Dns = new Resolver({ timeout: 1500, tries: 1 }),
): Promise<readonly Finding[]> => {
  if (isLocalName(domain))
    return [{ state: 'note', text: `${domain} is a name for a local network: public DNS is not asked about it` }];
  const findings = await Promise.all([
    srv(dns, `_xmpp-client._tcp.${domain}`, 'c2s', listen.c2s, 'XMPP clients with STARTTLS'),
    srv(dns, `_xmpps-client._tcp.${domain}`, 'c2s_tls', listen.c2s_tls, 'XMPP clients with TLS at once'),
  ]);
  const noSrv = findings.every(({ found }) => found === 'none');
  return noSrv ? [...findings, await plainAddress(dns, domain, 'c2s', listen.c2s, 5222)] : findings;
};

export const srv = async (
  dns: Dns,
  name: string,
  key: string,
  endpoint: Endpoint | false,
  whom: string,
): Promise<Finding & { readonly found?: 'none' }> => {
  try {
    const records = await dns.resolveSrv(name);
    const shown = records.map((record) => `${record.name}:${record.port}`).join(', ');
    if (endpoint === false)
      return {
        state: 'wrong',
        text: `DNS sends ${whom} to ${shown}, but listen.${key} is turned off`,
        mend: `remove the record ${name}, or turn listen.${key} on`,
      };
    if (records.every(({ port }) => port !== endpoint.port))
      return {
        state: 'note',
        text: `DNS sends ${whom} to ${shown}; we listen on port ${endpoint.port}`,
        mend: `right only if something passes that port on to ours; else mend the record ${name}`,
      };
    return { state: 'good', text: `DNS sends ${whom} to ${shown}` };
  } catch (error) {
    if (isNo(error)) {
      const text = `DNS has no record ${name}`;
      if (endpoint === false) return { state: 'good', text: `${text}, and listen.${key} is off`, found: 'none' };
      const mend = `add: ${name}. 3600 IN SRV 0 5 ${endpoint.port} <this machine's name>.`;
      return { state: 'note', text, mend, found: 'none' };
    }
    return unreachable(name, error);
  }
};

export const plainAddress = async (
  dns: Dns,
  domain: string,
  key: 'c2s' | 's2s',
  endpoint: Endpoint | false,
  port: number,
): Promise<Finding> => {
  const whom = key === 'c2s' ? 'clients' : 'other servers';
  const [four, six] = await Promise.allSettled([dns.resolve4(domain), dns.resolve6(domain)]);
  const addresses = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (addresses.length && endpoint !== false && endpoint.port === port)
    return {
      state: 'good',
      text: `without SRV records, ${whom} use ${domain} itself (${addresses.join(', ')}), port ${port}`,
    };
  if (addresses.length)
    return {
      state: 'wrong',
      text: `without SRV records, ${whom} try port ${port} of ${domain}, where we do not listen`,
      mend: `add the SRV record above, or let listen.${key} have port ${port}`,
    };
  const failed = [four, six].find((answer) => answer.status === 'rejected' && !isNo(answer.reason));
  if (failed?.status === 'rejected') return unreachable(domain, failed.reason);
  return { state: 'wrong', text: `DNS does not know ${domain}`, mend: 'add an address or the SRV records above' };
};

export const isNo = (error: unknown): boolean =>
  ['ENOTFOUND', 'ENODATA'].includes((error as NodeJS.ErrnoException).code ?? '');

const unreachable = (name: string, error: unknown): Finding => ({
  state: 'note',
  text: `DNS could not be asked about ${name} (${(error as NodeJS.ErrnoException).code ?? (error as Error).message})`,
  mend: 'no network, or no name server that answers: run this again when there is one',
});
