// The CSP services. The order is the order in which they are asked about a stanza: who may not reach the user comes first.

import type { Service } from '../service.ts';
import { blocking } from './blocking/index.ts';
import { client } from './client/index.ts';
import { contactLists } from './contact-lists/index.ts';
import { groups } from './groups/index.ts';
import { invitations } from './invitations/index.ts';
import { messages } from './messages/index.ts';
import { presence } from './presence/index.ts';
import { profile } from './profile/index.ts';
import { searching } from './search/index.ts';
import { verifying } from './verify/index.ts';

export const services: readonly Service[] = [
  blocking,
  client,
  contactLists,
  invitations,
  groups,
  presence,
  messages,
  searching,
  profile,
  verifying,
];
