// The servers of the contacts: one Prosody that hosts all remote domains, as Debian configures it but for its rate limits,
// which would throttle exactly what is measured.

import { join } from 'node:path';
import type { Network } from '../../../interop/peers/network.ts';
import { type Prosody, prepareProsody } from '../../../interop/peers/prosody.ts';
import { keysFor, type Proof } from './keys.ts';
import { type Contact, homeDomain, password } from './people.ts';
import { benchConfig, benchModules, writePeople } from './prosody-files.ts';
import { closeStreamsWith } from './prosody-shell.ts';

export interface Remotes {
  readonly prosody: Prosody;
  /** Has it close all its streams with other servers, in order. */
  closeStreams(): Promise<void>;
}

export interface RemoteOptions {
  readonly network: Network;
  readonly domains: readonly string[];
  readonly contacts: readonly Contact[];
  readonly proof: Proof;
  /** XEP-0288: answers come back on the stream the question came on. */
  readonly isBidi: boolean;
}

export const prepareRemotes = async (options: RemoteOptions): Promise<Remotes> => {
  const { network, domains, contacts, proof, isBidi } = options;
  const [first = '', ...others] = domains;
  const prosody = await prepareProsody({
    domain: first,
    federation: { network, keys: await keysFor(network, domains, proof), domains: others, isBidi },
    modules: benchModules,
    config: benchConfig,
  });
  writePeople(
    join(prosody.directory, 'data'),
    contacts.map((contact) => ({
      name: contact.name,
      domain: contact.domain,
      password,
      contacts: contact.seenBy.map((user) => `${user}@${homeDomain}`),
    })),
  );
  return {
    prosody,
    closeStreams: () => closeStreamsWith(prosody, homeDomain),
  };
};

export const accountsOf = (contacts: readonly Contact[], prosody: Prosody) =>
  contacts.map((contact) => ({
    host: prosody.address,
    port: prosody.ports.c2s,
    domain: contact.domain,
    name: contact.name,
    password,
  }));
