// What an owner can choose about a room (XEP-0045 §10.2, §15.5.3), as values; `settings-form.ts` has them as a form.

import type { RoomLimits } from './limits.ts';

export type ShownRole = 'moderator' | 'participant' | 'visitor';
export const shownRoles: readonly ShownRole[] = ['moderator', 'participant', 'visitor'];

export interface RoomSettings {
  readonly name: string;
  readonly description: string;
  /** A language tag; '' when it says nothing. */
  readonly lang: string;
  /** An XMPP URI; '' when there is none. */
  readonly pubsub: string;
  readonly isPersistent: boolean;
  readonly isPublic: boolean;
  readonly isMembersOnly: boolean;
  readonly isModerated: boolean;
  readonly isLogged: boolean;
  /** Undefined: none is asked for. */
  readonly password: string | undefined;
  /** Who sees occupants' real addresses. */
  readonly whois: 'anyone' | 'moderators';
  readonly letsChangeSubject: boolean;
  readonly letsInvite: boolean;
  readonly privateMessages: 'anyone' | 'participants' | 'moderators' | 'none';
  /** Roles whose presence the others see. */
  readonly presenceBroadcast: readonly ShownRole[];
  /** Roles that may have the lists of members, admins and owners. */
  readonly memberList: readonly ShownRole[];
  readonly occupantsMax: number;
  /** Messages shown to those who enter. */
  readonly historyMax: number;
}

/** A room that nobody has configured: open to all, in the list of rooms, gone with the last occupant. */
export const defaultSettings = (limits: RoomLimits): RoomSettings => ({
  name: '',
  description: '',
  lang: '',
  pubsub: '',
  isPersistent: false,
  isPublic: true,
  isMembersOnly: false,
  isModerated: false,
  isLogged: false,
  password: undefined,
  whois: 'moderators',
  letsChangeSubject: false,
  letsInvite: true,
  privateMessages: 'anyone',
  presenceBroadcast: shownRoles,
  memberList: shownRoles,
  occupantsMax: Math.min(200, limits.occupantsMax),
  historyMax: limits.historyDefault,
});
