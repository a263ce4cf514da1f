import type { Family } from './family.ts';

export const motorola: Family = {
  id: 'motorola',
  name: 'Motorola',
  known: '*Recorded* by the keeper of another server for a RAZR V3; not seen on a handset with onesoup yet.',
  models:
    'RAZR V3, V3i, V360, E398, L6 … with *IM* in the menu (on some only with an operator’s software); only the V3 is verified',
  menu: '*IM* → *Offline settings* (unverified)',
  fields: [
    { label: 'Server name', value: 'any name' },
    { label: 'URI', value: 'address' },
    { label: 'User name', value: 'user ID' },
    { label: 'Password', value: 'password' },
    { label: 'Data connection', value: 'access point' },
  ],
  speaks: 'CSP 1.1, XML, password',
  wakesUpBy: 'nothing: it polls about every 30 s',
  foreignUserId: 'name@domain',
  provisioning: {
    works: 'unknown',
    note: 'Its makers wrote of OMA client provisioning for browser, MMS and e-mail; nothing of IMPS.',
  },
  notes: [
    'Messages wait for its next poll. onesoup hands over what waits with every answer, and holds a poll open for up to `gateway.poll_hold_seconds`, so that a burst arrives in one go.',
    'It puts `wv:` before the user ID itself.',
    'It was seen to show JPEG pictures of at most 100 × 100 pixels.',
  ],
};
