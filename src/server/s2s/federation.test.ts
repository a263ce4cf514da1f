// Servers that federate in memory: what people on them see, whatever becomes of the links.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import { stanzaFromElement } from '../../xmpp/stanza-text.ts';
import { type Client, xml } from '../testing/client.ts';
import { emptyItem } from '../users/roster.ts';
import { type PeerOptions, TestNetwork, type TestPeer } from './testing.ts';

const chat = (to: string, text: string): string =>
  `<message type='chat' id='${text}' to='${to}'><body>${text}</body></message>`;
const texts = ({ received }: Client): string[] =>
  received.filter(({ kind, type }) => kind === 'message' && type !== 'error').map(({ id = '' }) => id);
const errors = ({ received }: Client): string[] =>
  received
    .filter(({ type }) => type === 'error')
    .map(
      (one) =>
        `${one.kind} ${one.id} ${one.child('error')?.children.map((c) => (typeof c === 'string' ? '' : c.name))}`,
    );
const stored = async (peer: TestPeer): Promise<number> => (await peer.store.federation.underWay(0, 1000)).length;

const two = async (options: PeerOptions = {}, annas: PeerOptions = options) => {
  const network = new TestNetwork();
  const home = network.start(['home.test'], annas);
  const away = network.start(['away.example'], options);
  const anna = await home.signIn('anna@home.test', 'phone');
  const mila = await away.signIn('mila@away.example', 'desk');
  await anna.sends('<presence/>');
  await mila.sends('<presence/>');
  anna.received.length = 0;
  mila.received.length = 0;
  return { network, home, away, anna, mila };
};

for (const [name, options] of [
  ['with acknowledgements and streams for both directions', {}],
  ['with acknowledgements', { isOneWay: true }],
  ['without either', { isOneWay: true, isUnmanaged: true }],
] as const) {
  test(`people on two servers chat in order, and nothing stays stored: ${name}`, async () => {
    const { network, home, away, anna, mila } = await two(options);
    const sent = Array.from({ length: 40 }, (_, n) => `m${n}`);
    for (const text of sent) void anna.link.send(stanza(chat('mila@away.example', text), anna));
    await network.until('all messages', () => texts(mila).length === sent.length);
    assert.deepEqual(texts(mila), sent);
    await network.says(mila, chat('anna@home.test', 'back'));
    await network.until('the answer', () => texts(anna).length === 1);
    await network.pass(5_000);
    assert.equal(await stored(home), 0);
    assert.equal(await stored(away), 0);
    assert.equal(home.federation.links.get('home.test away.example')?.outbox.size, 0);
    assert.deepEqual([...home.reach, ...away.reach], []);
    await network.close();
  });
}

test('RFC 6121 §3.1, §4: a subscription, presence and its end between servers', async () => {
  const { network, anna, mila } = await two();
  await network.says(anna, `<presence type='subscribe' to='mila@away.example'/>`);
  await network.until('the request', () => mila.received.some(({ type }) => type === 'subscribe'));
  await network.says(mila, `<presence type='subscribed' to='anna@home.test'/>`);
  await network.until('her presence', () =>
    anna.received.some(
      ({ kind, type, from }) => kind === 'presence' && !type && from?.toString() === 'mila@away.example/desk',
    ),
  );
  await mila.link.close();
  await network.until('her leaving', () => anna.received.some(({ type }) => type === 'unavailable'));
  await network.close();
});

