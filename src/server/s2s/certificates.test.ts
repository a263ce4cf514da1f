// Servers with certificates: what is proven by them, what is remembered, and what that saves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateFor, contextOf } from '../../xmpp/s2s/testing.ts';
import type { Client } from '../testing/client.ts';
import { TestNetwork } from './testing.ts';

const homeTls = contextOf(await certificateFor('home.test'));
const awayTls = contextOf(await certificateFor('away.example'));
const texts = ({ received }: Client): string[] =>
  received.filter(({ kind, type }) => kind === 'message' && type !== 'error').map(({ id = '' }) => id);
const chat = (id: string): string => `<message type='chat' id='${id}' to='mila@away.example'><body>x</body></message>`;

const two = async (settings: NonNullable<Parameters<TestNetwork['start']>[1]>['settings'] = {}) => {
  const network = new TestNetwork();
  const seal = {
    seal: (plain: Uint8Array) => plain.map((octet) => octet ^ 0x55),
    open: (sealed: Uint8Array) => sealed.map((octet) => octet ^ 0x55),
  };
  const home = network.start(['home.test'], {
    secureContext: homeTls,
    settings: { tls: 'required', ...settings },
    options: { seal },
  });
  const away = network.start(['away.example'], { secureContext: awayTls, settings: { tls: 'required' } });
  const anna = await home.signIn('anna@home.test');
  const mila = await away.signIn('mila@away.example');
  await mila.sends('<presence/>');
  mila.received.length = 0;
  return { network, home, away, anna, mila };
};

test('certificates prove both sides: no dialling back; what was learnt is kept, its secrets sealed', async () => {
  const { network, home, anna, mila } = await two();
  await network.says(anna, chat('one'));
  await network.until('one', () => texts(mila).length === 1);
  assert.deepEqual(network.dialled, ['home.test > away.example']);
  const [link] = home.federation.report('away.example').links;
  assert.equal(link?.streams[0]?.proof, 'external');
  assert.deepEqual(link?.streams[0]?.certificate?.names, ['away.example']);
  assert.equal(link?.streams[0]?.certificate?.isTrusted, true);
  await network.until('hints', async () => (await home.store.federation.peer('away.example')) !== undefined);
  await network.settle();
  const kept = JSON.parse((await home.store.federation.peer('away.example')) ?? '{}');
  assert.equal(kept.hints.external, true);
  assert.equal('tlsSession' in kept.hints, false);
  if (kept.sealed !== undefined) assert.ok(!Buffer.from(kept.sealed, 'base64').toString('latin1').includes('BEGIN'));
  await network.close();
});

test('with what is remembered, messages leave with the request to authenticate, and arrive once', async () => {
  const { network, home, anna, mila } = await two({ idleMs: 60_000 });
  await network.says(anna, chat('one'));
  await network.until('one', () => texts(mila).length === 1);
  for (let round = 0; round < 3; round++) {
    await network.pass(200_000, 5_000);
    assert.equal(home.federation.streams.size, 0, 'closed for being idle');
    await network.says(anna, chat(`a${round}`) + chat(`b${round}`));
    await network.until('both', () => texts(mila).length === 3 + 2 * round);
  }
  assert.deepEqual(texts(mila), ['one', 'a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  await network.until('the store to be empty', async () => (await home.store.federation.underWay(0, 9)).length === 0);
  await network.close();
});

test('a server that is not who was agreed on gets nothing, and the sender hears of it', async () => {
  const { network, home, anna, mila } = await two({
    peers: new Map([['away.example', { pins: ['00'.repeat(32)], allowsDialback: false }]]),
  });
  await network.says(anna, chat('secret'));
  await network.until('the error', () => anna.received.some(({ type }) => type === 'error'));
  await network.settle();
  assert.deepEqual(texts(mila), []);
  assert.match(home.federation.report('away.example').links[0]?.lastFault?.text ?? '', /certificate|pin/i);
  assert.equal((await home.store.federation.underWay(0, 9)).length, 0);
  await network.close();
});
