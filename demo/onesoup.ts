// The server of the demo: the whole of onesoup on free ports of this machine, its data in a directory that goes away.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../src/app.ts';
import type { Log } from '../src/base/log.ts';
import { checkConfig } from '../src/config/config.ts';

export interface DemoServer {
  readonly domain: string;
  /** http://host:port of the web pages. */
  readonly web: string;
  readonly c2s: { readonly host: string; readonly port: number };
  /** PEM: what clients have to trust. */
  readonly certificate: string;
  /** What its log said in the way of warnings and errors. */
  readonly troubles: readonly string[];
  /** Makes an account on the sign-up page; resolves with the settings that the page says to type into the phone. */
  signUp(name: string, password: string): Promise<PhoneSettings>;
}

export interface PhoneSettings {
  readonly serverAddress: string;
  readonly userId: string;
}

const domain = 'home.test';
const anyPort = '127.0.0.1:0';

export const startDemoServer = async (stage: AsyncDisposableStack): Promise<DemoServer> => {
  const directory = stage.adopt(mkdtempSync(join(tmpdir(), 'onesoup-demo-')), (it) =>
    rmSync(it, { recursive: true, force: true }),
  );
  const listen = { http: anyPort, c2s: anyPort, c2s_tls: false, s2s: false, cir_tcp: anyPort, cir_udp: false };
  const config = checkConfig(JSON.stringify({ domain, data: directory, listen }), undefined);
  const troubles: string[] = [];
  const app = stage.adopt(await startApp(config, logOf(troubles)), (it) => it.stop());
  const { http = '', c2s = '' } = app.listening;
  const web = `http://${http}`;
  return {
    domain,
    web,
    c2s: { host: c2s.slice(0, c2s.lastIndexOf(':')), port: Number(c2s.slice(c2s.lastIndexOf(':') + 1)) },
    certificate: readFileSync(join(directory, 'tls', `${domain}.crt`), 'utf8'),
    troubles,
    async signUp(name, password) {
      const body = new URLSearchParams({ name, password, again: password, phone: 'yes' });
      const answer = await fetch(`${web}/register`, { method: 'POST', body });
      const page = await answer.text();
      const setting = (called: string): string => {
        const found = page.match(new RegExp(`<dt>${called}</dt><dd>([^<]*)</dd>`))?.[1];
        if (found === undefined) throw new Error(`the sign-up page (${answer.status}) says nothing of '${called}'`);
        return found;
      };
      return { serverAddress: setting('Server address'), userId: setting('User ID') };
    },
  };
};

/** Nobody reads a log here, but no trouble goes unseen. */
const logOf = (troubles: string[]): Log => {
  const note = (fields: object, message: string): void => {
    const { err } = fields as { readonly err?: unknown };
    troubles.push(err === undefined ? message : `${message}: ${err instanceof Error ? err.message : String(err)}`);
  };
  const log: Log = { debug() {}, info() {}, warn: note, error: note, child: () => log };
  return log;
};
