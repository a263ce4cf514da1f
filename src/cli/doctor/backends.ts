// The XMPP servers whose users may sign in from a phone: does one answer there, and as XMPP?

import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Config } from '../../config/config.ts';
import { fileTrouble } from '../../store/files.ts';
import { toAsciiDomain } from '../../xmpp/idna.ts';
import type { Finding } from './finding.ts';

type Backend = Config['gateway']['backends'][number];
const answerMs = 3000;
const answerBytesMax = 16_384;

export const backendFindings = ({ gateway }: Config): Promise<readonly Finding[]> =>
  Promise.all(
    gateway.backends.map(async (backend): Promise<Finding> => {
      const { domain, host, port, tls, ca } = backend;
      const where = `the server of ${domain} at ${host}:${port}`;
      let authorities: Buffer | undefined;
      try {
        authorities = ca === undefined ? undefined : readFileSync(ca);
      } catch (cause) {
        return {
          state: 'wrong',
          text: `cannot read ${ca}: ${fileTrouble(cause)}`,
          mend: `see to the key 'ca' of ${domain}`,
        };
      }
      const answer = await firstWords(backend, authorities);
      if (answer instanceof Error)
        return {
          state: 'wrong',
          text: `${where} does not answer: ${answer.message}`,
          mend: 'see that it runs, and to host, port, tls and ca of it in gateway.backends',
        };
      if (!answer.includes('http://etherx.jabber.org/streams'))
        return {
          state: 'wrong',
          text: `${where} does not speak XMPP`,
          mend: 'see to its port, and whether tls is direct',
        };
      if (tls === 'required' && !answer.includes('urn:ietf:params:xml:ns:xmpp-tls'))
        return {
          state: 'wrong',
          text: `${where} offers no STARTTLS`,
          mend: 'turn it on there, or choose another tls for it in gateway.backends',
        };
      return { state: 'good', text: `${where} answers` };
    }),
  );

/** Opens a stream and resolves with what comes until its features are complete. */
const firstWords = ({ domain, host, port, tls }: Backend, ca: Buffer | undefined): Promise<string | Error> =>
  new Promise((resolve) => {
    const socket =
      tls === 'direct'
        ? connectTls({
            host,
            port,
            servername: toAsciiDomain(domain),
            ALPNProtocols: ['xmpp-client'],
            ...(ca && { ca }),
          })
        : connect({ host, port });
    let heard = '';
    const done = (answer: string | Error): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done(heard || new Error('nothing heard in 3 s')), answerMs);
    socket.once(tls === 'direct' ? 'secureConnect' : 'connect', () =>
      socket.write(
        `<?xml version='1.0'?><stream:stream to='${domain}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`,
      ),
    );
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text;
      if (/<\/stream:features>|<stream:features\/>|<\/stream:stream>/.test(heard) || heard.length > answerBytesMax)
        done(heard);
    });
    socket.once('error', (error) => done(error));
    socket.once('close', () => done(heard || new Error('the connection was closed')));
  });
