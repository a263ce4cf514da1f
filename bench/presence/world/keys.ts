// How servers prove who they are in a run.

import type { KeyPair } from '../../../interop/peers/authority.ts';
import type { Network } from '../../../interop/peers/network.ts';

/** `certificate`: issued by an authority both trust. `dialback`: self-signed, so that only the name server can vouch. */
export type Proof = 'certificate' | 'dialback';

// No xmppAddr beside dNSName: ejabberd 23.01 ends the stream over one (xmpp_stream_pkix:get_cert_domains).
export const keysFor = (network: Network, domains: readonly string[], proof: Proof): Promise<KeyPair> =>
  proof === 'certificate'
    ? network.authority.issue({ domains, usage: 'server and client' })
    : network.authority.selfSigned(domains[0] ?? '');
