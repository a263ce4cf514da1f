// Sessions over real sockets: acknowledgement, loss, resumption, conflicts, registration, limits, shutdown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { RawClient } from '../testing/raw-client.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import type { C2sListenOptions } from './listener.ts';

const listening = async (
  work: (server: TestServer, port: number) => Promise<void>,
  options: Parameters<typeof testServer>[0] = {},
  listen: Partial<C2sListenOptions> = {},
): Promise<void> => {
  const server = testServer({ registration: 'open', ...options });
  const listener = await server.listenC2s({
    host: '127.0.0.1',
    port: 0,
    requireTls: false,
    fakeSaltSecret: new Uint8Array(16),
    limits: { closeMs: 100, ...listen.limits },
    ...listen,
  });
  try {
    await work(server, listener.port);
  } finally {
    await server.close();
  }
};

const sleepUntil = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const deadline = performance.now() + 5_000;
  while (!(await holds())) {
    assert(performance.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const stored = (server: TestServer) => server.store.messages.count('anna@home.test');

test('XEP-0198: a message stays stored until the client has acknowledged it', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const anna = await RawClient.signIn(port, 'anna', 'phone');
    anna.send("<enable xmlns='urn:xmpp:sm:3'/><presence/>");
    await anna.until(/<presence [^>]*to='anna@home.test\/phone'[^>]*\/>/);
    const mila = await server.signIn('mila', 'desk');
    await mila.sends("<message to='anna@home.test' type='chat' id='1'><body>one</body></message>");
    await anna.until(/<body>one<\/body>/);
    assert.equal(await stored(server), 1);
    anna.send("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    await sleepUntil(async () => (await stored(server)) === 0, 'the acknowledged message leaves the store');
    anna.drop();
  }));

test('XEP-0198: what a lost session had not acknowledged goes to the next one, once, stamped', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const anna = await RawClient.signIn(port, 'anna', 'phone');
    anna.send("<enable xmlns='urn:xmpp:sm:3'/><presence/>");
    await anna.until(/<presence [^>]*\/phone'[^>]*\/>/);
    const mila = await server.signIn('mila', 'desk');
    await mila.sends("<message to='anna@home.test/phone' type='chat' id='1'><body>one</body></message>");
    await anna.until(/<body>one<\/body>/);
    anna.drop();
    await sleepUntil(() => server.hosts.get('home.test')?.users.sessionCount === 1, 'the session ends');
    const tablet = await server.signIn('anna', 'tablet');
    await tablet.sends('<presence/>');
    await tablet.receives(`
      <presence from='anna@home.test/tablet' to='anna@home.test/tablet'/>
      <message from='mila@home.test/desk' to='anna@home.test/phone' type='chat' id='1'><body>one</body>
        <delay xmlns='urn:xmpp:delay' from='home.test' stamp='*'/></message>`);
    await tablet.receivesNothing();
    assert.equal(await stored(server), 0);
  }));

test('XEP-0198: a resumed session gets what it missed, and nobody saw it leave', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const anna = await RawClient.signIn(port, 'anna', 'phone');
    anna.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
    const [, id] = (await anna.until(/<enabled[^>]*>/)).match(/id='([^']*)'/) ?? [];
    anna.send('<presence/>');
    await anna.until(/<presence [^>]*\/phone'[^>]*\/>/);
    const mila = await server.signIn('mila', 'desk');
    anna.drop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    await mila.sends("<message to='anna@home.test/phone' type='chat' id='1'><body>while away</body></message>");
    assert.equal(await stored(server), 1);
    const again = await RawClient.signIn(port, 'anna', undefined);
    again.send(`<resume xmlns='urn:xmpp:sm:3' previd='${id}' h='0'/>`);
    await again.until(/<resumed/);
    await again.until(/<body>while away<\/body>/);
    again.send("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    await sleepUntil(async () => (await stored(server)) === 0, 'acknowledged after resumption');
    await mila.receivesNothing();
    again.drop();
  }));

