// CSP 1.1, 1.2 "List manage": one change a request by the book; Android's plug-in writes several, out of order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testGateway } from '../../testing/test-gateway.ts';
import { services } from '../index.ts';

test('several changes in one request all count', async () => {
  const world = await testGateway({ services });
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  const manage = async (changes: string): Promise<string> => {
    const body = `<?xml version="1.0"?>
      <WV-CSP-Message xmlns="http://www.openmobilealliance.org/DTD/WV-CSP1.2"><Session>
      <SessionDescriptor><SessionType>Inband</SessionType><SessionID>${phone.sessionId}</SessionID></SessionDescriptor>
      <Transaction><TransactionDescriptor><TransactionMode>Request</TransactionMode><TransactionID>${changes.length}</TransactionID></TransactionDescriptor>
      <TransactionContent xmlns="http://www.openmobilealliance.org/DTD/WV-TRC1.2"><ListManage-Request>
      <ReceiveList>T</ReceiveList>${changes}<ContactList>${list}</ContactList>
      </ListManage-Request></TransactionContent></Transaction></Session></WV-CSP-Message>`;
    const answer = await phone.post(new TextEncoder().encode(body));
    return new TextDecoder().decode(answer.body);
  };
  const lists = await phone.askFor({ name: 'GetList-Request' }, 'GetList-Response');
  const list = lists.DefaultContactList ?? '';
  const add = (...who: string[]) =>
    `<AddNickList>${who.map((one) => `<UserID>wv:${one}@home.test</UserID>`).join('')}</AddNickList>`;
  await manage(add('mila'));
  const both = await manage(
    `<RemoveNickList><UserID>wv:mila@home.test</UserID></RemoveNickList>${add('otto', 'vera')}`,
  );
  const named = [...both.matchAll(/<UserID>wv:(\w+)@/g)].map(([, name]) => name);
  assert.deepEqual(named.sort(), ['otto', 'vera'], both);
  await world.close();
});
