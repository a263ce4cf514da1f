// DNS as a collaborator: what is asked of it, the system's own, and answers remembered for as long as they are good.

import { Resolver as NodeResolver } from 'node:dns/promises';
import type { Clock } from '../../base/clock.ts';
import type { SrvRecord } from './srv.ts';

export type DnsAnswer<Value> =
  | { readonly kind: 'found'; readonly values: readonly Value[]; readonly ttlS?: number }
  /** There is no such name, or nothing of that kind under it. */
  | { readonly kind: 'absent' }
  /** No answer, or one that is no use. `text`: for operators. */
  | { readonly kind: 'failed'; readonly text: string };

/** Never rejects. Names are in ASCII ("xn--…"). */
export interface Resolver {
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  ip6(host: string): Promise<DnsAnswer<string>>;
  ip4(host: string): Promise<DnsAnswer<string>>;
  /** What is remembered of it led nowhere: ask anew next time. */
  forget?(name: string): void;
}

/** `servers`: address:port of name servers to ask instead of the system's. The file /etc/hosts is not read. */
export const dnsResolver = (servers?: readonly string[]): Resolver => {
  const dns = new NodeResolver({ timeout: 2500, tries: 3 });
  if (servers?.length) dns.setServers(servers);
  return {
    srv: (name) =>
      answered(dns.resolveSrv(name), (records) => ({
        values: records.map(({ name: target, ...record }) => ({ ...record, target })),
      })),
    ip6: (host) => answered(dns.resolve6(host, { ttl: true }), addresses),
    ip4: (host) => answered(dns.resolve4(host, { ttl: true }), addresses),
  };
};

const addresses = (records: readonly { readonly address: string; readonly ttl: number }[]) => ({
  values: records.map(({ address }) => address),
  ttlS: Math.min(...records.map(({ ttl }) => ttl)),
});

const answered = async <Answer, Value>(
  asked: Promise<Answer>,
  read: (answer: Answer) => { readonly values: readonly Value[]; readonly ttlS?: number },
): Promise<DnsAnswer<Value>> => {
  try {
    return { kind: 'found', ...read(await asked) };
  } catch (cause) {
    const { code = 'failed' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return { kind: 'absent' };
    return { kind: 'failed', text: failures[code] ?? code };
  }
};

const failures: Readonly<Record<string, string>> = {
  ETIMEOUT: 'the name server does not answer',
  ECONNREFUSED: 'no name server is there',
  ESERVFAIL: 'the name server cannot find out (SERVFAIL)',
  EREFUSED: 'the name server refuses to answer',
  EBADNAME: 'it is no name',
};

/** Node does not tell how long SRV records are good. */
const srvMs = 60_000;
const absentMs = 30_000;
const failedMs = 5_000;
const [shortestMs, longestMs] = [1_000, 600_000];

/** Remembers answers, `entriesMax` of them, and asks once for what several want at a time. */
export class CachedResolver implements Resolver {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #entriesMax: number;
  readonly #known = new Map<string, { readonly until: number; readonly answer: Promise<DnsAnswer<unknown>> }>();

  constructor(resolver: Resolver, clock: Clock, entriesMax = 10_000) {
    this.#resolver = resolver;
    this.#clock = clock;
    this.#entriesMax = entriesMax;
  }

  srv(name: string): Promise<DnsAnswer<SrvRecord>> {
    return this.#ask('srv', name);
  }
  ip6(host: string): Promise<DnsAnswer<string>> {
    return this.#ask('ip6', host);
  }
  ip4(host: string): Promise<DnsAnswer<string>> {
    return this.#ask('ip4', host);
  }
  forget(name: string): void {
    for (const kind of ['srv', 'ip6', 'ip4']) this.#known.delete(`${kind} ${name}`);
  }

  get size(): number {
    return this.#known.size;
  }

  #ask<Value>(kind: 'srv' | 'ip6' | 'ip4', name: string): Promise<DnsAnswer<Value>> {
    const key = `${kind} ${name}`;
    const known = this.#known.get(key);
    if (known && known.until > this.#clock.mono()) return known.answer as Promise<DnsAnswer<Value>>;
    this.#known.delete(key);
    const answer = this.#resolver[kind](name) as Promise<DnsAnswer<Value>>;
    // Until it is there: whoever asks meanwhile waits with us.
    this.#keep(key, Number.POSITIVE_INFINITY, answer);
    void answer.then((found) => {
      if (this.#known.get(key)?.answer === answer) this.#keep(key, this.#clock.mono() + goodForMs(found), answer);
    });
    return answer;
  }

  #keep(key: string, until: number, answer: Promise<DnsAnswer<unknown>>): void {
    this.#known.delete(key);
    this.#known.set(key, { until, answer });
    if (this.#known.size <= this.#entriesMax) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      break;
    }
  }
}

const goodForMs = (answer: DnsAnswer<unknown>): number => {
  if (answer.kind === 'absent') return absentMs;
  if (answer.kind === 'failed') return failedMs;
  return answer.ttlS === undefined ? srvMs : Math.min(Math.max(answer.ttlS * 1000, shortestMs), longestMs);
};
