// XEP-0160 Best Practices for Handling Offline Messages 1.0.1, with XEP-0203 Delayed Delivery 2.0 stamps: what is kept is
// decided by messages/rules.ts, and given to the first resource that takes messages, before anything new.

import { add } from '../../base/hooks.ts';
import { arrives, discoFeatures } from '../points.ts';
import type { Feature } from './feature.ts';

export const offline: Feature = {
  specs: [
    {
      id: 'XEP-0160',
      name: 'Best Practices for Handling Offline Messages',
      version: '1.0.1',
      scope: 'all',
      namespaces: ['msgoffline'],
    },
    { id: 'XEP-0203', name: 'Delayed Delivery', version: '2.0', scope: 'stamps on messages that were kept' },
    {
      id: 'XEP-0334',
      name: 'Message Processing Hints',
      version: '1.0.0',
      scope: '<no-store/> and <store/> for messages that wait',
    },
  ],
  taps: () => [
    add(arrives, 'messages', (works, { user, session, takesMessages }) =>
      takesMessages ? [...works, () => user.mailbox.deliverKept(session)] : works,
    ),
    add(discoFeatures, 'any', (namespaces, { kind }) =>
      kind === 'server' ? [...namespaces, 'msgoffline'] : namespaces,
    ),
  ],
};
