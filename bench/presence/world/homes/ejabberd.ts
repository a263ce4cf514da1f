import { prepareEjabberd } from '../../../../interop/peers/ejabberd.ts';
import { keysFor } from '../keys.ts';
import { addressOf, type Contact, contactsOf, password } from '../people.ts';
import type { PrepareHome } from './home.ts';

export const prepareEjabberdHome: PrepareHome = async ({ network, domain: host, contacts, users, proof }) => {
  const keys = await keysFor(network, [host], proof);
  const ejabberd = await prepareEjabberd({ network, domains: [host], keys, modules: { mod_admin_extra: {} } });
  const befriend = async (user: string, contact: Contact): Promise<void> => {
    const { name, domain } = contact;
    await ejabberd.api('add_rosteritem', {
      ...{ localuser: user, localhost: host, user: name, host: domain },
      ...{ nick: addressOf(contact), group: '', subs: 'both' },
    });
  };
  try {
    await ejabberd.start();
    for (const user of users) {
      await ejabberd.addUser(user, password);
      for (const contact of contactsOf(user, contacts)) await befriend(user, contact);
    }
    await ejabberd.stop();
  } catch (cause) {
    await ejabberd.remove();
    throw cause;
  }
  return {
    name: 'ejabberd',
    address: ejabberd.address,
    ports: ejabberd.ports,
    c2s: { host: ejabberd.address, port: ejabberd.ports.c2s },
    remembers: false,
    start: () => ejabberd.start(),
    stop: (signal) => ejabberd.stop(signal),
    forget: () => Promise.resolve(),
    closeStreams: async () => void (await ejabberd.api('stop_s2s_connections', {})),
    output: () => ejabberd.output(),
    remove: () => ejabberd.remove(),
  };
};
