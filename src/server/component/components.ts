// The components of a server: their domains, and the port they connect to.

import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import { bad } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import { Throttle } from '../../base/throttle.ts';
import type { ComponentLimits } from '../../xmpp/component/limits.ts';
import { Component, type ComponentServer } from './component.ts';
import { Door } from './door.ts';
import { componentEvents } from './events.ts';
import { type ComponentListener, type ComponentListenOptions, listenForComponents } from './listener.ts';
import type { ComponentSettings } from './settings.ts';

export interface ComponentsOptions {
  readonly server: ComponentServer;
  readonly components: readonly ComponentSettings[];
  readonly limits?: Partial<ComponentLimits>;
  readonly strangersMax?: number;
  readonly strangersPerAddressMax?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Components {
  isConnected(domain: string): boolean;
  /** Takes over a connected socket, as if it had come in by a listener. */
  accept(socket: Duplex): void;
  /** Rejects with the system's error when it cannot listen. */
  listen(options: ComponentListenOptions): Promise<ComponentListener>;
  /** Stops listening and ends every stream with <system-shutdown/>; the domains are nobody's then. */
  close(): Promise<void>;
}

/** The domains are the server's own from now on. Throws RangeError when one is taken. */
export const createComponents = (options: ComponentsOptions): Components => {
  const { server, clock, random, log, meter, limits } = options;
  const [host] = server.hosts.values();
  if (!host) throw new RangeError('a server without a domain has no components');
  const guesses = new Throttle(clock);
  const components = new Map<string, Component>();
  const events = componentEvents(
    log,
    meter,
    () => [...components.values()].filter(({ isConnected }) => isConnected).length,
  );
  for (const settings of options.components) {
    const component = new Component(settings, server, events, guesses);
    components.set(component.domain, component);
  }
  const door = new Door({
    server: host.domain,
    clock,
    random,
    log,
    ...(limits && { limits }),
    strangersMax: options.strangersMax,
    strangersPerAddressMax: options.strangersPerAddressMax,
    knows: (domain) => components.has(domain),
    admit: async (stream, claim) =>
      (await components.get(claim.domain)?.admit(stream, claim)) ?? bad({ condition: 'host-unknown' }),
    refused: (remote) => events.connectionRefused(remote),
  });
  const listeners: ComponentListener[] = [];
  return {
    isConnected: (domain) => components.get(domain)?.isConnected ?? false,
    accept: (socket) => door.accept(socket),
    async listen(listenOptions) {
      const listener = await listenForComponents(door, log, listenOptions);
      listeners.push(listener);
      return listener;
    },
    async close() {
      const closing = Promise.all(listeners.map((listener) => listener.close()));
      await door.close();
      await closing;
      for (const component of components.values()) component[Symbol.dispose]();
    },
  };
};
