// Everything that a phone can ask for.

import type { Operation } from '../operation.ts';
import { groups } from './groups.ts';
import { invitations } from './invitations.ts';
import { lists } from './lists.ts';
import { messages } from './messages.ts';
import { of13 } from './of-1.3.ts';
import { presence } from './presence.ts';
import { reads } from './reads.ts';
import { sessions } from './sessions.ts';

export const operations: readonly Operation[] = [
  ...sessions,
  ...reads,
  ...messages,
  ...lists,
  ...presence,
  ...groups,
  ...invitations,
  ...of13,
];
