// What components can count on, for the support table.

import type { Spec } from '../features/feature.ts';

export const specs: readonly Spec[] = [
  {
    id: 'XEP-0114',
    name: 'Jabber Component Protocol',
    version: '1.6',
    scope: '“accept”; what a component has read is known from its answers to pings (XEP-0199)',
    where: 'xmpp/component',
  },
  {
    id: 'XEP-0297',
    name: 'Stanza Forwarding',
    version: '1.0',
    scope: 'as XEP-0356 needs it',
    where: 'server/component/privileges',
  },
  {
    id: 'XEP-0356',
    name: 'Privileged Entity',
    version: '0.4.1',
    scope: 'all four permissions, for components, per component in the configuration',
    where: 'server/component/privileges',
  },
];
