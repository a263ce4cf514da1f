import type { Family } from './family.ts';

export const samsung: Family = {
  id: 'samsung',
  name: 'Samsung',
  known:
    'Nothing is known for certain: no record of a session was found, and it was not seen on a handset with onesoup.',
  models: 'some of 2004 to 2007 (D500, D600, E720, Z500 …), where an operator left *Messenger* or *Chat* in',
  menu: '*Messages* → *Settings* → *Instant messenger*, where it is there (unverified)',
  fields: [
    { label: 'Server URL', value: 'address' },
    { label: 'User ID', value: 'user ID' },
    { label: 'Password', value: 'password' },
    { label: 'Network profile', value: 'access point' },
  ],
  speaks: 'probably CSP 1.1, WBXML',
  wakesUpBy: 'unknown',
  foreignUserId: 'wv:name@domain',
  provisioning: { works: 'unknown', note: 'Try a message with a PIN, where the server has an SMS carrier.' },
  notes: [
    'If it does not sign in, `npx onesoup signins --failed` tells the operator what it sent. Please [fill in the template](template.md).',
  ],
};
