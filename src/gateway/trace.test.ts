import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, silentLog } from '../base/log.ts';
import type { CspMessage } from '../imps/message.ts';
import { testGateway } from './testing/test-gateway.ts';
import { traced } from './trace.ts';

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

test('a piece of a message is hidden like the message, and a key like a password', () => {
  const message: CspMessage = {
    version: '1.3',
    sessionType: 'Inband',
    sessionId: 'abc',
    transactions: [
      { mode: 'Response', id: '1', content: { name: 'GetSegment-Response', SegmentContent: 'PHNlY3JldD4=' } },
      {
        mode: 'Request',
        id: '2',
        content: {
          name: 'SystemMessage-User',
          SystemMessageResponseList: {
            SystemMessageResponse: [{ SystemMessageID: 'm', VerificationKey: 'herring' }],
          },
        },
      },
    ],
  };
  assert.doesNotMatch(JSON.stringify(traced(message)), /PHNl|herring/);
});
