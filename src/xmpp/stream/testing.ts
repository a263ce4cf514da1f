// A tiny server on acceptC2s for tests: accounts in memory, messages to a full JID go there, messages to oneself come back.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { generate } from 'selfsigned';
import { type Clock, systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { good } from '../../base/outcome.ts';
import { systemRandom } from '../../base/random.ts';
import type { Jid } from '../jid.ts';
import { makeCredentials, type ScramKeys } from '../sasl/scram-keys.ts';
import type { Stanza } from '../stanza.ts';
import { acceptC2s } from './accept.ts';
import type {
  AuthAttempt,
  C2sAuthentication,
  C2sEnd,
  C2sLimits,
  C2sOptions,
  C2sSession,
  C2sStream,
  Sent,
} from './c2s.ts';
import { ResumableStreams } from './resumable-streams.ts';
import { serverTlsContext } from './tls.ts';

export const testDomain = 'home.test';
const pems = await generate([{ name: 'commonName', value: testDomain }], {
  keyType: 'ec',
  extensions: [
    { name: 'basicConstraints', cA: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: testDomain },
        { type: 7, ip: '127.0.0.1' },
      ],
    },
  ],
});
export const testCertificate = pems.cert;
export const testTls = serverTlsContext({ cert: pems.cert, key: pems.private });

const mila = await makeCredentials('secret', systemRandom, 4096);
if (!mila.ok) throw new Error('makeCredentials');
export const testKeys: readonly ScramKeys[] = mila.value;

/** mila may sign in, gone is disabled, nobody else exists; PLAIN is taken without TLS so that conversations can be read. */
export const testAuthentication: C2sAuthentication = {
  lookup: async ({ local }) =>
    local === 'mila' ? { keys: testKeys } : local === 'gone' ? { keys: testKeys, isDisabled: true } : undefined,
  fakeSaltSecret: new Uint8Array(32).fill(7),
  iterations: 4096,
  allowsPlainWithoutTls: true,
};

/** One session on the tiny server and everything that happened to it. */
export class TestSession implements C2sSession {
  readonly jid: Jid;
  readonly stream: C2sStream;
  readonly received: Stanza[] = [];
  readonly acks: number[] = [];
  readonly happened: string[] = [];
  end: C2sEnd | undefined;
  unacked: readonly Sent[] = [];
  /** Replace it to take part in the conversation. */
  handle: (stanza: Stanza) => void | Promise<void> = () => {};

  constructor(stream: C2sStream, jid: Jid) {
    this.stream = stream;
    this.jid = jid;
  }
  stanza(stanza: Stanza): void | Promise<void> {
    this.received.push(stanza);
    return this.handle(stanza);
  }
  acked(tags: readonly number[]): void {
    this.acks.push(...tags);
  }
  detached(): void {
    this.happened.push('detached');
  }
  resumed(): void {
    this.happened.push('resumed');
  }
  ended(end: C2sEnd, unacked: readonly Sent[]): void {
    this.happened.push(`ended: ${end.reason}`);
    this.end = end;
    this.unacked = unacked;
  }
}

export class TestServer {
  readonly sessions: TestSession[] = [];
  readonly attempts: AuthAttempt[] = [];
  disconnections = 0;
  readonly resumables = new ResumableStreams();
  readonly #clock: Clock;
  readonly #options: Partial<C2sOptions>;
  #server: Server | undefined;
  port = 0;
  onSession: (session: TestSession) => void = () => {};

  constructor(options: Partial<Omit<C2sOptions, 'limits'>> & { readonly limits?: Partial<C2sLimits> } = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  accept(socket: Duplex): C2sStream {
    return acceptC2s(socket, {
      domain: testDomain,
      tls: testTls,
      requireTls: false,
      clock: this.#clock,
      random: systemRandom,
      log: silentLog,
      authentication: { ...testAuthentication, attempted: (attempt) => void this.attempts.push(attempt) },
      resumables: this.resumables,
      bind: async (stream, account, resource) => {
        const session = new TestSession(stream, account.withResource(resource ?? 'generated'));
        this.sessions.push(session);
        this.onSession(session);
        return good(session);
      },
      disconnected: () => void this.disconnections++,
      ...this.#options,
    });
  }

  async listen(): Promise<number> {
    this.#server = createServer((socket) => void this.accept(socket));
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as { port: number }).port;
    return this.port;
  }

  async close(): Promise<void> {
    await Promise.all(this.sessions.map(({ stream }) => stream.close({ condition: 'system-shutdown' })));
    this.#server?.close();
  }
}

/** Waits, in real time, until something is so. */
export const until = async (what: string, isSo: () => boolean, withinMs = 5000): Promise<void> => {
  const end = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
