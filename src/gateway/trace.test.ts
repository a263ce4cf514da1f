import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, silentLog } from '../base/log.ts';
import { testGateway } from './testing/test-gateway.ts';

test('the debug log has what phones say and are told, and no password, session or message of theirs', async () => {
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    debug: (fields, message) => void lines.push(JSON.stringify({ ...fields, message })),
    child: () => log,
  };
  const world = await testGateway({ log });
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  await phone.post(phone.bytes([{ mode: 'Request', id: 'a', content: phone.login({ Password: 'not to be read' }) }]));
  await phone.post(phone.bytes([{ mode: 'Request', id: 'b', content: phone.message('mila', 'between us') }]));
  const { sessionId } = phone;
  assert.ok(sessionId);
  const text = lines.join('\n');
  for (const name of ['Login-Request', 'Login-Response', 'SendMessage-Request', 'SendMessage-Response', '(14 hidden)'])
    assert.ok(text.includes(name), `${name}\n${text}`);
  for (const secret of ['not to be read', 'between us', sessionId]) assert.ok(!text.includes(secret), secret);
  await world.close();
});
