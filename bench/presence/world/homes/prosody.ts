import { join } from 'node:path';
import { prepareProsody } from '../../../../interop/peers/prosody.ts';
import { keysFor } from '../keys.ts';
import { addressOf, contactsOf, firstRemote, homeDomain, password } from '../people.ts';
import { benchConfig, benchModules, writePeople } from '../prosody-files.ts';
import { closeStreamsWith } from '../prosody-shell.ts';
import type { PrepareHome } from './home.ts';

export const prepareProsodyHome: PrepareHome = async ({ network, domain, contacts, users, proof, isBidi }) => {
  const prosody = await prepareProsody({
    domain,
    federation: { network, keys: await keysFor(network, [domain], proof), isBidi },
    modules: benchModules,
    config: benchConfig,
  });
  const people = users.map((name) => ({
    name,
    domain,
    password,
    contacts: contactsOf(name, contacts).map(addressOf),
  }));
  writePeople(join(prosody.directory, 'data'), people);
  return {
    name: 'prosody',
    address: prosody.address,
    ports: prosody.ports,
    c2s: { host: prosody.address, port: prosody.ports.c2s },
    remembers: false,
    start: () => prosody.start(),
    stop: (signal) => prosody.stop(signal),
    forget: () => Promise.resolve(),
    closeStreams: () => closeStreamsWith(prosody, domain === homeDomain ? firstRemote : homeDomain),
    output: () => prosody.output(),
    remove: () => prosody.remove(),
  };
};
