// Three servers and whatever can happen to the connections between them, from a seed: every message arrives or comes back,
// in order, once; and when all is well again nothing is left over.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom, systemRandom } from '../../base/random.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import type { Client } from '../testing/client.ts';
import { type PeerOptions, TestNetwork } from './testing.ts';

const domains = ['one.example', 'two.example', 'three.example'];
const rounds = 60;
const queueMs = 600_000;

interface Person {
  readonly address: string;
  readonly client: Client;
}

const misfortune = (network: TestNetwork, random: Random): void => {
  const domain = domains[Math.floor(random.fraction() * domains.length)] ?? '';
  const lot = random.fraction();
  if (lot < 0.35) network.cut(domain);
  else if (lot < 0.5) network.refusing.add(domain);
  else if (lot < 0.6) network.silent.add(domain);
  else {
    network.refusing.delete(domain);
    network.silent.delete(domain);
  }
};

const run = async (seed: number, options: PeerOptions, isManaged: boolean): Promise<string> => {
  const random = seededRandom(seed);
  const network = new TestNetwork();
  const people: Person[] = [];
  for (const domain of domains) {
    const peer = network.start([domain], { ...options, settings: { queueMs, ...options.settings } });
    const client = await peer.signIn(`p@${domain}`, 'x');
    await client.link.send(Stanza.make({ kind: 'presence' }));
    people.push({ address: `p@${domain}`, client });
  }
  await network.settle();
  for (const { client } of people) client.received.length = 0;

  const sent = new Map<string, string[]>();
  let number = 0;
  for (let round = 0; round < rounds; round++) {
    for (let n = Math.floor(random.fraction() * 6); n > 0; n--) {
      const from = people[Math.floor(random.fraction() * 3)] as Person;
      const to = people[Math.floor(random.fraction() * 3)] as Person;
      if (from === to) continue;
      const id = `m${number++}`;
      const key = `${from.address} ${to.address}`;
      sent.set(key, [...(sent.get(key) ?? []), id]);
      const message = {
        kind: 'message',
        type: 'chat',
        id,
        from: from.client.link.jid,
        to: Jid.from(to.address),
      } as const;
      from.client.link.send(Stanza.make(message, el('body', {}, id))).catch(assert.ifError);
    }
    if (random.fraction() < 0.3) misfortune(network, random);
    await network.settle(random.fraction() < 0.3 ? 1 : 3);
    network.clock.advance(random.fraction() < 0.1 ? 20_000 : random.fraction() * 1_500);
  }
  network.refusing.clear();
  network.silent.clear();
  await network.pass(queueMs + 400_000, 5_000);

  let arrived = 0;
  let repeated = 0;
  for (const [key, ids] of sent) {
    const [from = '', to = ''] = key.split(' ');
    const of = (address: string) => people.find((one) => one.address === address)?.client.received ?? [];
    const seen = of(to)
      .filter((one) => one.kind === 'message' && one.type !== 'error' && one.from?.bare.toString() === from)
      .map(({ id = '' }) => id);
    const back = new Set(
      of(from)
        .filter(({ type }) => type === 'error')
        .map(({ id = '' }) => id),
    );
    const lost = ids.filter((id) => !seen.includes(id) && !back.has(id));
    assert.deepEqual(lost, [], `lost between ${key}`);
    const once = seen.filter((id, at) => seen.indexOf(id) === at);
    assert.deepEqual(
      once,
      ids.filter((id) => once.includes(id)),
      `order between ${key}`,
    );
    if (isManaged && options.isOneWay) assert.deepEqual(seen, once, `twice between ${key}`);
    arrived += once.length;
    repeated += seen.length - once.length;
  }
  for (const domain of domains) {
    const peer = network.peers.get(domain);
    assert.equal((await peer?.store.federation.underWay(0, 10))?.length, 0, `left in the store of ${domain}`);
    for (const link of peer?.federation.links.values() ?? [])
      await network.until(`what ${domain} has to send`, () => link.outbox.size === 0);
    for (const other of domains)
      assert.ok(
        !peer?.reach.findLast((one) => one.startsWith(other))?.endsWith('lost'),
        `${domain} knows that ${other} is back`,
      );
  }
  await network.close();
  return `${arrived} of ${number} arrived, ${repeated} of them twice`;
};

for (const [name, options, isManaged] of [
  ['with XEP-0198 and XEP-0288', {}, true],
  ['with XEP-0198', { isOneWay: true }, true],
  ['with neither', { isOneWay: true, isUnmanaged: true }, false],
] as const)
  test(`nothing is lost between three servers, whatever becomes of their connections: ${name}`, {
    timeout: 120_000,
  }, async (context) => {
    const first = Number(process.env['SEED'] ?? Math.floor(systemRandom.fraction() * 2 ** 31));
    const runs = process.env['SEED'] === undefined ? Number(process.env['RUNS'] ?? 2) : 1;
    for (let seed = first; seed < first + runs; seed++) {
      try {
        context.diagnostic(`SEED=${seed}: ${await run(seed, options, isManaged)}`);
      } catch (cause) {
        throw new Error(`SEED=${seed}: ${(cause as Error).message}`, { cause });
      }
    }
  });
