// The view of remote contacts.

import { section } from '../section.ts';
import { oneOf, whole } from '../values.ts';

export const presence = section(
  {
    probe: oneOf('always', 'aged', 'blind')
      .default('aged')
      .describe(
        "When contacts' servers are asked. `aged`: when what is known of a contact has aged, whether or not the user is signed in; a sign-in brings forward only what is due already. `blind`: the same, and a sign-in changes nothing, so that nobody can tell from probes when it was. `always`: also at each sign-in, as RFC 6121 §4.2.2 has it.",
      ),
    aged_minutes: whole(5, 1440)
      .default(45)
      .describe(
        'What is known of a contact has aged after about this long without news (three to five quarters of it).',
      ),
    probe_timeout_seconds: whole(5, 3600)
      .default(60)
      .describe('A contact whose server does not answer for this long, though it can be reached, is shown as offline.'),
    spread_seconds: whole(1, 3600)
      .default(120)
      .describe('Questions that fall due together (at a start, when a link is back) are spread over this long.'),
    grace_seconds: whole(0, 86_400)
      .default(600)
      .describe(
        'For how long contacts are shown as last known, unconfirmed, while their server cannot be reached; then as offline.',
      ),
    unconfirmed_max_minutes: whole(1, 10_080)
      .default(60)
      .describe(
        'However often a link comes and goes, or this server restarts: what nothing has confirmed for this long is not shown. Never less than it takes to ask: five quarters of `aged_minutes`, and `probe_timeout_seconds`.',
      ),
  },
  "What is known of other servers' users, and shown at once at sign-in (docs/presence.md).",
);
