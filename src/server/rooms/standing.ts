// XEP-0045 §5: roles and affiliations, and what each may do. The tables are the code: rooms and test both read them.

import type { RoomSettings } from './settings.ts';

export const affiliations = ['outcast', 'none', 'member', 'admin', 'owner'] as const;
export type Affiliation = (typeof affiliations)[number];

export const roles = ['none', 'visitor', 'participant', 'moderator'] as const;
export type Role = (typeof roles)[number];

const affiliationRank = (one: Affiliation): number => affiliations.indexOf(one);
const roleRank = (one: Role): number => roles.indexOf(one);
export const isAtLeast = (one: Affiliation, other: Affiliation): boolean =>
  affiliationRank(one) >= affiliationRank(other);

/** 'set': the room's configuration says. */
type May = 'yes' | 'no' | 'set';

/** §5.1.1, in the order of `roles`. What any occupant may (be present, hear all, change nickname and status) is no row. */
export const rolePrivileges = {
  'show presence': ['no', 'set', 'set', 'set'],
  'send private messages': ['no', 'set', 'set', 'set'],
  invite: ['no', 'set', 'set', 'yes'],
  speak: ['no', 'no', 'yes', 'yes'],
  'change the subject': ['no', 'no', 'set', 'yes'],
  kick: ['no', 'no', 'no', 'yes'],
  'grant and revoke voice': ['no', 'no', 'no', 'yes'],
} as const satisfies Readonly<Record<string, readonly [May, May, May, May]>>;
export type RolePrivilege = keyof typeof rolePrivileges;

const bySettings: Readonly<Partial<Record<RolePrivilege, (settings: RoomSettings, role: Role) => boolean>>> = {
  'show presence': ({ presenceBroadcast }, role) => presenceBroadcast.some((one) => one === role),
  'send private messages': ({ privateMessages }, role) =>
    privateMessages === 'anyone' ||
    (privateMessages === 'participants' && roleRank(role) >= roleRank('participant')) ||
    (privateMessages === 'moderators' && role === 'moderator'),
  invite: ({ letsInvite }) => letsInvite,
  'change the subject': ({ letsChangeSubject }) => letsChangeSubject,
};

export const roleMay = (settings: RoomSettings, role: Role, privilege: RolePrivilege): boolean => {
  const may = rolePrivileges[privilege][roleRank(role)];
  return may === 'set' ? (bySettings[privilege]?.(settings, role) ?? false) : may === 'yes';
};

/** §5.2.1, in the order of `affiliations`. */
export const affiliationPrivileges = {
  enter: ['no', 'yes', 'yes', 'yes', 'yes'],
  'enter members-only': ['no', 'no', 'yes', 'yes', 'yes'],
  register: ['no', 'yes', 'yes', 'yes', 'yes'],
  ban: ['no', 'no', 'no', 'yes', 'yes'],
  'edit members': ['no', 'no', 'no', 'yes', 'yes'],
  'make moderators': ['no', 'no', 'no', 'yes', 'yes'],
  'edit admins': ['no', 'no', 'no', 'no', 'yes'],
  'edit owners': ['no', 'no', 'no', 'no', 'yes'],
  configure: ['no', 'no', 'no', 'no', 'yes'],
  destroy: ['no', 'no', 'no', 'no', 'yes'],
} as const satisfies Readonly<Record<string, readonly ('yes' | 'no')[]>>;
export type AffiliationPrivilege = keyof typeof affiliationPrivileges;

export const affiliationMay = (affiliation: Affiliation, privilege: AffiliationPrivilege): boolean =>
  affiliationPrivileges[privilege][affiliationRank(affiliation)] === 'yes';

/** §5.1.2: the role one enters with. */
export const defaultRole = (affiliation: Affiliation, { isModerated }: RoomSettings): Role => {
  if (isAtLeast(affiliation, 'admin')) return 'moderator';
  return affiliation === 'member' || !isModerated ? 'participant' : 'visitor';
};

/** §5.1.3: what is gained with an affiliation is gained; what was held by it alone is lost with it. */
export const roleAfter = (role: Role, from: Affiliation, to: Affiliation, settings: RoomSettings): Role => {
  const [before, after] = [defaultRole(from, settings), defaultRole(to, settings)];
  if (roleRank(after) >= roleRank(role)) return isAtLeast(to, from) ? after : role;
  return role === before ? after : role;
};

export type StandingFault = 'forbidden' | 'not-allowed';

/** §5.2.2: may somebody of affiliation `by` make a `from` a `to`? */
export const affiliationFault = (by: Affiliation, from: Affiliation, to: Affiliation): StandingFault | undefined => {
  if (!affiliationMay(by, 'edit members')) return 'forbidden';
  if (by === 'owner') return undefined;
  if (isAtLeast(to, 'admin')) return 'forbidden';
  return isAtLeast(from, 'admin') ? 'not-allowed' : undefined;
};

export interface Standing {
  readonly role: Role;
  readonly affiliation: Affiliation;
}

/** §5.1.3, §8.2, §8.4, §9.7: may `by` give `target` the role `to`? */
export const roleFault = (by: Standing, target: Standing, to: Role): StandingFault | undefined => {
  const isAboutModerators = to === 'moderator' || target.role === 'moderator';
  if (by.role !== 'moderator' && !affiliationMay(by.affiliation, 'make moderators')) return 'forbidden';
  const isAbove = affiliationRank(target.affiliation) > affiliationRank(by.affiliation);
  if (to === 'none' && isAbove) return 'not-allowed';
  if (to !== 'none' && roleRank(to) < roleRank(target.role) && (isAbove || isAtLeast(target.affiliation, 'admin')))
    return 'not-allowed';
  return isAboutModerators && !affiliationMay(by.affiliation, 'make moderators') ? 'forbidden' : undefined;
};
