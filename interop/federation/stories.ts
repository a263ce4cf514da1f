// What is true of any two servers that federate: told here once, shown with Prosody and ejabberd, and with onesoup and each.

import assert from 'node:assert/strict';
import { meetInRoom, mood, nothingTwice, type Person, refused, say, sees, showsAs, subscribe } from './conversation.ts';
import type { Side } from './sides.ts';
import type { World } from './world.ts';

const isGone = (event: { event: string; type?: unknown }) => event.event === 'presence' && event.type === 'unavailable';

/** Everything two people do on a good day; `ann`'s server dials first. */
export const goodDay = async (world: World, ann: Person, bob: Person): Promise<readonly [Person, Person]> => {
  const [one, other] = world.sides;
  await say(ann, bob);
  await say(bob, ann);
  await subscribe(ann, bob);
  await subscribe(bob, ann);
  await showsAs(ann, 'away', 'lunch', bob);
  await showsAs(bob, 'dnd', 'im Zug', ann);
  await mood(ann, 'happy', bob);
  await mood(bob, 'sleepy', ann);
  await ann.client.do({ do: 'ping', to: `${bob.jid}/desk` });
  await bob.client.do({ do: 'ping', to: `${ann.jid}/desk` });
  await ann.client.do({ do: 'features', to: other.domain });
  await bob.client.do({ do: 'features', to: one.domain });
  for (const [who, there] of [
    [ann, other],
    [bob, one],
  ] as const) {
    await refused(who, `nobody@${there.domain}`, ['service-unavailable']);
    await refused(who, 'somebody@nowhere.test', ['remote-server-not-found']);
  }
  await meetInRoom(`soup@${other.rooms}`, bob, ann);
  return [ann, await awayAndBack(world, ann, other, bob)];
};

/** Whoever signs out is seen to go; a message waits; back again, it is delivered once, and the friend's state and mood are there. */
export const awayAndBack = async (world: World, ann: Person, side: Side, bob: Person): Promise<Person> => {
  const after = ann.client.events.all.length;
  await bob.client.do({ do: 'presence', type: 'unavailable' });
  await sees(ann, 'the going', bob, isGone, after);
  await bob.client.quit();
  const body = `while ${bob.jid} was out, ${Math.random()}`;
  await ann.client.do({ do: 'message', to: bob.jid, body });
  // The peers store it in their own time; nothing tells when they have.
  const again = await world.again(side, bob);
  const message = await sees(again, 'what waited', ann, (e) => e.event === 'message' && e['body'] === body);
  assert.equal(message['delayed'], true, 'what waited says so');
  await sees(again, 'the presence', ann, ({ event, type }) => event === 'saw' && type === 'available');
  await sees(again, 'the mood', ann, ({ event }) => event === 'user_mood_publish');
  await sees(ann, 'the return', bob, (e) => e.event === 'presence' && e['type'] !== 'unavailable', after);
  await say(again, ann);
  nothingTwice(ann, again);
  return again;
};

/** The room is on the first server this time. */
export const roomHere = async (world: World, ann: Person, bob: Person): Promise<void> =>
  meetInRoom(`soup@${world.sides[0].rooms}`, ann, bob);

/** Both servers start afresh, with what they remember; bob's dials first, and ann finds everything when she comes. */
export const theOtherWayRound = async (world: World, ann: Person, bob: Person): Promise<readonly [Person, Person]> => {
  const [one, other] = world.sides;
  await Promise.all(world.sides.map((side) => side.stop()));
  await Promise.all(world.sides.map((side) => side.start()));
  const bobAgain = await world.again(other, bob);
  const body = `good morning, ${Math.random()}`;
  await bobAgain.client.do({ do: 'message', to: ann.jid, body });
  const annAgain = await world.again(one, ann);
  await sees(annAgain, 'what waited', bobAgain, (e) => e.event === 'message' && e['body'] === body);
  await sees(annAgain, 'the presence', bobAgain, ({ event, type }) => event === 'saw' && type === 'available');
  await sees(bobAgain, 'the presence', annAgain, ({ event, type }) => event === 'saw' && type === 'available');
  await say(annAgain, bobAgain);
  await say(bobAgain, annAgain);
  nothingTwice(annAgain, bobAgain);
  return [annAgain, bobAgain];
};