test('unknown servers and unknown people: the right errors', async () => {
  const { network, anna } = await two();
  await network.says(
    anna,
    `${chat('x@nowhere.example', 'lost')}<iq type='get' id='q' to='nowhere.example'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  await network.until('the errors', () => errors(anna).length === 2);
  assert.deepEqual(errors(anna).sort(), ['iq q remote-server-not-found', 'message lost remote-server-not-found']);
  anna.received.length = 0;
  await network.says(anna, chat('nobody@away.example', 'stray'));
  await network.until('the error', () => errors(anna).length === 1);
  assert.deepEqual(errors(anna), ['message stray service-unavailable']);
  await network.close();
});

test('a server that is down: requests come back at once, messages wait on disk and arrive stamped', async () => {
  const { network, home, anna, mila } = await two();
  network.refusing.add('away.example');
  await network.says(
    anna,
    `${chat('mila@away.example', 'one')}<iq type='get' id='q' to='away.example'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  await network.says(anna, chat('mila@away.example', 'two'));
  await network.until('the error', () => errors(anna).length === 1);
  assert.deepEqual(errors(anna), ['iq q remote-server-timeout']);
  assert.equal(await stored(home), 2);
  assert.deepEqual(home.reach, ['away.example lost']);
  await network.pass(60_000);
  network.refusing.clear();
  await network.pass(120_000);
  assert.deepEqual(texts(mila), ['one', 'two']);
  assert.ok(mila.received[0]?.has('delay', 'urn:xmpp:delay'));
  assert.deepEqual(home.reach, ['away.example lost', 'away.example back']);
  assert.equal(await stored(home), 0);
  await network.close();
});

test('a message that has waited too long comes back', async () => {
  const { network, home, anna } = await two({ settings: { queueMs: 60_000 } });
  network.silent.add('away.example');
  await network.says(anna, chat('mila@away.example', 'late'));
  await network.pass(59_000);
  assert.deepEqual(errors(anna), []);
  await network.pass(3_000);
  assert.deepEqual(errors(anna), ['message late remote-server-timeout']);
  await network.settle();
  assert.equal(await stored(home), 0);
  await network.close();
});

test('what waits when the server stops goes out after the next start, once', async () => {
  const { network, home, anna, mila } = await two();
  network.refusing.add('away.example');
  await network.says(anna, chat('mila@away.example', 'patient'));
  await network.until('it to be stored', async () => (await stored(home)) === 1);
  const store = openSqliteStore({ file: ':memory:' });
  for (const { seq: _, ...message } of await home.store.federation.underWay(0, 9))
    await store.federation.addUnderWay(message);
  await network.pass(20_000);
  network.end('home.test');
  network.refusing.clear();
  const again = network.start(['home.test'], { store });
  await again.federation.start();
  await network.until('the message', () => texts(mila).length === 1);
  await network.pass(10_000);
  assert.deepEqual(texts(mila), ['patient']);
  assert.ok(mila.received[0]?.has('delay', 'urn:xmpp:delay'));
  assert.equal((await store.federation.underWay(0, 9)).length, 0);
  await network.close();
});

test('RFC 6121 §3.1.2: a request for subscription that waits outlives the server as a message does', async () => {
  const { network, home, anna, mila } = await two();
  network.refusing.add('away.example');
  await network.says(anna, `<presence type='subscribe' to='mila@away.example'/>`);
  await network.until('it to be stored', async () => (await stored(home)) === 1);
  const [kept] = await home.store.federation.underWay(0, 9);
  assert(kept);
  const store = openSqliteStore({ file: ':memory:' });
  await store.federation.addUnderWay(kept);
  network.end('home.test');
  network.refusing.clear();
  const again = network.start(['home.test'], { store });
  await again.federation.start();
  await network.until('the request', () => mila.received.some(({ type }) => type === 'subscribe'));
  await network.pass(10_000);
  assert.equal(mila.received.filter(({ type }) => type === 'subscribe').length, 1);
  assert.equal((await store.federation.underWay(0, 9)).length, 0);
  await network.close();
});

test('RFC 6121 §2.5: what removing a contact says to its server is kept like that', async () => {
  const { network, home } = await two();
  network.refusing.add('away.example');
  const nils = 'nils@away.example';
  await home.store.rosters.set('nora@home.test', nils, { ...emptyItem(nils), subscription: 'both', listed: true });
  const nora = await home.signIn('nora@home.test', 'phone');
  const removal = `<query xmlns='jabber:iq:roster'><item jid='${nils}' subscription='remove'/></query>`;
  await network.says(nora, `<iq type='set' id='r'>${removal}</iq>`);
  await network.until('both to be stored', async () => (await stored(home)) === 2);
  await network.close();
});

for (const [name, options] of [
  ['resumed', {}],
  ['sent again', { isUnmanaged: true, isOneWay: true }],
] as const)
  test(`connections that break off in the middle: nothing is lost, order is kept, ${name}`, async () => {
    const { network, home, anna, mila } = await two(options);
    const sent: string[] = [];
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 10; n++) {
        sent.push(`m${round}.${n}`);
        void anna.link.send(stanza(chat('mila@away.example', sent.at(-1) ?? ''), anna));
        if (n === 4 + (round % 3)) {
          await network.settle(1);
          network.cut('home.test');
        }
      }
      await network.pass(4_000, 200);
    }
    await network.pass(120_000);
    const seen = texts(mila);
    const once = seen.filter((text, at) => seen.indexOf(text) === at);
    assert.deepEqual(once, sent);
    if (name === 'resumed') assert.deepEqual(seen, sent, 'and none is shown twice');
    await network.until('the store to be empty', async () => (await stored(home)) === 0);
    await network.close();
  });