test('XEP-0198: a session that is not resumed in time ends, and its messages go to another resource', () =>
  listening(
    async (server, port) => {
      await server.addAccount('anna');
      const anna = await RawClient.signIn(port, 'anna', 'phone');
      anna.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/><presence/>");
      await anna.until(/<presence [^>]*\/phone'[^>]*\/>/);
      const mila = await server.signIn('mila', 'desk');
      anna.drop();
      await new Promise((resolve) => setTimeout(resolve, 30));
      await mila.sends("<message to='anna@home.test/phone' type='chat' id='1'><body>whither</body></message>");
      const desk = await server.signIn('anna', 'desk');
      await desk.sends('<presence/>');
      // The message is underway to the sleeping session: it is not given to another one yet.
      await desk.receives(`
        <presence from='anna@home.test/desk' to='anna@home.test/desk'/>
        <presence from='anna@home.test/phone' to='anna@home.test/desk'/>`);
      await desk.receivesNothing();
      server.clock.advance(600_001);
      await desk.receives(`
        <presence type='unavailable' from='anna@home.test/phone' to='anna@home.test/desk'/>
        <message from='mila@home.test/desk' to='anna@home.test/phone' type='chat' id='1'><body>whither</body>
          <delay xmlns='urn:xmpp:delay' from='home.test' stamp='*'/></message>`);
      assert.equal(await stored(server), 0);
    },
    {},
    { limits: { closeMs: 100, resumeMs: 600_000 } },
  ));

test('without XEP-0198 a message leaves the store when it went out of our hands', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const anna = await RawClient.signIn(port, 'anna', 'phone');
    anna.send('<presence/>');
    await anna.until(/<presence [^>]*\/phone'[^>]*\/>/);
    const mila = await server.signIn('mila', 'desk');
    await mila.sends("<message to='anna@home.test' type='chat' id='1'><body>one</body></message>");
    await anna.until(/<body>one<\/body>/);
    await sleepUntil(async () => (await stored(server)) === 0, 'written out');
    anna.drop();
  }));

test('XEP-0198: <a/> comes only after the message is stored', () =>
  listening(async (server, port) => {
    await server.addAccount('anna', 'mila');
    const anna = await RawClient.signIn(port, 'anna', 'phone');
    anna.send("<enable xmlns='urn:xmpp:sm:3'/>");
    await anna.until(/<enabled/);
    anna.send("<message to='mila@home.test' type='chat'><body>1</body></message><r xmlns='urn:xmpp:sm:3'/>");
    await anna.until(/<a [^>]*h='1'/);
    assert.equal(await server.store.messages.count('mila@home.test'), 1);
    anna.drop();
  }));

test('RFC 6120 §7.7.2.2: the old stream of a resource ends with <conflict/>', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const old = await RawClient.signIn(port, 'anna', 'phone');
    const fresh = await RawClient.signIn(port, 'anna', 'phone');
    await old.until(/<(?:stream:)?error[^>]*><conflict [^>]*\/>.*<\/stream:stream>/);
    fresh.send("<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
    await fresh.until(/<iq [^>]*id='p'/);
    fresh.drop();
  }));

test('RFC 6120 §8.1.2.1: whoever speaks in another name is cut off', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const anna = await RawClient.signIn(port, 'anna', 'phone');
    anna.send("<message from='mila@home.test' to='anna@home.test'><body>x</body></message>");
    await anna.until(/<invalid-from/);
  }));

test('sessions per account are limited', () =>
  listening(
    async (server, port) => {
      await server.addAccount('anna');
      const one = await RawClient.signIn(port, 'anna', 'one');
      const two = await RawClient.signIn(port, 'anna', undefined);
      two.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
      await two.until(/<resource-constraint/);
      one.drop();
      two.drop();
    },
    { limits: { sessionsPerAccountMax: 1 } },
  ));

test('connections per address are limited', () =>
  listening(
    async (_server, port) => {
      const one = await RawClient.connect(port);
      one.open();
      await one.until(/<stream:features>/);
      const two = await RawClient.connect(port);
      await two.closed();
      one.drop();
    },
    {},
    { connectionsPerAddressMax: 1 },
  ));

test('XEP-0077: registration before sign-in, its form, its conflict, its limit', () =>
  listening(
    async (_server, port) => {
      const stranger = await RawClient.connect(port);
      stranger.open();
      await stranger.until(/<register xmlns='http:\/\/jabber.org\/features\/iq-register'\/>.*<\/stream:features>/);
      stranger.send("<iq type='get' id='1' to='home.test'><query xmlns='jabber:iq:register'/></iq>");
      await stranger.until(/<iq [^>]*id='1'[^>]*>.*<username\/><password\/><\/query><\/iq>/);
      const register = (id: number, name: string): void =>
        stranger.send(
          `<iq type='set' id='${id}' to='home.test'><query xmlns='jabber:iq:register'><username>${name}</username><password>secret</password></query></iq>`,
        );
      register(2, 'nora');
      await stranger.until(/<iq [^>]*id='2'[^>]*\/>/);
      register(3, 'nora');
      await stranger.until(/<iq [^>]*id='3'[^>]*>.*<conflict/);
      register(4, 'olga');
      await stranger.until(/<iq [^>]*id='4'[^>]*>.*<resource-constraint/);
      register(5, 'bad name');
      await stranger.until(/<iq [^>]*id='5'[^>]*>.*<not-acceptable/);
      stranger.drop();
      (await RawClient.signIn(port, 'nora', 'phone')).drop();
    },
    { limits: { registrationsPerHour: 2 } },
  ));

