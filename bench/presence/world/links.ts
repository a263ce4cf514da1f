// The links of a run: one to every remote domain, one back to the home server, all under the same conditions.

import type { Network, Reach } from '../../../interop/peers/network.ts';
import { systemClock } from '../../../src/base/clock.ts';
import type { Random } from '../../../src/base/random.ts';
import type { LinkConditions } from '../links/line.ts';
import { Link, type LinkState } from '../links/link.ts';
import { Traffic } from '../links/traffic.ts';

/** Where a server takes other servers' streams. */
export interface S2sAddress {
  readonly address: string;
  readonly ports: { readonly s2s: number; readonly s2sTls: number };
}

export interface LinkCounts {
  readonly outOctets: number;
  readonly backOctets: number;
  readonly connections: number;
  readonly flights: number;
}

export class Links {
  readonly #network: Network;
  readonly #random: Random;
  readonly #links: Link[] = [];
  readonly #fromHome = new Traffic();
  readonly #toHome = new Traffic();
  conditions: LinkConditions = { rttMs: 0, rate: Number.POSITIVE_INFINITY, loss: 0 };

  constructor(network: Network, random: Random) {
    this.#network = network;
    this.#random = random;
  }

  /** Puts a link before `server` and tells the name server that `domains` are reached over it. One link for each domain. */
  async lay(domains: readonly string[], server: S2sAddress, reach: Reach, isHome: boolean): Promise<void> {
    for (const domain of domains) {
      const address = this.#network.newAddress();
      const to = async (port: number): Promise<void> => {
        const link = await Link.open({
          listen: { host: address, port },
          target: { host: server.address, port },
          clock: systemClock,
          random: this.#random,
          conditions: () => this.conditions,
          traffic: isHome ? this.#toHome : this.#fromHome,
        });
        this.#links.push(link);
      };
      if (reach !== 'direct') await to(server.ports.s2s);
      if (reach !== 'starttls') await to(server.ports.s2sTls);
      this.#network.dns.place(domain, {
        ...(reach !== 'direct' && { server: [{ address, port: server.ports.s2s }] }),
        ...(reach !== 'starttls' && { serverTls: [{ address, port: server.ports.s2sTls }] }),
      });
    }
  }

  get openConnections(): number {
    return this.#links.reduce((sum, link) => sum + link.openConnections, 0);
  }

  /** Milliseconds since octets last moved. */
  get quietMs(): number {
    return systemClock.mono() - Math.max(this.#fromHome.lastAt, this.#toHome.lastAt);
  }

  /** As the home server sees it: out is what it sent, whoever dialled. */
  counts(): LinkCounts {
    return {
      outOctets: this.#fromHome.outOctets + this.#toHome.backOctets,
      backOctets: this.#fromHome.backOctets + this.#toHome.outOctets,
      connections: this.#fromHome.connections + this.#toHome.connections,
      flights: this.#fromHome.flights + this.#toHome.flights,
    };
  }

  async become(state: LinkState): Promise<void> {
    await Promise.all(this.#links.map((link) => link.become(state)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#links.splice(0).map((link) => link.close()));
  }
}

export const difference = (after: LinkCounts, before: LinkCounts): LinkCounts => ({
  outOctets: after.outOctets - before.outOctets,
  backOctets: after.backOctets - before.backOctets,
  connections: after.connections - before.connections,
  flights: after.flights - before.flights,
});
