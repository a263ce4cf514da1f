// What the sessions of one account tell each other: a phone that is told of changes (CSP 1.3 "General notification") hears
// what another phone of its user did.

import type { Stanza } from '../xmpp/stanza.ts';

export type News =
  /** Values of the account were set; told to the session that set them too. */
  | { readonly what: 'set'; readonly keys: ReadonlySet<string>; readonly isOwn: boolean }
  /** A message for the user came to one session. */
  | { readonly what: 'message'; readonly stanza: Stanza }
  /** The operator has something to say, or takes it back. */
  | { readonly what: 'announcements' }
  /** The user's public profile was changed. */
  | { readonly what: 'profile' }
  /** A group the user made or deleted, by the room behind it (bare JID). */
  | { readonly what: 'group'; readonly event: 'created' | 'deleted'; readonly room: string }
  /** The user answered an invitation: from whom it was, its id there, the room it is to. */
  | {
      readonly what: 'invitation-answered';
      readonly isAccepted: boolean;
      readonly from: string;
      readonly id: string | undefined;
      readonly room: string | undefined;
    }
  /** The user withdrew an invitation, by its InviteID. */
  | { readonly what: 'invitation-withdrawn'; readonly id: string };
