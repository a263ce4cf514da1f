// The network of a federation test: its name server, its certificate authority, and loopback addresses to give away.

import { type Authority, makeAuthority } from './authority.ts';
import { type Dns, startDns, type Zone } from './dns.ts';

export interface Network extends AsyncDisposable {
  readonly dns: Dns;
  readonly authority: Authority;
  /** A loopback address nobody else of this network has. */
  newAddress(): string;
}

/** Which of the ways to reach a server a test wants the others to find. */
export type Reach = 'starttls' | 'direct' | 'both';

/** What the name server says of a server that listens on both ports of `address`: nothing to fall back on. */
export const zoneOf = (
  { address, s2s, s2sTls }: { readonly address: string; readonly s2s: number; readonly s2sTls: number },
  reach: Reach = 'both',
): Zone => ({
  ...(reach !== 'direct' && { server: [{ address, port: s2s }] }),
  ...(reach !== 'starttls' && { serverTls: [{ address, port: s2sTls }] }),
});

export const startNetwork = async (): Promise<Network> => {
  const [dns, authority] = await Promise.all([startDns(), makeAuthority()]);
  // Beside the name server's own number, so that two suites at the same time stay apart.
  const own = dns.address.split('.')[3] ?? '1';
  let last = 0;
  return {
    dns,
    authority,
    newAddress: () => `127.53.${own}.${++last}`,
    async [Symbol.asyncDispose]() {
      authority[Symbol.dispose]();
      await dns[Symbol.asyncDispose]();
    },
  };
};
