import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Jid } from '../../../xmpp/jid.ts';
import { apply, emptyList, mayReach, usersAmong } from './entities.ts';

const anna = Jid.from('anna@x/desk');
const list = (inUse: boolean, ...users: string[]) => ({ inUse, users });

test('who may reach the user', () => {
  const other = list(true, 'nils@x');
  for (const [block, grant, may] of [
    [emptyList, emptyList, true],
    [list(true, 'anna@x'), emptyList, false],
    [list(false, 'anna@x'), emptyList, true],
    [emptyList, other, false],
    [emptyList, list(true), true],
    [emptyList, list(false, 'nils@x'), true],
    [emptyList, list(true, 'anna@x'), true],
    [list(true, 'anna@x'), list(true, 'anna@x'), false],
  ] as const)
    assert.equal(mayReach(anna, block, grant), may, JSON.stringify([block, grant]));
});

test('EntityList replaces, AddList and RemoveList edit, an absent InUse changes nothing', () => {
  const before = list(true, 'anna@x', 'nils@x');
  assert.deepEqual(apply(before, { inUse: undefined, all: ['maja@x'], add: [], remove: [] }), list(true, 'maja@x'));
  assert.deepEqual(
    apply(before, { inUse: false, all: undefined, add: ['maja@x', 'anna@x'], remove: ['nils@x'] }),
    list(false, 'anna@x', 'maja@x'),
  );
});

test('of entries made elsewhere, users are shown', () => {
  assert.deepEqual(usersAmong(['spam.example', 'anna@x/desk', 'anna@x', '@', 'nils@x']), ['anna@x', 'nils@x']);
});
