// Signing in by an in-process Link: who may, and how it ends.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Jid } from '../xmpp/jid.ts';
import { type LinkCredentials, LinkLostError, type LinkReceiver } from '../xmpp/link.ts';
import { stanzaFromElement } from '../xmpp/stanza-text.ts';
import { xml } from './testing/client.ts';
import { type TestServer, testServer } from './testing/server.ts';

const nobody: LinkReceiver = { stanza() {}, closed() {} };
const open = (server: TestServer, account: string, credentials: LinkCredentials) =>
  server.links[0]?.open({ account: Jid.from(account), resource: 'phone', credentials }, nobody) ?? assert.fail();
const refusal = async (server: TestServer, account: string, credentials: LinkCredentials) => {
  const opened = await open(server, account, credentials);
  return opened.ok ? 'signed in' : opened.fault.reason;
};

test('a password is checked; a wrong one and an unknown account are the same', async () => {
  const server = testServer();
  await server.addAccount('anna');
  assert.equal(await refusal(server, 'anna@home.test', { kind: 'password', password: 'secret' }), 'signed in');
  assert.equal(await refusal(server, 'anna@home.test', { kind: 'password', password: 'Secret' }), 'not-authorized');
  assert.equal(await refusal(server, 'nora@home.test', { kind: 'password', password: 'secret' }), 'not-authorized');
  assert.equal(await refusal(server, 'nora@home.test', { kind: 'trusted' }), 'not-authorized');
  assert.equal(await refusal(server, 'anna@away.test', { kind: 'trusted' }), 'not-authorized');
  await server.close();
});

test('a disabled account is refused, by password and trusted, and its sessions end', async () => {
  const server = testServer();
  const anna = await server.signIn('anna');
  await server.accounts('home.test').setDisabled(Jid.from('anna@home.test'), true);
  assert.equal(anna.ended?.reason, 'signed-out');
  assert.equal(await refusal(server, 'anna@home.test', { kind: 'trusted' }), 'account-disabled');
  assert.equal(await refusal(server, 'anna@home.test', { kind: 'password', password: 'secret' }), 'account-disabled');
  assert.equal(await refusal(server, 'anna@home.test', { kind: 'password', password: 'wrong' }), 'not-authorized');
  await assert.rejects(anna.link.send(stanzaFromElement(xml('<presence/>')[0] ?? assert.fail())), LinkLostError);
  await server.close();
});

test('closing tells the receiver once, and closing again nothing', async () => {
  const server = testServer();
  const anna = await server.signIn('anna');
  await anna.link.close();
  await anna.link.close();
  assert.equal(anna.ended?.reason, 'closed');
  await server.close();
});

test('a receiver that takes nothing is ended before it fills the memory, and its messages wait', async () => {
  const server = testServer({ limits: { waitingStanzasMax: 10, keptMessagesMax: 30, rosterItemsMax: 0 } });
  const mila = await server.signIn('mila');
  await mila.sends('<presence/>');
  let release = (): void => {};
  mila.hold = () =>
    new Promise((resolve) => {
      release = resolve;
    });
  const anna = await server.signIn('anna');
  const sending = Array.from({ length: 42 }, (_, id) =>
    anna.link.send(
      stanzaFromElement(
        xml(`<message to='mila@home.test' id='${id}' type='chat'><body>x</body></message>`)[0] ?? assert.fail(),
      ),
    ),
  );
  await server.settle();
  server.clock.advance(1_001);
  assert.equal(mila.ended?.reason, 'lost');
  release();
  await Promise.all(sending);
  assert.equal(await server.store.messages.count('mila@home.test'), 30);
  await server.settle();
  assert.equal(anna.received.filter(({ type }) => type === 'error').length, 11, 'what has no room is refused');
  await server.close();
});

test('an account nobody uses is let go from memory, and comes back with all it had', async () => {
  const server = testServer();
  const { users } = server.hosts.get('home.test') ?? assert.fail();
  const anna = await server.signIn('anna');
  await anna.sends(
    "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='mila@home.test' name='M'/></query></iq>",
  );
  await anna.link.close();
  assert.equal(users.inMemory.length, 1);
  server.clock.advance(200_000);
  assert.equal(users.inMemory.length, 0);
  const again = await server.signIn('anna');
  await again.sends("<iq type='get' id='2'><query xmlns='jabber:iq:roster'/></iq>");
  assert(again.received[0]?.toXml().includes("name='M'"));
  await server.close();
});

test('addresses nobody has leave nothing behind', async () => {
  const server = testServer();
  const { users } = server.hosts.get('home.test') ?? assert.fail();
  const anna = await server.signIn('anna');
  for (let index = 0; index < 50; index++)
    await anna.sends(`<message to='nobody${index}@home.test' type='chat'><body>x</body></message>`);
  assert.equal(anna.received.length, 50);
  for (let index = 0; index < 50; index++) assert.equal(users.isPresent(Jid.from(`nobody${index}@home.test`)), false);
  await server.close();
});

test('what a session sent before it ended does not bring it back', async () => {
  const server = testServer();
  const anna = await server.signIn('anna');
  const presence = stanzaFromElement(xml('<presence/>')[0] ?? assert.fail());
  const closing = anna.link.close();
  await anna.link.send(presence).catch((error: unknown) => assert(error instanceof LinkLostError));
  await closing;
  await server.settle();
  assert.equal(server.hosts.get('home.test')?.inUse('anna@home.test')?.available.length, 0);
  await server.close();
});
