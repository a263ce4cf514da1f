import type { Family } from './family.ts';

export const android: Family = {
  id: 'android',
  name: 'Android 1.x',
  known:
    '*From the source* of the platform’s IM application and its IMPS plug-in; not seen on a handset with onesoup yet.',
  models: 'early builds with the *IM* application and its IMPS plug-in; not in what most makers sold',
  menu: 'the server is set in the build (a provider of its own); the phone asks for the account',
  fields: [
    { label: 'Server, in the build', value: 'address' },
    { label: 'Username', value: 'user ID' },
    { label: 'Password', value: 'password' },
  ],
  speaks: 'CSP 1.2 (1.1 by configuration), WBXML or XML; asks for a digest first',
  wakesUpBy: 'TCP, else HTTP; without either it polls',
  foreignUserId: 'wv:name@domain',
  provisioning: { works: 'no', note: 'Android 1.x has no OMA client provisioning for it.' },
  notes: [
    'It reads away and busy differently from other phones; onesoup translates for it ([how](../presence-mapping.md)).',
    'Of what the server sends it knows messages, presence, authorisation, delivery reports, groups and invitations to them, and drops the rest without a word; onesoup does not wait for answers that never come.',
    'It loses the part of a text that stands before an escaped character in XML: prefer WBXML.',
    'Lists of who is in a group are left out where it would fail on them.',
  ],
};
