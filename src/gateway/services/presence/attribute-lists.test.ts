import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttributeLists, noAttributeLists, shownToAll, visibleTo } from './attribute-lists.ts';

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

test('an attribute goes out when each watcher may see it', () => {
  const shown = shownToAll(lists, [
    { user: 'tomas@x', memberOf: ['choir'] },
    { user: 'maja@x', memberOf: [] },
  ]);
  assert.deepEqual((['StatusText', 'GeoLocation', 'Alias', 'UserAvailability'] as const).map(shown), [
    true,
    false,
    false,
    true,
  ]);
  assert.equal(shownToAll(lists, [{ user: 'nils@x', memberOf: [] }])('StatusText'), false);
  assert.equal(shownToAll(noAttributeLists, [{ user: 'nils@x', memberOf: [] }])('GeoLocation'), true);
  assert.equal(shownToAll(lists, [])('GeoLocation'), false);
});
