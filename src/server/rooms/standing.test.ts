// Every privilege of XEP-0045 §5, as the tables of the specification print them, walked through.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultRoomLimits } from './limits.ts';
import { defaultSettings, type RoomSettings } from './settings.ts';
import {
  type Affiliation,
  affiliationFault,
  affiliationMay,
  affiliations,
  defaultRole,
  type Role,
  roleAfter,
  roleFault,
  roleMay,
  roles,
} from './standing.ts';

const plain = defaultSettings(defaultRoomLimits);
const settings = (more: Partial<RoomSettings>): RoomSettings => ({ ...plain, ...more });
const moderated = settings({ isModerated: true });

test('§5.1.1: privileges by role, as a room has them that nobody has configured', () => {
  const yes = (privilege: Parameters<typeof roleMay>[2]): string =>
    roles.map((role) => (roleMay(plain, role, privilege) ? 'yes' : 'no')).join(' ');
  //                                                 none visitor participant moderator
  assert.equal(yes('show presence'), /*           */ 'no yes yes yes');
  assert.equal(yes('send private messages'), /*   */ 'no yes yes yes');
  assert.equal(yes('invite'), /*                  */ 'no yes yes yes');
  assert.equal(yes('speak'), /*                   */ 'no no yes yes');
  assert.equal(yes('change the subject'), /*      */ 'no no no yes');
  assert.equal(yes('kick'), /*                    */ 'no no no yes');
  assert.equal(yes('grant and revoke voice'), /*  */ 'no no no yes');
});

test('§5.1.1 note 1: what the configuration changes about them, and nothing else', () => {
  const may = (more: Partial<RoomSettings>, privilege: Parameters<typeof roleMay>[2]): string =>
    roles.filter((role) => roleMay(settings(more), role, privilege)).join(' ');
  assert.equal(may({ presenceBroadcast: ['moderator'] }, 'show presence'), 'moderator');
  assert.equal(may({ presenceBroadcast: [] }, 'show presence'), '');
  assert.equal(may({ privateMessages: 'participants' }, 'send private messages'), 'participant moderator');
  assert.equal(may({ privateMessages: 'moderators' }, 'send private messages'), 'moderator');
  assert.equal(may({ privateMessages: 'none' }, 'send private messages'), '');
  assert.equal(may({ letsInvite: false }, 'invite'), 'moderator');
  assert.equal(may({ letsChangeSubject: true }, 'change the subject'), 'participant moderator');
  for (const more of [moderated, settings({ isMembersOnly: true }), settings({ whois: 'anyone' })])
    assert.equal(may(more, 'speak'), 'participant moderator');
});

test('§5.1.2: default roles', () => {
  const row = (room: RoomSettings): string =>
    affiliations
      .filter((one) => one !== 'outcast')
      .map((one) => defaultRole(one, room))
      .join(' ');
  assert.equal(row(moderated), 'visitor participant moderator moderator');
  assert.equal(row(plain), 'participant participant moderator moderator');
});

test('§5.1.3: the role that comes or goes with an affiliation', () => {
  const rows: readonly (readonly [Role, Affiliation, Affiliation, RoomSettings, Role])[] = [
    ['participant', 'none', 'admin', plain, 'moderator'],
    ['visitor', 'none', 'owner', moderated, 'moderator'],
    ['visitor', 'none', 'member', moderated, 'participant'],
    ['visitor', 'none', 'member', plain, 'participant'],
    ['moderator', 'admin', 'owner', plain, 'moderator'],
    ['moderator', 'owner', 'admin', plain, 'moderator'],
    ['moderator', 'admin', 'member', plain, 'participant'],
    ['moderator', 'owner', 'none', moderated, 'visitor'],
    ['participant', 'member', 'none', moderated, 'visitor'],
    ['participant', 'member', 'none', plain, 'participant'],
    // A role that was granted by itself outlasts the affiliation.
    ['moderator', 'member', 'none', moderated, 'moderator'],
    ['moderator', 'none', 'member', plain, 'moderator'],
    ['visitor', 'member', 'none', moderated, 'visitor'],
  ];
  for (const [role, from, to, room, expected] of rows)
    assert.equal(roleAfter(role, from, to, room), expected, `${role}: ${from} to ${to}`);
});

test('§5.2.1: privileges by affiliation', () => {
  const yes = (privilege: Parameters<typeof affiliationMay>[1]): string =>
    affiliations.map((one) => (affiliationMay(one, privilege) ? 'yes' : 'no')).join(' ');
  //                                               outcast none member admin owner
  assert.equal(yes('enter'), /*                 */ 'no yes yes yes yes');
  assert.equal(yes('enter members-only'), /*    */ 'no no yes yes yes');
  assert.equal(yes('register'), /*              */ 'no yes yes yes yes');
  assert.equal(yes('ban'), /*                   */ 'no no no yes yes');
  assert.equal(yes('edit members'), /*          */ 'no no no yes yes');
  assert.equal(yes('make moderators'), /*       */ 'no no no yes yes');
  assert.equal(yes('edit admins'), /*           */ 'no no no no yes');
  assert.equal(yes('edit owners'), /*           */ 'no no no no yes');
  assert.equal(yes('configure'), /*             */ 'no no no no yes');
  assert.equal(yes('destroy'), /*               */ 'no no no no yes');
});

test('§5.2.2: who may change which affiliation into which', () => {
  const lower: readonly Affiliation[] = ['outcast', 'none', 'member'];
  for (const by of affiliations)
    for (const from of affiliations)
      for (const to of affiliations) {
        const expected =
          by === 'owner' || (by === 'admin' && lower.includes(from) && lower.includes(to))
            ? undefined
            : by === 'admin' && lower.includes(to)
              ? 'not-allowed'
              : 'forbidden';
        assert.equal(affiliationFault(by, from, to), expected, `${by} makes ${from} ${to}`);
      }
});

test('§5.1.3, §8.2 to §9.8: who may change whose role', () => {
  const rank = (one: Affiliation): number => affiliations.indexOf(one);
  for (const role of roles)
    for (const by of affiliations)
      for (const targetRole of roles.filter((one) => one !== 'none'))
        for (const target of affiliations)
          for (const to of roles) {
            const isAdmin = by === 'admin' || by === 'owner';
            const isOfficial = target === 'admin' || target === 'owner';
            const fault = roleFault({ role, affiliation: by }, { role: targetRole, affiliation: target }, to);
            const what = `a ${role}, ${by}, makes a ${targetRole}, ${target}, a ${to}: ${fault}`;
            // Nobody but moderators, admins and owners does any of it.
            if (role !== 'moderator' && !isAdmin) assert.equal(fault, 'forbidden', what);
            // Nobody is kicked by somebody below.
            else if (to === 'none' && rank(target) > rank(by)) assert.equal(fault, 'not-allowed', what);
            // Nobody takes voice or moderation from admins and owners, nor from somebody above.
            else if (
              to !== 'none' &&
              roles.indexOf(to) < roles.indexOf(targetRole) &&
              (isOfficial || rank(target) > rank(by))
            )
              assert.equal(fault, 'not-allowed', what);
            // Moderators are made, and kicked, by admins and owners.
            else if (!isAdmin && (to === 'moderator' || targetRole === 'moderator'))
              assert.equal(fault, 'forbidden', what);
            else assert.equal(fault, undefined, what);
          }
});
