// Other servers: do they find ours (RFC 6120 §3.2, XEP-0368), does somebody answer there, and is the certificate fit for it?

import { X509Certificate } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Config } from '../../config/config.ts';
import { fileTrouble } from '../../store/files.ts';
import { type Dns, isLocalName, isNo, plainAddress, srv } from './dns.ts';
import type { Finding } from './finding.ts';

const connectMs = 3000;
const defaultPort = 5269;

export interface Surroundings {
  readonly dns: Dns;
  /** Undefined: something listens there; else why not. */
  readonly reach: (host: string, port: number) => Promise<string | undefined>;
}

export const federationFindings = async (
  config: Config,
  isRunning: boolean,
  { dns, reach }: Surroundings = { dns: new Resolver({ timeout: 1500, tries: 1 }), reach: reachTcp },
): Promise<readonly Finding[]> => {
  const { domain, listen, federation } = config;
  if (!federation.enabled) return [{ state: 'good', text: 'federation.enabled is false: no other servers' }];
  if (listen.s2s === false && listen.s2s_tls === false)
    return [
      {
        state: 'note',
        text: 'no other server can connect: listen.s2s and listen.s2s_tls are both turned off',
        mend: 'turn one on; without, only servers that know our certificate and speak XEP-0288 can answer',
      },
    ];
  const findings: Finding[] = [...certificateForServers(config), ...authorities(config)];
  if (isLocalName(domain)) return findings;
  const records = await Promise.all([
    srv(dns, `_xmpp-server._tcp.${domain}`, 's2s', listen.s2s, 'other servers'),
    srv(dns, `_xmpps-server._tcp.${domain}`, 's2s_tls', listen.s2s_tls, 'other servers, with TLS at once,'),
  ]);
  findings.push(...records);
  if (records.every(({ found }) => found === 'none'))
    findings.push(await plainAddress(dns, domain, 's2s', listen.s2s, defaultPort));
  if (isRunning) findings.push(...(await doors(dns, domain, reach)));
  return findings;
};

/** Where DNS sends others, does anybody listen? */
const doors = async (dns: Dns, domain: string, reach: Surroundings['reach']): Promise<readonly Finding[]> => {
  const targets = await Promise.all(
    ['_xmpp-server', '_xmpps-server'].map(async (service) => {
      try {
        return await dns.resolveSrv(`${service}._tcp.${domain}`);
      } catch (error) {
        if (!isNo(error)) throw error;
        return [];
      }
    }),
  ).catch(() => []);
  const places = targets.flat();
  if (places.length === 0) places.push({ name: domain, port: defaultPort });
  return Promise.all(
    places.slice(0, 8).map(async ({ name, port }): Promise<Finding> => {
      const trouble = await reach(name, port);
      const where = `${name}:${port}, where other servers look for us`;
      return trouble === undefined
        ? { state: 'good', text: `${where}, answers` }
        : {
            state: 'note',
            text: `${where}, does not answer this machine: ${trouble}`,
            mend: 'see to the firewall and to what passes the port on; behind some routers only machines outside can tell',
          };
    }),
  );
};

/** id-kp-clientAuth (RFC 5280 §4.2.1.12): what a server shows that connects. */
const clientAuth = '1.3.6.1.5.5.7.3.2';

const certificateForServers = ({ tls }: Config): readonly Finding[] => {
  if (tls.certificate === undefined)
    return [
      {
        state: 'note',
        text: 'with a self-signed certificate, other servers can prove us by dialback only',
        mend: "some refuse that: name one of a public authority with 'tls.certificate' and 'tls.key'",
      },
    ];
  if (!existsSync(tls.certificate)) return [];
  try {
    const { keyUsage } = new X509Certificate(readFileSync(tls.certificate));
    if (keyUsage?.length && !keyUsage.includes(clientAuth))
      return [
        {
          state: 'note',
          text: 'the certificate is not made for clients of TLS (clientAuth): some servers will ask for dialback when we connect',
        },
      ];
    return [{ state: 'good', text: 'the certificate can prove us to other servers' }];
  } catch {
    // certificateFindings says what is the matter with the file.
    return [];
  }
};

const authorities = ({ federation }: Config): readonly Finding[] => {
  if (federation.ca === undefined) return [];
  try {
    new X509Certificate(readFileSync(federation.ca));
    return [];
  } catch (cause) {
    return [
      {
        state: 'wrong',
        text: `cannot use ${federation.ca}: ${fileTrouble(cause)}`,
        mend: "see to the key 'federation.ca'",
      },
    ];
  }
};

const reachTcp: Surroundings['reach'] = (host, port) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMs });
    const end = (trouble: string | undefined): void => {
      socket.destroy();
      resolve(trouble);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('no answer'));
    socket.once('error', (error) => end(error.message));
  });
