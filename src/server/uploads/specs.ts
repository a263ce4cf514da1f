// What uploads implement, for the support table.

import type { Spec } from '../features/feature.ts';
import { ns } from './names.ts';

export const specs: readonly Spec[] = [
  {
    id: 'XEP-0030',
    name: 'Service Discovery',
    version: '2.5.0',
    scope: 'of the service',
    namespaces: [ns.info, ns.items],
    where: 'server/uploads/desk.ts',
  },
  {
    id: 'XEP-0128',
    name: 'Service Discovery Extensions',
    version: '1.0.1',
    scope: 'how large a file may be',
    where: 'server/uploads/desk.ts',
  },
  {
    id: 'XEP-0199',
    name: 'XMPP Ping',
    version: '2.0.1',
    scope: 'answered',
    namespaces: [ns.ping],
    where: 'server/uploads/desk.ts',
  },
  {
    id: 'XEP-0363',
    name: 'HTTP File Upload',
    version: '1.2.0',
    scope: 'slots for accounts of the server, with an Authorization header; quotas, expiry; no purposes',
    namespaces: [ns.upload],
  },
];
