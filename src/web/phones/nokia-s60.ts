import type { Family } from './family.ts';

export const nokiaS60: Family = {
  id: 'nokia-s60',
  name: 'Nokia S60',
  known:
    '*From the source* of the client (S60 3rd and 5th edition), and the menus *from manuals* (7610, N91, E60); not seen on a handset with onesoup yet.',
  models: '6600, 6630, 6680, 7610, N-Gage, N70 to N95, E-series, 5800 … with *IM* or *Chat* in the menu',
  menu: '*IM* (or *Chat*) → *Options* → *Settings* → *Server settings* → *Servers* → *Options* → *New server*',
  fields: [
    { label: 'Server name', value: 'any name' },
    { label: 'Access point in use', value: 'access point' },
    { label: 'Web address', value: 'address' },
    { label: 'User ID', value: 'user ID' },
    { label: 'Password', value: 'password' },
  ],
  speaks: 'CSP 1.1 or 1.2 by firmware setting, WBXML; password, or MD5 digest',
  wakesUpBy:
    'TCP to port 3717; else datagrams to its own port 3717, or a WAP push; without any it polls after 8 s, then up to every 90 s',
  foreignUserId: 'name@domain',
  provisioning: {
    works: 'by its source',
    note: 'It takes a message with a PIN. The server address has at most 100 characters then, and an access point that is named must be one over GPRS. A second document for the same server makes a second entry.',
  },
  notes: [
    '*Web address*: `http://…/csp` in full, at most 255 characters. *User ID*: without `wv:`, with or without `@domain`. User ID and password have at most 50 characters.',
    'The access point is an internet one. Over mobile data the phone closes the connection after five minutes without traffic unless its wake-up channel is TCP.',
    'Two programs share the sign-in: *IM* and the contact list’s presence. The latter also wants search, watcher and attribute lists from the server, and gets them.',
    'A contact is shown as online only when available, as away when away, extended away or busy; all else looks offline. onesoup translates accordingly ([how](../presence-mapping.md)).',
    'It does not fetch messages: those too large for it are returned to their sender.',
    'After a lost answer it gives up at once and says *timed out*; onesoup keeps what was accepted, and shows nothing twice.',
  ],
};
