// The view beyond what conversations show: accounts that are not in memory, block lists, the first write on the wire.

import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { mock, test } from 'node:test';
import type { Meter } from '../../../base/meter.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { stanzaFromText } from '../../../xmpp/stanza-text.ts';
import { remoteReach } from '../../points.ts';
import { RawClient } from '../../testing/raw-client.ts';
import { type TestServer, testServer } from '../../testing/server.ts';
import { emptyItem } from '../../users/roster.ts';
import { viewOf } from './view.ts';

const mila = 'mila@home.test';
const tom = 'tom@far.test';

const hostOf = (server: TestServer) => server.hosts.get('home.test') ?? assert.fail();
const knownOf = (server: TestServer, account = mila) =>
  viewOf(hostOf(server))
    .describe(account)
    .map(({ contact, resources }) => [contact, resources.map(({ resource }) => resource)]);
const comes = async (server: TestServer, ...texts: string[]): Promise<void> => {
  for (const text of texts) await server.route(stanzaFromText(text));
  await server.settle();
};
const sees = (server: TestServer, account: string, contact: string) =>
  server.store.rosters.set(account, contact, { ...emptyItem(contact), subscription: 'to', listed: true });

/** A server over the store of another that is gone, with a way to other servers that keeps what goes there. */
const over = (store?: TestServer['store']): TestServer & { readonly sent: Stanza[] } => {
  const server = testServer(store ? { store } : {});
  const sent: Stanza[] = [];
  server.federate({ carry: async (stanza) => void sent.push(stanza) });
  return { ...server, sent };
};

test('news for an account that is not in memory is known when it comes, and does not load it', async () => {
  const before = testServer();
  await before.addAccount('mila');
  await sees(before, mila, tom);
  await before.shutdown();
  const server = over(before.store);
  await server.settle();
  const caps = "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='QgayPKawpkPSDYmwT/WM94uAlu0='/>";
  const away = `<presence xmlns='jabber:client' from='${tom}/desk' to='${mila}'><show>away</show>${caps}</presence>`;
  await comes(server, away, `<presence xmlns='jabber:client' from='eva@far.test/x' to='${mila}'/>`);
  assert.deepEqual(knownOf(server), [[tom, ['desk']]]);
  assert.equal(hostOf(server).inUse(mila), undefined);
  await comes(server, `<presence xmlns='jabber:client' type='unavailable' from='${tom}/desk' to='${mila}'/>`);
  assert.deepEqual(knownOf(server), [[tom, []]]);
  assert.equal(hostOf(server).inUse(mila), undefined);
  await server.close();
});

test('block lists: a blocked contact is not in the view, at start-up and when the list changes', async () => {
  const before = testServer();
  await before.addAccount('mila', 'nora');
  for (const contact of [tom, 'eva@bad.test', 'bad.test', 'uma@far.test']) await sees(before, mila, contact);
  await sees(before, 'nora@home.test', tom);
  await before.store.blocks.add(mila, ['bad.test', tom]);
  await before.shutdown();
  const server = over(before.store);
  await server.settle();
  const contacts = () => knownOf(server).map(([contact]) => contact);
  assert.deepEqual(contacts(), ['uma@far.test']);
  assert.deepEqual(knownOf(server, 'nora@home.test'), [[tom, []]]);
  const desk = await server.signIn('mila', 'desk');
  await desk.sends("<iq type='set' id='1'><unblock xmlns='urn:xmpp:blocking'><item jid='bad.test'/></unblock></iq>");
  assert.deepEqual(contacts().sort(), ['bad.test', 'eva@bad.test', 'uma@far.test']);
  await desk.sends("<iq type='set' id='2'><block xmlns='urn:xmpp:blocking'><item jid='far.test'/></block></iq>");
  assert.deepEqual(contacts().sort(), ['bad.test', 'eva@bad.test']);
  await server.close();
});

test('what was seen survives a restart with its age, and what is over does not', async () => {
  const before = over();
  await before.addAccount('mila');
  await sees(before, mila, tom);
  await sees(before, mila, 'eva@far.test');
  const desk = await before.signIn('mila', 'desk');
  await desk.sends('<presence/>');
  const from = (who: string, type = ''): string =>
    `<presence xmlns='jabber:client' from='${who}' to='${mila}'${type}/>`;
  await comes(before, from(`${tom}/desk`), from(`${tom}/cell`), from('eva@far.test/x'));
  before.clock.advance(1_500);
  await comes(before, from(`${tom}/cell`, " type='unavailable'"));
  await desk.sends(
    "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='eva@far.test' subscription='remove'/></query></iq>",
  );
  before.clock.advance(60_000);
  await before.shutdown();

  const after = testServer({ store: before.store, clock: before.clock });
  await after.settle();
  const [known, ...others] = viewOf(hostOf(after)).describe(mila);
  assert.deepEqual(others, []);
  assert.deepEqual(known?.resources, [
    { resource: 'desk', payload: '', ageMs: known?.resources[0]?.ageMs, isConfirmed: false },
  ]);
  const ageMs = known?.resources[0]?.ageMs ?? 0;
  assert(ageMs >= 61_000 && ageMs <= 62_000, `${ageMs}`);
  await after.close();
});

