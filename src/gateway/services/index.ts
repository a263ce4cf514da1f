// The CSP services. The order is the order in which they are asked about a stanza: who may not reach the user comes first.

import type { Service } from '../service.ts';
import { blocking } from './blocking/index.ts';
import { client } from './client/index.ts';
import { contactLists } from './contact-lists/index.ts';
import { conversation } from './conversation/index.ts';
import { extensions } from './extended/index.ts';
import { groups } from './groups/index.ts';
import { invitations } from './invitations/index.ts';
import { messages } from './messages/index.ts';
import { notifications } from './notifications/index.ts';
import { presence } from './presence/index.ts';
import { profile } from './profile/index.ts';
import { searching } from './search/index.ts';
import { segments } from './segments/index.ts';
import { sharing } from './sharing/index.ts';
import { systemMessages } from './system-messages/index.ts';
import { verifying } from './verify/index.ts';

export const services: readonly Service[] = [
  // Takes nothing: it sees how things are before the others change them.
  notifications,
  blocking,
  client,
  contactLists,
  invitations,
  groups,
  conversation,
  presence,
  systemMessages,
  sharing,
  messages,
  searching,
  profile,
  verifying,
  extensions,
  segments,
];
