import type { Family } from './family.ts';

export const sonyEricsson: Family = {
  id: 'sony-ericsson',
  name: 'Sony Ericsson',
  known:
    'The menus *from manuals* (K500, S700, W600, K790, W850); no record of a session was found, and it was not seen on a handset with onesoup.',
  models: 'T630, K500, K700, K750, K790, S700, V800, W600, W800, W850 and their like, with *My friends* in the menu',
  menu: '*Messaging* → *My friends*, at first use; later *More* → *Settings* → *Server settings*',
  fields: [
    { label: 'Username', value: 'user ID' },
    { label: 'Password', value: 'password' },
    { label: 'Server address', value: 'address' },
    { label: 'Internet profile', value: 'access point' },
  ],
  speaks: 'probably CSP 1.1 or 1.2, WBXML',
  wakesUpBy: 'probably a WAP push over SMS, for which onesoup needs an SMS carrier; else it polls',
  foreignUserId: 'wv:name@domain',
  provisioning: {
    works: 'probably',
    note: 'Its maker’s guides tell of OMA client provisioning from 2005 on; whether they take the IMPS part is unknown.',
  },
  notes: [
    'Choose an *Internet profile* with an internet account for data, not WAP.',
    'Contacts, presence, chat, chat groups, strangers and blocking are in its menus.',
    'Turn on *Allow connection* and *Auto login* in its settings, so that it signs in by itself.',
  ],
};
