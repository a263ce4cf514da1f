import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersTo, isAnswerTo, primitiveInfo, refusalOf, requestsFrom } from './lookup.ts';

test('how many primitives each version has', () => {
  const count = (version: '1.1' | '1.2' | '1.3') =>
    [...primitiveInfo.values()].filter(({ versions }) => versions.includes(version)).length;
  assert.deepEqual([count('1.1'), count('1.2'), count('1.3')], [79, 88, 100]);
});

test('who asks what', () => {
  const server = requestsFrom('server', '1.1');
  assert.ok(server.includes('NewMessage') && server.includes('Disconnect') && server.includes('LeaveGroup-Response'));
  assert.ok(!server.includes('Login-Request') && !server.includes('Notification-Request'));
  assert.ok(requestsFrom('client', '1.1').includes('PresenceAuth-User'));
  assert.ok(!requestsFrom('client', '1.3').includes('PresenceAuth-User'));
});

test('what answers, by version', () => {
  assert.deepEqual(answersTo('Logout-Request', '1.1'), ['Disconnect']);
  assert.deepEqual(answersTo('Logout-Request', '1.2'), ['Status']);
  assert.deepEqual(answersTo('CreateList-Request', '1.2'), ['Status']);
  assert.deepEqual(answersTo('CreateList-Request', '1.3'), ['CreateList-Response', 'Status']);
  assert.deepEqual(answersTo('NewMessage', '1.1'), ['MessageDelivered']);
  assert.deepEqual(answersTo('Polling-Request', '1.1'), ['nothing']);
  assert.deepEqual(answersTo('Status', '1.1'), []);
  assert.ok(isAnswerTo('Status', 'GetList-Request') && !isAnswerTo('GetList-Response', 'Login-Request'));
});

test('known but not served', () => {
  assert.equal(refusalOf('JoinGroup-Request', '1.1'), 405);
  assert.equal(refusalOf('GetBlockedList-Request', '1.2'), 405);
  assert.equal(refusalOf('GetMap-Request', '1.2'), 501);
  assert.equal(refusalOf('GetMap-Request', '1.3'), 405);
  assert.equal(refusalOf('GetPublicProfile-Request', '1.3'), 501);
  assert.equal(refusalOf('NewMessage', '1.1'), 501);
});
