// When the other server dies, restarts or cannot be trusted: what onesoup's people see, and what becomes of their messages.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from '../peers/network.ts';
import { mood, nothingTwice, type Person, refused, say, sees, showsAs, subscribe } from './conversation.ts';
import { ejabberdSide, type Manner, onesoupSide, prosodySide, type Side } from './sides.ts';
import { inWorld, skip } from './world.ts';

const manner: Manner = { trust: 'certificates', reach: 'starttls' };
/** How long an unconfirmed state may be shown here; seconds. */
const graceSeconds = 5;
const ours = (network: Network): Promise<Side> =>
  onesoupSide(network, manner, { extra: { presence: { grace_seconds: graceSeconds } } });

const isShownGone = (who: Person, of: Person, after: number): Promise<unknown> =>
  sees(who, 'the going', of, (e) => e.event === 'presence' && e['type'] === 'unavailable', after);

/** Asks until there is an answer: what is asked while there is no way comes back. */
const answers = async (who: Person, domain: string): Promise<void> => {
  for (const until = Date.now() + 60_000; ; await sleep(500)) {
    try {
      return void (await who.client.do({ do: 'ping', to: domain }));
    } catch (cause) {
      if (Date.now() > until) throw cause;
    }
  }
};

for (const [what, theirs] of [
  ['Prosody', prosodySide],
  ['ejabberd', ejabberdSide],
] as const)
  describe(`onesoup and a ${what} in trouble`, { skip }, () => {
    test('killed: its people are gone within the bound; what is sent meanwhile arrives once it is back, once', async (t) => {
      await inWorld(t, [ours, (network) => theirs(network, manner)], async (world, ann, bob) => {
        const [, there] = world.sides;
        await subscribe(ann, bob);
        await subscribe(bob, ann);
        await mood(bob, 'sleepy', ann);
        await there.settle();
        const after = ann.client.events.all.length;
        await there.stop('SIGKILL');
        const killed = performance.now();
        for (const n of [1, 2, 3]) await ann.client.do({ do: 'message', to: bob.jid, body: `into the dark ${n}` });
        await isShownGone(ann, bob, after);
        const goneMs = performance.now() - killed;
        t.diagnostic(`shown as gone ${Math.round(goneMs)} ms after the kill`);
        assert.ok(goneMs < (graceSeconds + 15) * 1000, `shown as gone after ${Math.round(goneMs)} ms`);
        await there.start();
        // ejabberd shows only at the next sign-in what it stores in the moment of this one: what was said goes first, so that
        // the answer to a question behind it says that it is there.
        await answers(ann, there.domain);
        await there.settle();
        const again = await world.again(there, bob);
        const seen: string[] = [];
        for (const n of [1, 2, 3]) {
          const body = `into the dark ${n}`;
          await sees(again, body, ann, (e) => e.event === 'message' && e['body'] === body, 0, 60_000);
          seen.push(body);
        }
        const order = again.client.events.all.flatMap((e) => (e.event === 'message' ? [String(e['body'])] : []));
        assert.deepEqual(order, seen, 'in order');
        await sees(ann, 'the return', bob, (e) => e.event === 'presence' && e['type'] !== 'unavailable', after + 1);
        await say(ann, again);
        await say(again, ann);
        await sleep(1000);
        nothingTwice(ann, again);
      });
    });

    test('onesoup is killed with messages for it in hand: they arrive, once', async (t) => {
      await inWorld(t, [ours, (network) => theirs(network, manner)], async (world, ann, bob) => {
        const [here, there] = world.sides;
        await subscribe(ann, bob);
        await subscribe(bob, ann);
        await showsAs(bob, 'away', 'lunch', ann);
        await there.stop();
        for (const n of [1, 2, 3]) await ann.client.do({ do: 'message', to: bob.jid, body: `before the end ${n}` });
        // The client's requests are answered in order: what came before the answer was taken.
        await ann.client.do({ do: 'ping', to: here.domain });
        await here.stop('SIGKILL');
        await Promise.all([here.start(), there.start()]);
        // What was kept goes out after the start; see above for why nobody comes in meanwhile.
        await here.delivered?.();
        await there.settle();
        const bobAgain = await world.again(there, bob);
        for (const n of [1, 2, 3])
          await sees(
            bobAgain,
            `${n}`,
            ann,
            (e) => e.event === 'message' && e['body'] === `before the end ${n}`,
            0,
            60_000,
          );
        const annAgain = await world.again(here, ann);
        await sees(annAgain, 'the presence', bobAgain, ({ event, type }) => event === 'saw' && type === 'available');
        await say(bobAgain, annAgain);
        nothingTwice(annAgain, bobAgain);
      });
    });

    test('nothing there to connect to: an error, in the end', async (t) => {
      const impatient = (network: Network): Promise<Side> =>
        onesoupSide(network, manner, { settings: { queue_seconds: 10 } });
      await inWorld(t, [impatient, (network) => theirs(network, manner)], async (world, ann, bob) => {
        await world.sides[1].stop('SIGKILL');
        await refused(ann, bob.jid, ['remote-server-timeout', 'remote-server-not-found'], 60_000);
      });
    });
  });
