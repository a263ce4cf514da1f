import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Jid } from '../../../xmpp/jid.ts';
import type { RosterItem } from '../common/roster.ts';
import {
  freshLists,
  groupOfName,
  listsOf,
  nameOfGroup,
  withDefault,
  withDisplayName,
  withList,
  withoutList,
} from './lists.ts';

const contact = (jid: string, ...groups: string[]): RosterItem => ({
  jid: Jid.from(jid),
  name: undefined,
  groups,
  subscription: 'both',
  ask: false,
});
const shape = (items: readonly RosterItem[], kept = freshLists) =>
  listsOf(items, kept).map(({ name, members }) => [name, members.map(({ jid }) => jid.local).join(' ')]);

test('groups are lists, and who is in none stands in the home list', () => {
  const items = [contact('tomas@x', 'Work', 'choir'), contact('anna@x'), contact('mila@x', 'Contacts')];
  assert.deepEqual(shape(items), [
    ['contacts', 'anna mila'],
    ['_57ork', 'tomas'],
    ['choir', 'tomas'],
  ]);
  assert.equal(listsOf(items, freshLists).filter(({ isDefault }) => isDefault).length, 1);
});

test('another default list takes nobody with it', () => {
  const items = [contact('tomas@x', 'choir'), contact('anna@x')];
  const choir = listsOf(items, freshLists).find(({ name }) => name === 'choir');
  assert.ok(choir);
  const kept = withDefault(freshLists, choir);
  assert.deepEqual(
    listsOf(items, kept).map(({ name, isDefault, members }) => [name, isDefault, members.length]),
    [
      ['contacts', false, 1],
      ['choir', true, 1],
    ],
  );
});

test('a list a phone makes is called in the roster as people see it, and no two share a group', () => {
  const items = [contact('tomas@x', 'Friends'), contact('anna@x', 'friends')];
  const kept = withList(freshLists, listsOf(items, freshLists), 'friends', 'Friends');
  assert.deepEqual(kept.lists.at(-1), { name: 'friends', group: 'Friends 2', displayName: 'Friends' });
  assert.deepEqual(shape(items, kept), [
    ['contacts', ''],
    ['friends', ''],
    ['_46riends', 'tomas'],
    ['_66_72_69_65_6e_64_73', 'anna'],
  ]);
});

test('renamed lists keep their address; deleted ones pass default and home on', () => {
  const items = [contact('anna@x'), contact('tomas@x', 'choir')];
  const lists = listsOf(items, freshLists);
  const [home, choir] = lists;
  assert.ok(home && choir);
  const renamed = withDisplayName(freshLists, choir, 'Chorus', 'Chorus');
  assert.deepEqual(shape([contact('tomas@x', 'Chorus')], renamed)[1], ['choir', 'tomas']);
  const without = withoutList(freshLists, lists, home);
  assert.deepEqual(shape(items, without), [['choir', 'anna tomas']]);
  assert.equal(listsOf(items, without)[0]?.isDefault, true);
  assert.deepEqual(withoutList(freshLists, listsOf([], freshLists), home), freshLists);
});

test('every group name has an address of its own, also after lower-casing', () => {
  const group = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(group, (name) => {
      assert.equal(groupOfName(nameOfGroup(name, new Set()).toLowerCase()), name);
    }),
  );
  fc.assert(
    fc.property(
      fc.array(group, { maxLength: 8 }),
      fc.array(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 4 }),
      (groups, made) => {
        const kept = made.reduce(
          (all, name) => (all.lists.some((one) => one.name === name) ? all : withList(all, [], name, name)),
          freshLists,
        );
        const names = listsOf([contact('a@x', ...new Set([...groups, ...made]))], kept).map(({ name }) => name);
        assert.equal(new Set(names).size, names.length);
      },
    ),
  );
});