test("probes and what became of them, what was known already, and what is said in a contact's name are counted", async () => {
  const counted = new Map<string, number>();
  const gauges = new Map<string, () => number>();
  const meter: Meter = {
    counter: (name) => ({
      add: (labels, amount = 1) => {
        const key = `${name.replace('onesoup_xmpp_presence_', '')} ${labels?.outcome ?? ''}`.trim();
        counted.set(key, (counted.get(key) ?? 0) + amount);
      },
    }),
    gauge: (name, _help, read) => void gauges.set(name.replace('onesoup_xmpp_presence_', ''), read),
    histogram: () => ({ observe() {} }),
  };
  const server = testServer({ meter });
  server.federate({ carry: async () => {} });
  await server.addAccount('mila');
  await sees(server, mila, tom);
  const desk = await server.signIn('mila', 'desk');
  await desk.sends('<presence/>');
  const here = (resource: string): string => `<presence xmlns='jabber:client' from='${tom}/${resource}' to='${mila}'/>`;
  await comes(server, here('a'), here('b'), here('a'));
  hostOf(server).hooks.tell(remoteReach, { domain: 'far.test', isReachable: false });
  const read = (name: string): number | undefined => gauges.get(name)?.();
  assert.deepEqual([read('pairs'), read('entries'), read('entries_unconfirmed')], [1, 2, 2]);
  hostOf(server).hooks.tell(remoteReach, { domain: 'far.test', isReachable: true });
  server.clock.advance(200);
  await comes(server, here('a'));
  assert.equal(read('entries_unconfirmed'), 1);
  await comes(server, `<presence xmlns='jabber:client' type='unavailable' from='${tom}' to='${mila}'/>`);
  assert.equal(read('entries'), 0);
  assert.deepEqual(Object.fromEntries([...counted].filter(([name]) => /^(probes|suppressed|synthesised)/.test(name))), {
    'probes_total sent': 1,
    'probes_total available': 1,
    suppressed_total: 2,
    synthesised_total: 2,
  });
  await server.close();
});

test('of a presence larger than our own users may send, only how somebody is there is kept', async () => {
  const server = over();
  await server.addAccount('mila');
  viewOf(hostOf(server)).expect(mila, tom);
  const payload = `<show>dnd</show><status>${'x'.repeat(9_000)}</status><x xmlns='y'/>`;
  await comes(server, `<presence xmlns='jabber:client' from='${tom}/desk' to='${mila}'>${payload}</presence>`);
  const [known] = viewOf(hostOf(server)).describe(mila);
  assert.deepEqual(
    known?.resources.map((one) => one.payload),
    ['<show>dnd</show>'],
  );
  await server.close();
});

test('an account that is removed leaves nothing in the view or the Store', async () => {
  const server = over();
  await server.addAccount('mila');
  await sees(server, mila, tom);
  viewOf(hostOf(server)).expect(mila, tom);
  await comes(server, `<presence xmlns='jabber:client' from='${tom}/desk' to='${mila}'/>`);
  const account = hostOf(server).accounts.address('mila');
  assert(account.ok);
  await hostOf(server).accounts.remove(account.value);
  server.clock.advance(2_000);
  await server.settle();
  assert.deepEqual(knownOf(server), []);
  await server.store.presence.read((entries) => assert.deepEqual(entries, []));
  await server.close();
});

test('the first write after initial presence holds all contacts, local and remote, and nothing comes before it', async () => {
  const server = over();
  const listener = await server.listenC2s({
    host: '127.0.0.1',
    port: 0,
    requireTls: false,
    fakeSaltSecret: new Uint8Array(16),
    limits: { closeMs: 100 },
  });
  await server.addAccount('mila', 'nora');
  const contacts = Array.from({ length: 1_000 }, (_, n) => `c${n}@d${n % 20}.test`);
  for (const contact of [...contacts, 'nora@home.test']) await sees(server, mila, contact);
  await server.store.rosters.set('nora@home.test', mila, { ...emptyItem(mila), subscription: 'from', listed: true });
  for (const contact of contacts) {
    viewOf(hostOf(server)).expect(mila, contact);
    const payload = `<show>away</show><status>${contact}</status>`;
    await server.route(
      stanzaFromText(`<presence xmlns='jabber:client' from='${contact}/r' to='${mila}'>${payload}</presence>`),
    );
  }
  const nora = await server.signIn('nora', 'desk');
  await nora.sends('<presence/>');

  const client = await RawClient.signIn(listener.port, 'mila', 'phone');
  const writes: string[] = [];
  const original = Socket.prototype.write as (this: Socket, ...args: unknown[]) => boolean;
  const write = mock.method(Socket.prototype, 'write', function (this: Socket, ...args: unknown[]) {
    if (this.localPort === listener.port) writes.push(String(args[0]));
    return original.apply(this, args);
  });
  try {
    client.send('<presence/>');
    // Contacts come in the order in which they were added.
    await client.until(/from='nora@home.test\/desk'/);
    const shown = [...(writes[0] ?? '').matchAll(/<presence from='([^']*)'/g)].map(([, from]) => from);
    const expected = [`${mila}/phone`, ...contacts.map((one) => `${one}/r`), 'nora@home.test/desk'];
    assert.deepEqual(shown, expected);
    assert.equal(writes.length, 1);
  } finally {
    write.mock.restore();
    client.drop();
    await server.close();
  }
});

test('a sleep in which the monotonic clock stood still is noticed: everybody is asked about', async () => {
  const before = testServer();
  await before.addAccount('mila');
  await sees(before, mila, tom);
  await before.shutdown();
  const server = over(before.store);
  const here = `<presence xmlns='jabber:client' from='${tom}/desk' to='${mila}'/>`;
  await comes(server, here);
  const probes = (): number => server.sent.splice(0).filter(({ type }) => type === 'probe').length;
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 10_000) {
      server.clock.advance(10_000);
      await server.settle();
    }
  };
  await pass(5 * 60_000);
  probes();
  await comes(server, here);
  await pass(5 * 60_000);
  assert.equal(probes(), 0, 'nothing has aged');
  server.clock.jumpWall(2 * 3_600_000);
  await pass(5 * 60_000);
  assert.equal(probes(), 1);
  await server.close();
});