test('a server that dies is told as lost in bounded time, and as back', async () => {
  const { network, home, anna, mila } = await two();
  await network.says(anna, chat('mila@away.example', 'hello'));
  await network.until('it', () => texts(mila).length === 1);
  network.kill('away.example');
  await network.pass(90_000);
  assert.deepEqual(home.reach, ['away.example lost']);
  network.refusing.clear();
  await network.pass(600_000);
  assert.deepEqual(home.reach, ['away.example lost', 'away.example back']);
  await network.close();
});

test('an idle link is closed, and that is no loss', async () => {
  const { network, home, away, anna, mila } = await two({ settings: { idleMs: 600_000 } });
  await network.says(anna, chat('mila@away.example', 'one'));
  await network.until('it', () => texts(mila).length === 1);
  const dialled = network.dialled.length;
  await network.says(mila, chat('anna@home.test', 'at once'));
  await network.until('it', () => texts(anna).length === 1);
  assert.equal(network.dialled.length, dialled, 'XEP-0288: one connection for both directions');
  await network.pass(1_300_000);
  assert.equal([...home.federation.streams, ...away.federation.streams].length, 0);
  assert.equal(home.federation.links.size, 0);
  await network.says(mila, chat('anna@home.test', 'two'));
  await network.until('it', () => texts(anna).length === 2);
  assert.deepEqual([...home.reach, ...away.reach], []);
  await network.close();
});

test('both sides connect at the same time, and both get through', async () => {
  const { network, home, anna, mila } = await two();
  await Promise.all([
    network.says(anna, chat('mila@away.example', 'from anna')),
    network.says(mila, chat('anna@home.test', 'from mila')),
  ]);
  await network.until('both', () => texts(mila).length === 1 && texts(anna).length === 1);
  await Promise.all([
    network.says(anna, chat('mila@away.example', 'again')),
    network.says(mila, chat('anna@home.test', 'again')),
  ]);
  await network.until('both', () => texts(mila).length === 2 && texts(anna).length === 2);
  assert.deepEqual(home.reach, []);
  await network.close();
});

test('XEP-0220 §2.6.1: a second domain of ours uses the stream that is there', async () => {
  const network = new TestNetwork();
  const home = network.start(['home.test', 'also.test']);
  network.start(['away.example']);
  const anna = await home.signIn('anna@home.test');
  const also = await home.signIn('otto@also.test');
  const mila = await network.peers.get('away.example')?.signIn('mila@away.example');
  assert.ok(mila);
  await network.says(mila, '<presence/>');
  await network.says(anna, chat('mila@away.example', 'one'));
  await network.until('one', () => texts(mila).length === 1);
  const before = network.dialled.filter((one) => one === 'home.test > away.example').length;
  await network.says(also, chat('mila@away.example', 'two'));
  await network.until('two', () => texts(mila).length === 2);
  const after = network.dialled.filter((one) => one === 'home.test > away.example').length;
  assert.equal(after, before);
  await network.close();
});

