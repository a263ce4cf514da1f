// The ports: free, or in use by our own server.

import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { Config, Endpoint } from '../../config/config.ts';
import type { RunningServer } from '../control.ts';
import { failureLine } from '../failures.ts';
import { written } from '../show-config.ts';
import type { Finding } from './finding.ts';

const connectMs = 2000;

export const portFindings = async (config: Config, running: RunningServer | undefined): Promise<readonly Finding[]> => {
  const asked = Object.entries(config.listen).filter(
    ([key]) =>
      (key !== 'component' || config.components.length > 0) && (!key.startsWith('s2s') || config.federation.enabled),
  );
  const findings = await Promise.all(
    asked.map(async ([key, endpoint]): Promise<Finding> => {
      if (endpoint === false) return { state: 'good', text: `listen.${key} is turned off` };
      const where = `listen.${key} (${written(endpoint)})`;
      const isUdp = key === 'cir_udp';
      const trouble = isUdp ? await bindUdp(endpoint) : await bindTcp(endpoint);
      if (trouble === undefined) {
        if (!running || endpoint.port === 0) return { state: 'good', text: `${where} is free` };
        return {
          state: 'wrong',
          text: `the server runs, but does not listen on ${where}`,
          mend: 'it was started with another configuration: start it again',
        };
      }
      const isTaken = (trouble as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (isTaken && running && (isUdp || (await answers(endpoint))))
        return { state: 'good', text: `${where} is in use while the server runs` };
      return {
        state: 'wrong',
        text: failureLine(trouble, config) ?? `${where}: ${trouble.message}`,
        mend: isTaken ? 'ss -ltnup shows which program it is' : `change listen.${key}`,
      };
    }),
  );
  const { http } = config.listen;
  if (http !== false && (http.host === 'localhost' || http.host === '::1' || http.host.startsWith('127.')))
    findings.push({
      state: 'note',
      text: `listen.http (${written(http)}) can be reached from this machine only`,
      mend: 'phones need a proxy in front of it, or an address of this machine there',
    });
  if (config.listen.https_old !== false)
    findings.push({
      state: 'note',
      text: `listen.https_old (${written(config.listen.https_old)}) speaks TLS 1.0: passwords that go over it count as known`,
      mend: 'turn it off when no phone needs it any more; docs/phones.md tells which do',
    });
  return findings;
};

const bindTcp = ({ host, port }: Endpoint): Promise<Error | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });

const bindUdp = ({ host, port }: Endpoint): Promise<Error | undefined> =>
  new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      resolve(error);
    });
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });

const answers = ({ host, port }: Endpoint): Promise<boolean> =>
  new Promise((resolve) => {
    const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
    const socket = connect({ host: everywhere[host] ?? host, port, timeout: connectMs });
    const done = (does: boolean): void => {
      socket.destroy();
      resolve(does);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
