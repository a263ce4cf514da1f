// Who is believed to be who they say: the certificates that will do, those that will not, and what people are told then.

import { describe, test } from 'node:test';
import type { KeyPair } from '../peers/authority.ts';
import type { Network } from '../peers/network.ts';
import { refused, say } from './conversation.ts';
import { keysFor, type Manner, onesoupSide, prosodySide } from './sides.ts';
import { inWorld, skip } from './world.ts';

const manner: Manner = { trust: 'certificates', reach: 'starttls' };
const theirs = 'prosody.test';

type Keys = (network: Network) => Promise<KeyPair>;

/** What a sender may be told when the servers do not come together. */
const conditions = [
  'remote-server-not-found',
  'remote-server-timeout',
  'service-unavailable',
  'not-authorized',
  'policy-violation',
];

describe('certificates that Prosody shows to onesoup', { skip }, () => {
  const good: readonly (readonly [string, Keys])[] = [
    ['for the domain, among others', ({ authority }) => authority.issue({ domains: ['a.test', theirs, 'z.test'] })],
    ['for TLS servers only', ({ authority }) => authority.issue({ domains: [theirs], usage: 'server' })],
    [
      'with the name as id-on-xmppAddr',
      ({ authority }) => authority.issue({ domains: ['x.test'], xmppAddresses: [theirs] }),
    ],
    ['with the name as SRVName', ({ authority }) => authority.issue({ domains: ['x.test'], services: [theirs] })],
  ];
  for (const [what, keys] of good)
    test(`${what}: believed`, async (t) => {
      const makers = [
        (on: Network) => onesoupSide(on, manner),
        async (on: Network) => prosodySide(on, manner, { keys: await keys(on) }),
      ] as const;
      await inWorld(t, makers, async (_, ann, bob) => {
        await say(ann, bob);
        await say(bob, ann);
      });
    });

  const bad: readonly (readonly [string, Keys])[] = [
    ['of an authority nobody knows', (network) => keysFor(network, 'dialback', theirs)],
    ['of another domain', ({ authority }) => authority.issue({ domains: ['elsewhere.test'] })],
    ['that has expired', ({ authority }) => authority.issue({ domains: [theirs], isExpired: true })],
  ];
  for (const [what, keys] of bad) {
    test(`${what}: not believed, where dialback is off`, async (t) => {
      const makers = [
        (on: Network) => onesoupSide(on, manner),
        async (on: Network) => prosodySide(on, manner, { keys: await keys(on), isDialback: true }),
      ] as const;
      await inWorld(t, makers, async (_, ann, bob) => {
        await refused(ann, bob.jid, conditions);
        await refused(bob, ann.jid, conditions);
      });
    });

    test(`${what}: dialback decides, where it is on`, async (t) => {
      const makers = [
        (on: Network) => onesoupSide(on, manner, { settings: { dialback: 'allowed' } }),
        async (on: Network) => prosodySide(on, manner, { keys: await keys(on), isDialback: true }),
      ] as const;
      await inWorld(t, makers, async (_, ann, bob) => {
        await say(ann, bob);
        await say(bob, ann);
      });
    });
  }
});

describe('certificates that onesoup shows to Prosody', { skip }, () => {
  test('of an authority nobody knows: both people are told', async (t) => {
    const makers = [
      async (on: Network) => onesoupSide(on, manner, { keys: await keysFor(on, 'dialback', 'onesoup.test') }),
      (on: Network) => prosodySide(on, manner),
    ] as const;
    await inWorld(t, makers, async (_, ann, bob) => {
      await refused(ann, bob.jid, conditions);
      await refused(bob, ann.jid, conditions);
    });
  });
});
