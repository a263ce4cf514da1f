// Proves the ground the other suites stand on: Prosody and ejabberd, which federate with the whole world, do so here.

import { describe, test } from 'node:test';
import { canServeNames } from '../peers/dns.ts';
import { hasEjabberd } from '../peers/ejabberd.ts';
import { startNetwork } from '../peers/network.ts';
import { hasSlixmpp } from '../peers/slixmpp.ts';
import { meetInRoom, mood, nothingTwice, type Person, refused, say, subscribe } from './conversation.ts';
import { begin, ejabberdSide, logsOf, manners, password, prosodySide } from './sides.ts';

const skip =
  process.env['CI'] || (hasSlixmpp() && hasEjabberd())
    ? !canServeNames() && 'only root may serve names on port 53'
    : 'python3-slixmpp or ejabberd is not installed';

describe('Prosody and ejabberd', { skip, concurrency: false }, () => {
  for (const manner of manners)
    test(`${manner.trust}, ${manner.reach}`, async (t) => {
      await using network = await startNetwork();
      const sides = [await prosodySide(network, manner), await ejabberdSide(network, manner)] as const;
      const [one, other] = sides;
      const friends: Person['client'][] = [];
      try {
        await begin(sides);
        const people: Person[] = [];
        for (const [side, name] of [
          [one, 'ann'],
          [other, 'bob'],
        ] as const) {
          await side.addUser(name, password);
          const client = await side.signIn(name);
          friends.push(client);
          people.push({ jid: `${name}@${side.domain}`, client });
        }
        const [ann, bob] = people as [Person, Person];
        await say(ann, bob);
        await say(bob, ann);
        await subscribe(ann, bob);
        await subscribe(bob, ann);
        await mood(ann, 'happy', bob);
        await mood(bob, 'sleepy', ann);
        await refused(ann, `nobody@${other.domain}`, ['service-unavailable']);
        await refused(bob, `nobody@${one.domain}`, ['service-unavailable']);
        await refused(ann, 'bob@nowhere.test', ['remote-server-not-found']);
        await refused(bob, 'ann@nowhere.test', ['remote-server-not-found']);
        await meetInRoom(`soup@${other.rooms}`, bob, ann);
        nothingTwice(ann, bob);
      } catch (cause) {
        logsOf(t, sides);
        throw cause;
      } finally {
        for (const friend of friends) await friend.kill();
        for (const side of sides) await side.remove();
      }
    });
});