test('one slow server holds up nobody else', async () => {
  const { network, anna, mila } = await two();
  network.start(['slow.example']);
  network.silent.add('slow.example');
  for (let n = 0; n < 20; n++) await network.says(anna, chat('x@slow.example', `s${n}`));
  await network.says(anna, chat('mila@away.example', 'quick'));
  await network.until('it', () => texts(mila).length === 1);
  await network.close();
});

test('XEP-0361: a link to be kept open is made at the start and made again', async () => {
  const network = new TestNetwork();
  network.start(['ship.example']);
  const home = network.start(['home.test'], { settings: { peers: new Map([['ship.example', { isKeptOpen: true }]]) } });
  await home.federation.start();
  const isUp = (): boolean => home.federation.links.get('home.test ship.example')?.state.phase.name === 'up';
  await network.until('the link', isUp);
  await network.pass(2_000_000);
  assert.ok(isUp(), 'it is never idle');
  network.kill('ship.example');
  await network.pass(600_000);
  assert.ok(!isUp());
  network.refusing.clear();
  await network.pass(200_000);
  assert.ok(isUp());
  await network.close();
});

test('whom we do not speak with any more gets nothing of an earlier run, and no link is kept open to it', async () => {
  const { network, home, anna } = await two();
  network.refusing.add('away.example');
  await network.says(anna, chat('mila@away.example', 'patient'));
  await network.until('it to be stored', async () => (await stored(home)) === 1);
  const [kept] = await home.store.federation.underWay(0, 9);
  assert(kept);
  const store = openSqliteStore({ file: ':memory:' });
  await store.federation.addUnderWay(kept);
  network.end('home.test');
  network.refusing.clear();
  const again = network.start(['home.test'], {
    store,
    settings: { deny: ['away.example'], peers: new Map([['away.example', { isKeptOpen: true }]]) },
  });
  await again.addAccount('anna');
  await again.federation.start();
  await network.pass(10_000);
  assert.equal(again.federation.links.size, 0);
  assert.deepEqual(await store.federation.underWay(0, 9), []);
  await network.close();
});

test('whom we do not speak with gets nothing, in either direction', async () => {
  const { network, anna, mila } = await two({}, { settings: { deny: ['*.example'] } });
  await network.says(anna, chat('mila@away.example', 'no'));
  await network.until('the error', () => errors(anna).length === 1);
  assert.deepEqual(errors(anna), ['message no not-allowed']);
  assert.deepEqual(network.dialled, []);
  await network.says(mila, `<iq type='get' id='q' to='home.test'><ping xmlns='urn:xmpp:ping'/></iq>`);
  await network.until('the error', () => errors(mila).length === 1);
  assert.deepEqual(texts(anna), []);
  await network.close();
});

const stanza = (text: string, client: Client) => {
  const [element] = xml(text);
  assert(element);
  return stanzaFromElement(element).with({ from: client.link.jid });
};

test('a stored message for a domain that has moved here is delivered here', async () => {
  const network = new TestNetwork();
  const store = openSqliteStore({ file: ':memory:' });
  await store.federation.addUnderWay({
    local: 'home.test',
    remote: 'moved.example',
    stanza: `<message from='anna@home.test/x' to='otto@moved.example' type='chat' id='m'><body>hi</body></message>`,
    receivedAt: network.clock.wall() - 5_000,
  });
  const home = network.start(['home.test', 'moved.example'], { store });
  const otto = await home.signIn('otto@moved.example');
  await otto.sends('<presence/>');
  await home.federation.start();
  await network.until('it', () => texts(otto).length === 1);
  await network.settle();
  assert.deepEqual(network.dialled, []);
  assert.equal((await store.federation.underWay(0, 9)).length, 0);
  await network.close();
});
