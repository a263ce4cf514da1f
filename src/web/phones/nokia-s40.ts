import type { Family } from './family.ts';

export const nokiaS40: Family = {
  id: 'nokia-s40',
  name: 'Nokia Series 40',
  known: 'The menus *from manuals*, its requests *recorded* in part by others; not seen on a handset with onesoup yet.',
  models: '3220, 5140, 6220, 6230, 6230i, 6300, 6131, 7260 … with *Chat*, *IM* or *Instant messages* under *Messages*',
  menu: 'models of 2003 and 2004: *Settings* → *Chat and My presence settings*; later ones: *Messages* → *Instant messages* → *Connection settings* → *Configuration*, which lists what came by message',
  fields: [
    { label: 'Chat and presence server', value: 'address' },
    { label: 'User ID', value: 'user ID' },
    { label: 'Password', value: 'password' },
    { label: 'Connection (data bearer, access point)', value: 'access point' },
  ],
  speaks: 'CSP 1.1 or 1.2, WBXML',
  wakesUpBy: 'unknown; onesoup offers TCP and UDP, WAP push where it has an SMS carrier, and answers polls',
  foreignUserId: 'name@domain',
  provisioning: {
    works: 'probably',
    note: 'On most models settings cannot be typed: they come by message. Some want the access point named in it.',
  },
  notes: [
    'The words of the fields differ by model; those above are unverified.',
    'Some of its 1.1 firmware reads its own presence, and wants to know how contacts can be reached (CommCap); both is served.',
    'If you have a provisioning message of any operator, its server address may be editable: tell us.',
  ],
};
