import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from './describe.ts';
import { ada, away, ben, minute, second, stage, tom } from './testing/stage.ts';

const hour = 60 * minute;

test('what an operator sees of a contact from its first probe to its last', () => {
  const { added, here, signIn, pass, described } = stage({ probe: 'always', spreadMs: 0 });
  added(ben);
  assert.deepEqual(described(ben), {
    contact: ben,
    isLocal: false,
    resources: [],
    checkedAgoMs: undefined,
    probe: undefined,
    domainDownMs: undefined,
    nextLookInMs: 0,
  });
  pass(10 * second);
  assert.deepEqual(described(ben)?.probe, { sentAgoMs: 10 * second, outcome: 'pending', answer: undefined });
  here(ben, 'laptop', away);
  assert.deepEqual(described(ben)?.probe, { sentAgoMs: 10 * second, outcome: 'answered', answer: 'available' });
  assert.equal(described(ben)?.checkedAgoMs, undefined, 'more resources may answer yet');
  pass(minute);
  const seen = described(ben);
  assert.deepEqual(seen?.resources, [{ resource: 'laptop', payload: away, ageMs: minute, isConfirmed: true }]);
  assert.equal(seen?.checkedAgoMs, 10 * second);
  assert.ok(seen?.nextLookInMs !== undefined && seen.nextLookInMs > 30 * minute && seen.nextLookInMs < hour);
  signIn();
  pass(2 * minute);
  assert.deepEqual(described(ben)?.probe, { sentAgoMs: 2 * minute, outcome: 'unanswered', answer: undefined });
  assert.deepEqual(described(ben)?.resources, []);
});

test('every kind of answer', () => {
  const { added, gone, error, signIn, pass, described } = stage({ probe: 'always' });
  added(ben);
  added(ada);
  signIn();
  gone(ben, '');
  error(ada);
  assert.deepEqual([described(ben)?.probe?.answer, described(ada)?.probe?.answer], ['unavailable', 'error']);
  assert.equal(described(ben)?.checkedAgoMs, 0);
  signIn('desk');
  assert.equal(described(ben)?.probe?.outcome, 'pending');
  gone(ben, 'strange');
  assert.equal(described(ben)?.probe?.answer, 'unavailable');
  assert.equal(described(ada)?.probe?.outcome, 'pending');
  pass(2 * minute);
  assert.equal(described(ada)?.probe?.outcome, 'unanswered');
});

test('a domain out of reach, and a probe that shows nothing', () => {
  const { added, here, down, signIn, pass, described } = stage({ probe: 'always' });
  added(ben);
  here(ben, 'laptop');
  pass(second);
  signIn();
  down('far.test');
  pass(3 * minute);
  const seen = described(ben);
  assert.equal(seen?.domainDownMs, 3 * minute);
  assert.equal(seen?.probe?.outcome, 'void');
  assert.equal(seen?.resources[0]?.isConfirmed, false);
});

test('ages count what was slept through', () => {
  const { added, here, pass, sleep, described } = stage({ probe: 'blind' });
  added(ben);
  here(ben, 'laptop');
  pass(2 * minute);
  here(ben, 'phone');
  pass(30 * second);
  sleep(3 * hour);
  sleep(2 * hour);
  const [phone, laptop] = described(ben)?.resources ?? [];
  assert.deepEqual(laptop, undefined);
  assert.ok(Math.abs((phone?.ageMs ?? 0) - (5 * hour + 30 * second)) < 100, `${phone?.ageMs}`);
});

test('a local contact is neither checked nor probed nor due; a stranger has no view', () => {
  const { state, added, here, described } = stage();
  added(tom, true);
  here(tom, 'desk');
  const seen = described(tom);
  assert.deepEqual(
    [seen?.isLocal, seen?.checkedAgoMs, seen?.probe, seen?.nextLookInMs],
    [true, undefined, undefined, undefined],
  );
  assert.equal(seen?.resources[0]?.isConfirmed, true);
  assert.deepEqual(describe(state, 'nobody@home.test', 0), []);
});
