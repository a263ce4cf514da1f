import type { Family } from './family.ts';

/** Whatever is not in a family of its own; no page in docs/. */
export const other: Family = {
  id: 'other',
  name: 'another phone',
  known: 'What most of these phones ask for.',
  models: 'any with *IM*, *Chat*, *Messenger*, *My friends*, *IMPS* or *Wireless Village* in a menu',
  menu: 'the settings of that program, often under *Server* or *Connection*',
  fields: [
    { label: 'Server address', value: 'address' },
    { label: 'User ID', value: 'user ID' },
    { label: 'Password', value: 'password' },
    { label: 'Connection', value: 'access point' },
  ],
  speaks: 'CSP 1.1, 1.2 or 1.3, WBXML or XML',
  wakesUpBy: 'whatever it asks for: TCP, UDP, HTTP, WAP push, or polls',
  foreignUserId: 'wv:name@domain',
  provisioning: {
    works: 'unknown',
    note: 'Many phones of 2004 and later take one kind of settings or another by message.',
  },
  notes: ['If the phone refuses the short user ID, type it in full, with `wv:` before it and the domain behind.'],
};
