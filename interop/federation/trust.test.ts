// Who is believed to be who they say: the certificates that will do, those that will not, and what people are told then.
// Two onesoups, one that takes dialback for a proof and one that does not, and a Prosody for each certificate.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemRandom } from '../../src/base/random.ts';
import { el, textOf } from '../../src/xml/element.ts';
import { Jid } from '../../src/xmpp/jid.ts';
import { Stanza } from '../../src/xmpp/stanza.ts';
import type { KeyPair } from '../peers/authority.ts';
import { type Network, startNetwork } from '../peers/network.ts';
import type { Onesoup } from '../peers/onesoup.ts';
import { comes, isPresent, type Lean, leanClient } from './lean.ts';
import { keysFor, type Manner, onesoupSide, password, prosodySide, type Side } from './sides.ts';
import { skip } from './world.ts';

const manner: Manner = { trust: 'certificates', reach: 'starttls' };

type Keys = (network: Network, domain: string) => Promise<KeyPair>;
type Here = Side & { readonly server: Onesoup };

/** What a sender may be told when the servers do not come together: Prosody and we put it differently. */
const conditions =
  /<(remote-server-not-found|remote-server-timeout|service-unavailable|not-authorized|policy-violation) /;

interface Person extends Lean {
  readonly jid: string;
}

const signIn = async (side: Here | Awaited<ReturnType<typeof prosodySide>>, name: string): Promise<Person> => {
  const jid = `${name}@${side.domain}`;
  const host = side.kind === 'onesoup' ? '127.0.0.1' : side.server.address;
  const lean = await leanClient(jid, password, { host, port: side.server.ports.c2s });
  await lean.client.send(isPresent());
  return { ...lean, jid };
};

const write = async (from: Person, to: Person): Promise<{ readonly id: string; readonly body: string }> => {
  const [id, body] = [systemRandom.id(10), `from ${from.jid}, ${systemRandom.id(6)}`];
  await from.client.send(
    Stanza.make({ kind: 'message', type: 'chat', id, to: Jid.from(to.jid) }, el('body', null, body)),
  );
  return { id, body };
};

const arrives = async (from: Person, to: Person): Promise<void> => {
  const { body } = await write(from, to);
  await comes(to, body, (stanza) => {
    const said = stanza.kind === 'message' && stanza.child('body');
    return said ? textOf(said) === body : false;
  });
};

const comesBack = async (from: Person, to: Person): Promise<void> => {
  const { id } = await write(from, to);
  const error = await comes(from, 'the error', (stanza) => stanza.id === id && stanza.type === 'error');
  assert.match(error.toXml(), conditions);
};

const trusted: readonly (readonly [string, Keys])[] = [
  [
    'for the domain, among others',
    ({ authority }, domain) => authority.issue({ domains: ['a.test', domain, 'z.test'] }),
  ],
  ['for TLS servers only', ({ authority }, domain) => authority.issue({ domains: [domain], usage: 'server' })],
  ['by a wildcard', ({ authority }) => authority.issue({ domains: ['*.peers.test'] })],
  [
    'with the name as id-on-xmppAddr',
    ({ authority }, domain) => authority.issue({ domains: ['x.test'], xmppAddresses: [domain] }),
  ],
  ['with the name as SRVName', ({ authority }, domain) => authority.issue({ domains: ['x.test'], services: [domain] })],
];
const distrusted: readonly (readonly [string, Keys])[] = [
  ['of an authority nobody knows', (network, domain) => keysFor(network, 'dialback', domain)],
  ['of another domain', ({ authority }) => authority.issue({ domains: ['elsewhere.test'] })],
  ['that has expired', ({ authority }, domain) => authority.issue({ domains: [domain], isExpired: true })],
];

describe('certificates, with Prosody at the other end', { skip }, () => {
  let network: Network;
  let strict: Here;
  let lenient: Here;
  let unknown: Here;
  const people = new Map<Here, Person>();
  let servers = 0;
  before(async () => {
    network = await startNetwork();
    strict = await onesoupSide(network, manner, { domain: 'strict.test' });
    lenient = await onesoupSide(network, manner, { domain: 'lenient.test', settings: { dialback: 'allowed' } });
    const keys = await keysFor(network, 'dialback', 'unknown.test');
    unknown = await onesoupSide(network, manner, { domain: 'unknown.test', keys });
    await Promise.all(
      [strict, lenient, unknown].map(async (side) => {
        await side.start();
        await side.addUser('ann', password);
        people.set(side, await signIn(side, 'ann'));
      }),
    );
  });
  after(async () => {
    for (const { client } of people.values()) await client.close();
    for (const side of [strict, lenient, unknown]) await side?.remove();
    await network?.[Symbol.asyncDispose]();
  });

  /** Ann of one of ours and bob of a new Prosody write to each other. */
  const meet = (
    here: () => Here,
    keys: Keys,
    isDialback: boolean,
    story: (ann: Person, bob: Person) => Promise<void>,
  ) => {
    return async (t: { diagnostic(message: string): void }): Promise<void> => {
      const domain = `server${++servers}.peers.test`;
      const there = await prosodySide(network, manner, { domain, keys: await keys(network, domain), isDialback });
      const ours = here();
      const ann = people.get(ours);
      assert.ok(ann);
      try {
        await there.addUser('bob', password);
        await there.start();
        const bob = await signIn(there, 'bob');
        await story(ann, bob).finally(() => bob.client.close());
      } catch (cause) {
        for (const one of [ours, there]) t.diagnostic(`${one.domain} said:\n${one.output().slice(-20_000)}`);
        throw cause;
      } finally {
        await there.remove();
      }
    };
  };
  const bothArrive = async (ann: Person, bob: Person): Promise<void> => {
    await arrives(ann, bob);
    await arrives(bob, ann);
  };
  const bothComeBack = async (ann: Person, bob: Person): Promise<void> => {
    await comesBack(ann, bob);
    await comesBack(bob, ann);
  };

  for (const [what, keys] of trusted)
    test(
      `${what}: believed`,
      meet(() => strict, keys, false, bothArrive),
    );
  for (const [what, keys] of distrusted) {
    test(
      `${what}: not believed, where dialback is off`,
      meet(() => strict, keys, true, bothComeBack),
    );
    test(
      `${what}: dialback decides, where it is on`,
      meet(() => lenient, keys, true, bothArrive),
    );
  }
  test(
    'of an authority nobody knows, shown by onesoup: both people are told',
    meet(() => unknown, trusted[0]?.[1] as Keys, false, bothComeBack),
  );
});
