import type { Family } from './family.ts';

export const siemens: Family = {
  id: 'siemens',
  name: 'Siemens and BenQ-Siemens',
  known:
    'That there is such a program, *from manuals* (SXG75, EF81); all else is unverified, and it was not seen on a handset with onesoup.',
  models: 'S65, CX65, SX1, S75, SL75, SXG75, EF81 … with *Instant messaging* or *IM*',
  menu: '*Messages* → *Instant mess.* → *Settings* → *Provider*, then *Login* (unverified)',
  fields: [
    { label: 'Name', value: 'any name' },
    { label: 'Address (URL)', value: 'address' },
    { label: 'Access', value: 'access point' },
    { label: 'User', value: 'user ID' },
    { label: 'Password', value: 'password' },
  ],
  speaks: 'probably CSP 1.1, WBXML',
  wakesUpBy: 'unknown',
  foreignUserId: 'wv:name@domain',
  provisioning: { works: 'unknown', note: 'Try a message with a PIN, where the server has an SMS carrier.' },
  notes: [
    'Contacts are added by *Messenger ID*, which is the user ID; it asks before it lets others see your presence.',
    'If it does not sign in, `npx onesoup signins --failed` tells the operator what it sent. Please [fill in the template](template.md).',
  ],
};
