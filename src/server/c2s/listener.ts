// Listeners for clients over TCP: STARTTLS (`c2s`) or TLS from the first octet (`c2s_tls`, XEP-0368).

import { createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net';
import { networkOf } from '../../base/network.ts';
import { defaultIterations } from '../../xmpp/sasl/scram-keys.ts';
import { acceptC2s } from '../../xmpp/stream/accept.ts';
import type { C2sLimits, C2sOptions, C2sStream } from '../../xmpp/stream/c2s.ts';
import type { ResumableStreams } from '../../xmpp/stream/resumable-streams.ts';
import type { Host } from '../host.ts';
import { sessionQueueMax } from '../limits.ts';
import { requestKey, strangerRequest, streamFeatures } from '../points.ts';
import { bindStream } from './stream-session.ts';

export interface C2sListenOptions {
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** Undefined: no TLS is offered. */
  readonly tls?: NonNullable<C2sOptions['tls']>;
  /** No sign-in before TLS. Default true. */
  readonly requireTls?: boolean;
  readonly isDirectTls?: boolean;
  /** The domain that clients of this listener sign in to. Default: the server's first. */
  readonly domain?: string;
  /** Keep it as long as the accounts: see C2sAuthentication. */
  readonly fakeSaltSecret: Uint8Array;
  readonly limits?: Partial<C2sLimits>;
  /** Open connections in all, and from one address. More are closed at once. */
  readonly connectionsMax?: number;
  readonly connectionsPerAddressMax?: number;
}

export interface C2sListener {
  readonly port: number;
  /** Stops listening, closes every stream with <system-shutdown/>, and resolves when all are closed. */
  close(): Promise<void>;
}

/** Rejects with the system's error (EADDRINUSE, EACCES…) when it cannot listen. */
export const listenC2s = async (
  host: Host,
  resumables: ResumableStreams,
  options: C2sListenOptions,
): Promise<C2sListener> => {
  const { connectionsMax = 20_000, connectionsPerAddressMax = 100 } = options;
  const streams = new Map<Socket, C2sStream>();
  const perAddress = new Map<string, number>();
  const streamOptions = streamOptionsOf(host, resumables, options);

  const accept = (socket: Socket): void => {
    const address = networkOf(socket.remoteAddress ?? '');
    const fromThere = perAddress.get(address) ?? 0;
    if (streams.size >= connectionsMax || fromThere >= connectionsPerAddressMax) {
      host.events.connectionRefused(address);
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    perAddress.set(address, fromThere + 1);
    const stream = acceptC2s(socket, {
      ...streamOptions,
      disconnected: () => {
        streams.delete(socket);
        const left = (perAddress.get(address) ?? 1) - 1;
        if (left > 0) perAddress.set(address, left);
        else perAddress.delete(address);
      },
    });
    streams.set(socket, stream);
  };

  const listening = await listen(createNetServer(accept), options);
  listening.on('error', (cause) => host.log.error({ err: cause }, 'a listener for clients failed'));
  const bound = listening.address();
  return {
    port: typeof bound === 'object' && bound ? bound.port : options.port,
    async close() {
      const closed = new Promise<void>((resolve) => listening.close(() => resolve()));
      await Promise.all([...streams.values()].map((stream) => stream.close({ condition: 'system-shutdown' })));
      // Whoever is still connected had its time.
      for (const socket of streams.keys()) socket.destroy();
      await closed;
    },
  };
};

const listen = (server: NetServer, { port, host }: C2sListenOptions): Promise<NetServer> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host !== undefined && { host }) }, () => {
      server.off('error', reject);
      resolve(server);
    });
  });

const streamOptionsOf = (host: Host, resumables: ResumableStreams, options: C2sListenOptions): C2sOptions => ({
  domain: host.domain.toString(),
  ...(options.tls && { tls: options.tls }),
  requireTls: options.requireTls ?? true,
  isDirectTls: options.isDirectTls ?? false,
  // Several stanzas of a session may be under way: its account's turns keep their order.
  limits: {
    handlingMax: 64,
    unackedMax: sessionQueueMax(host.limits).stanzas,
    unackedCharsMax: sessionQueueMax(host.limits).chars,
    ...options.limits,
  },
  clock: host.clock,
  random: host.random,
  log: host.log,
  resumables,
  authentication: {
    async lookup(account) {
      const record = await host.accounts.get(account);
      return record && { keys: record.keys, isDisabled: record.disabled };
    },
    admit: (account, remote) => host.signIns.admit(account.toString(), remote),
    fakeSaltSecret: options.fakeSaltSecret,
    iterations: defaultIterations,
    allowsPlainWithoutTls: options.requireTls === false,
    attempted: ({ account, mechanism, outcome, remote }) => {
      if (outcome === 'success') {
        if (!account) return;
        host.signIns.succeeded(account.toString(), remote);
        host.events.signedIn(account, mechanism, remote);
        return;
      }
      if (account && outcome === 'not-authorized') host.signIns.failed(account.toString(), remote);
      host.events.refused(account?.toString() ?? '', mechanism, outcome, remote);
    },
  },
  // Where TLS comes first, nothing else is on offer before it: least of all sending a password to register.
  features: ({ account, isSecure }) =>
    isSecure || options.requireTls === false
      ? host.hooks.gather(streamFeatures, [], { isAuthenticated: account !== undefined })
      : [],
  async unauthenticatedIq(iq, { remote }) {
    const [payload] = iq.elements;
    if (!payload || iq.children.length !== 1) return undefined;
    const owner = host.hooks.owner(strangerRequest, requestKey(iq.type ?? '', payload.xmlns, payload.name));
    return owner?.({ stanza: iq, payload, remote });
  },
  bind: (stream, account, resource) => bindStream(host, stream, account, resource),
});
