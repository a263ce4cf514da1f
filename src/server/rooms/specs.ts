// What rooms implement, for the support table.

import type { Spec } from '../features/feature.ts';
import { ns } from './names.ts';

export const specs: readonly Spec[] = [
  { id: 'XEP-0004', name: 'Data Forms', version: '2.13.2', scope: 'configuration, registration, requests for voice' },
  {
    id: 'XEP-0030',
    name: 'Service Discovery',
    version: '2.5.0',
    scope: 'of the service and of rooms',
    namespaces: [ns.info, ns.items],
    where: 'server/rooms/disco.ts',
  },
  {
    id: 'XEP-0045',
    name: 'Multi-User Chat',
    version: '1.35.5',
    scope: 'all but fully anonymous rooms, which it deprecates, and "groupchat 1.0"; one nickname for several clients',
    namespaces: [ns.muc, ns.request, ns.stableId, ns.register],
  },
  {
    id: 'XEP-0059',
    name: 'Result Set Management',
    version: '1.0',
    scope: 'in the list of rooms',
    namespaces: [ns.rsm],
    where: 'server/rooms/paging.ts',
  },
  {
    id: 'XEP-0077',
    name: 'In-Band Registration',
    version: '2.4',
    scope: 'with a room, for a nickname',
    where: 'server/rooms/register.ts',
  },
  { id: 'XEP-0128', name: 'Service Discovery Extensions', version: '1.0.1', scope: 'what a room is about' },
  {
    id: 'XEP-0199',
    name: 'XMPP Ping',
    version: '2.0.1',
    scope: 'answered; sent to occupants that were silent for long',
    namespaces: [ns.ping],
    where: 'server/rooms/ghosts.ts',
  },
  {
    id: 'XEP-0203',
    name: 'Delayed Delivery',
    version: '2.0',
    scope: 'stamps on history and subject',
    where: 'server/rooms/history.ts',
  },
  {
    id: 'XEP-0249',
    name: 'Direct MUC Invitations',
    version: '1.2',
    scope: 'in every invitation that a room sends',
    where: 'server/rooms/invitation.ts',
  },
  {
    id: 'XEP-0359',
    name: 'Unique and Stable Stanza IDs',
    version: '0.7.0',
    scope: 'on messages to all',
    namespaces: [ns.stanzaId],
    where: 'server/rooms/message.ts',
  },
  {
    id: 'XEP-0410',
    name: 'MUC Self-Ping (Schrödinger’s Chat)',
    version: '1.1.0',
    scope: 'the service answers itself',
    namespaces: [ns.selfPing],
    where: 'server/rooms/iq.ts',
  },
  {
    id: 'XEP-0421',
    name: 'Occupant identifiers for semi-anonymous MUCs',
    version: '1.0.1',
    scope: 'all',
    namespaces: [ns.occupantId],
    where: 'server/rooms/occupant-id.ts',
  },
];