test('XEP-0077: where registration is closed it is neither offered nor done', () =>
  listening(
    async (server, port) => {
      const stranger = await RawClient.connect(port);
      stranger.open();
      const offered = await stranger.until(/<\/stream:features>/);
      assert(!offered.includes('iq-register'));
      stranger.send(
        "<iq type='set' id='1' to='home.test'><query xmlns='jabber:iq:register'><username>nora</username><password>secret</password></query></iq>",
      );
      await stranger.until(/<not-allowed/);
      assert.equal(await server.store.accounts.count(), 0);
      stranger.drop();
    },
    { registration: 'closed' },
  ));

test('a disabled account is told so after its password, and its sessions end', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const anna = await RawClient.signIn(port, 'anna', 'phone');
    const { accounts } = server.hosts.get('home.test') ?? assert.fail();
    const address = accounts.address('anna');
    assert(address.ok);
    await accounts.setDisabled(address.value, true);
    await anna.until(/<(?:stream:)?error[^>]*><not-authorized/);
    await assert.rejects(RawClient.signIn(port, 'anna', 'phone'), /account-disabled/);
  }));

test('shutdown: every stream ends with <system-shutdown/>, sleeping sessions lose nothing', async () => {
  const server = testServer({ registration: 'open' });
  const listener = await server.listenC2s({
    host: '127.0.0.1',
    port: 0,
    requireTls: false,
    fakeSaltSecret: new Uint8Array(16),
    limits: { closeMs: 100 },
  });
  await server.addAccount('anna', 'mila');
  const anna = await RawClient.signIn(listener.port, 'anna', 'phone');
  anna.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/><presence/>");
  await anna.until(/<presence [^>]*\/phone'[^>]*\/>/);
  anna.drop();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const mila = await RawClient.signIn(listener.port, 'mila', 'desk');
  mila.send(
    "<message to='anna@home.test/phone' type='chat'><body>1</body></message><iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>",
  );
  await mila.until(/<iq [^>]*id='p'/);
  const down = server.shutdown();
  await mila.until(/<(?:stream:)?error[^>]*><system-shutdown [^>]*\/><\/(?:stream:)?error><\/stream:stream>/);
  // A client answers the end of the stream with its own; the socket is closed on it in any case.
  server.clock.advance(1_000);
  mila.send('</stream:stream>');
  mila.drop();
  server.clock.advance(1_000);
  await down;
  assert.equal(await stored(server), 1);
  await server.store.close();
});

/** Moves time in steps of a second until the promise settles. */
const advanceUntil = async (server: TestServer, settles: Promise<unknown>): Promise<void> => {
  let isSettled = false;
  const settled = (): void => {
    isSettled = true;
  };
  settles.then(settled, settled);
  for (let i = 0; i < 30 && !isSettled; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    server.clock.advance(1_000);
  }
};

test('guessing passwords gets slow, on many connections too; whoever knows the password gets in all the same', () =>
  listening(async (server, port) => {
    await server.addAccount('anna');
    const tries = (password: string): Promise<RawClient> => RawClient.signIn(port, 'anna', 'phone', password);
    for (let i = 0; i < 3; i++) await assert.rejects(tries(`wrong-${i}`), /not-authorized/);
    let isIn = false;
    const signedIn = tries('secret').then((client) => {
      isIn = true;
      return client;
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert(!isIn, 'the next attempt waits');
    await advanceUntil(server, signedIn);
    (await signedIn).drop();
  }));

test('whatever was sent to somebody away, signing in takes it: many messages, and large ones', () =>
  listening(
    async (server, port) => {
      await server.addAccount('anna');
      const mila = await server.signIn('mila', 'desk');
      const large = 'x'.repeat(250_000);
      const send = (id: string, text: string): Promise<void> =>
        mila.link.send(
          Stanza.make({ kind: 'message', type: 'chat', id, to: Jid.from('anna@home.test') }, el('body', null, text)),
        );
      for (let i = 0; i < 12; i++) await send(`large-${i}`, large);
      await Promise.all(Array.from({ length: 2_100 }, (_, i) => send(`small-${i}`, 'x')));
      for (let i = 12; i < 20; i++) await send(`large-${i}`, large);
      await server.settle();
      // What the account has no room for was refused; the rest is there in full.
      const refused = mila.received.filter(({ type }) => type === 'error').map(({ id }) => id);
      assert(refused.length > 0 && refused.includes('large-19') && !refused.includes('large-0'), String(refused));
      const kept = await stored(server);
      assert.equal(kept + refused.length, 2_120);
      const anna = await RawClient.signIn(port, 'anna', 'phone');
      anna.send('<presence/>');
      await sleepUntil(() => anna.isClosed || anna.rest.includes("id='small-2099'"), 'she has the last one');
      assert(!anna.isClosed);
      await sleepUntil(async () => (await stored(server)) === 0, 'everything has left the store');
      anna.drop();
    },
    { limits: { keptMessagesMax: 3_000 } },
  ));
