// Multi-User Chat.

import { section } from '../section.ts';
import { domain, oneOf, whole, yesOrNo } from '../values.ts';

export const rooms = section(
  {
    enabled: yesOrNo().default(true).describe('Are there rooms?'),
    domain: domain()
      .optional()
      .describe(
        'The domain of the rooms. Without it: `conference.` before ours, where clients look first. Other servers reach it only if DNS names it.',
      ),
    create: oneOf('anyone', 'local', 'nobody')
      .default('local')
      .describe('Who may make rooms: whoever can reach us, those with an account here, or nobody.'),
    rooms: whole(1, 1_000_000).default(10_000).describe('Rooms at a time.'),
    rooms_per_account: whole(1, 100_000).default(100).describe('… and of those, rooms made by one account.'),
    occupants: whole(2, 10_000).default(500).describe('Occupants of one room at most; its owner may choose fewer.'),
    affiliations: whole(10, 100_000)
      .default(5000)
      .describe('Members, admins, owners and banned users of one room together.'),
    history: whole(0, 1000)
      .default(100)
      .describe('Messages of one room kept for those who enter, at most; a new room keeps 20 of them.'),
    logged_messages: whole(0, 1_000_000)
      .default(10_000)
      .describe('Messages kept of a persistent room whose owner has switched logging on.'),
    messages_per_second: whole(1, 1000)
      .default(4)
      .describe('Messages of one account to one room, on average; more are refused.'),
    message_characters: whole(1000, 262_144).default(65_536).describe('The largest message to a room.'),
  },
  'Rooms for many (Multi-User Chat, XEP-0045), see docs/rooms.md.',
);
