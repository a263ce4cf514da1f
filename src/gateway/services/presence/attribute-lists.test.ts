import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attributeNames } from '../../mapping/presence-table.ts';
import { type AttributeLists, noAttributeLists, shownTo, shownToAll, visibleTo } from './attribute-lists.ts';

const list = (...names: AttributeLists['users'][string]['names']) => ({ names, notify: true });
const lists: AttributeLists = {
  default: list('OnlineStatus', 'StatusText', 'Alias'),
  users: { 'anna@x': list('OnlineStatus'), 'nils@x': list() },
  lists: { choir: list('OnlineStatus', 'StatusText', 'GeoLocation'), work: list('OnlineStatus', 'Alias') },
};

test('the entry for a user goes before those for lists, those together before the default', () => {
  assert.deepEqual(visibleTo(lists, 'anna@x', ['choir']), ['OnlineStatus']);
  assert.deepEqual(visibleTo(lists, 'nils@x', ['choir']), []);
  assert.deepEqual(visibleTo(lists, 'tomas@x', ['choir', 'work']), [
    'OnlineStatus',
    'GeoLocation',
    'StatusText',
    'Alias',
  ]);
  assert.deepEqual(visibleTo(lists, 'tomas@x', ['contacts']), ['OnlineStatus', 'StatusText', 'Alias']);
  assert.equal(visibleTo(noAttributeLists, 'tomas@x', []), undefined);
});

test('what is broadcast is what every entry shows', () => {
  const names = ['StatusText', 'GeoLocation', 'Alias', 'UserAvailability'] as const;
  const contactLists = new Set(['choir', 'work']);
  assert.deepEqual(names.map(shownToAll(lists, contactLists)), [false, false, false, true]);
  const without = { ...lists, users: { 'nils@x': list() } };
  assert.deepEqual(names.map(shownToAll(without, new Set(['choir']))), [true, false, false, true]);
  assert.deepEqual(
    names.map(shownToAll(without, new Set())),
    [true, false, true, true],
    'a list that is gone counts no more',
  );
  assert.deepEqual(names.map(shownToAll(noAttributeLists, contactLists)), [true, true, true, true]);
  assert.deepEqual(names.map(shownTo(lists, { user: 'maja@x', memberOf: ['choir'] })), [true, true, false, true]);
  assert.deepEqual(names.map(shownTo(noAttributeLists, { user: 'maja@x', memberOf: [] })), [true, true, true, true]);
});

test('nothing is broadcast that somebody who is let in may not see', () => {
  const some = fc.record({ names: fc.subarray([...attributeNames]), notify: fc.boolean() }, { noNullPrototype: true });
  const users = fc.constantFrom('anna@x', 'nils@x', 'tomas@x');
  const contactLists = fc.constantFrom('choir', 'work', 'boat');
  fc.assert(
    fc.property(
      fc.record(
        {
          default: fc.option(some, { nil: undefined }),
          users: fc.dictionary(users, some, { noNullPrototype: true }),
          lists: fc.dictionary(contactLists, some, { noNullPrototype: true }),
        },
        { noNullPrototype: true },
      ),
      users,
      fc.uniqueArray(contactLists),
      (lists, user, memberOf) => {
        const visible = visibleTo(lists, user, memberOf);
        if (visible?.length === 0) return;
        const sight = shownTo(lists, { user, memberOf });
        const all = shownToAll(lists, new Set(['choir', 'work', 'boat']));
        for (const name of attributeNames) assert.ok(!all(name) || sight(name), `${name} to ${user}`);
      },
    ),
  );
});
