// Whatever people do, in whatever order: when all is quiet, what each session was shown of the others is what it may see of
// them now; and when they do one thing after the other, the two rosters of a pair agree.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Jid } from '../../../xmpp/jid.ts';
import type { Client } from '../../testing/client.ts';
import { type TestServer, testServer } from '../../testing/server.ts';
import { emptyItem } from '../../users/roster.ts';

const names = ['anna', 'mila', 'nora'] as const;
const bareOf = (who: number): string => `${names[who]}@home.test`;

const pair = { who: fc.nat(2), other: fc.nat(2) };
const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'), ...pair }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('block', 'unblock', 'remove'), ...pair }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('come', 'show'), who: fc.nat(2), other: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hide', 'go'), who: fc.nat(2), other: fc.nat(1) }) },
);

/** What a session has been shown: full JIDs to their status, by replaying what it received. */
const shownTo = (client: Client): Map<string, string> => {
  const shown = new Map<string, string>();
  for (const stanza of client.received) {
    if (stanza.kind !== 'presence' || !stanza.from) continue;
    if (stanza.type === undefined) shown.set(stanza.from.toString(), stanza.child('status')?.children.join('') ?? '');
    else if (stanza.type === 'unavailable') shown.delete(stanza.from.toString());
  }
  return shown;
};

const truthFor = (server: TestServer, client: Client, shown: Map<string, string>): Map<string, string> => {
  const truth = new Map<string, string>();
  const host = server.hosts.get('home.test') ?? assert.fail();
  const viewer = host.inUse(client.link.jid.bare.toString()) ?? assert.fail();
  for (const name of names) {
    const other = host.inUse(`${name}@home.test`);
    if (!other) continue;
    const isOwn = other === viewer;
    const maySee = viewer.roster.sees(other.jid) && other.roster.letsSee(viewer.jid);
    // Who lets the viewer see without being asked is shown like any stranger that sends directed presence: not judged here.
    if (!isOwn && !viewer.roster.sees(other.jid) && other.roster.letsSee(viewer.jid))
      for (const key of [...shown.keys()]) if (key.startsWith(`${name}@`)) shown.delete(key);
    const isBlocked = viewer.blocks.has(other.jid) || other.blocks.has(viewer.jid);
    if (!isOwn && (!maySee || isBlocked)) continue;
    for (const { jid, presence } of other.available)
      truth.set(jid.toString(), presence?.child('status')?.children.join('') ?? '');
  }
  return truth;
};

test('when all is quiet every session has been shown the truth', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 3, maxLength: 40, size: 'max' }),
      fc.boolean(),
      fc.boolean(),
      async (actions, settles, areFriends) => {
        const server = testServer();
        if (areFriends) {
          await server.addAccount(...names);
          for (const one of [0, 1, 2])
            for (const two of [0, 1, 2])
              if (one !== two)
                await server.store.rosters.set(bareOf(one), bareOf(two), {
                  ...emptyItem(bareOf(two)),
                  subscription: 'both',
                  listed: true,
                });
        }
        const control: Client[] = [];
        // One session of each is never available: it acts for the account whoever else is there.
        for (const name of names) control.push(await server.signIn(name, 'control'));
        const sessions = new Map<string, Client>();
        let count = 0;
        const send = async (client: Client, text: string): Promise<void> => {
          if (settles) await client.sends(text);
          else void client.sends(text);
        };
        for (const one of actions) {
          const actor = control[one.who] ?? assert.fail();
          const other = bareOf(one.other);
          const key = `${one.who}/${one.other}`;
          const session = sessions.get(key);
          if (one.do === 'block' || one.do === 'unblock')
            await send(
              actor,
              `<iq type='set' id='b'><${one.do} xmlns='urn:xmpp:blocking'><item jid='${other}'/></${one.do}></iq>`,
            );
          else if (one.do === 'remove')
            await send(
              actor,
              `<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='${other}' subscription='remove'/></query></iq>`,
            );
          else if (one.do === 'come') {
            if (session) continue;
            const fresh = await server.signIn(names[one.who] ?? '', `r${one.other}`);
            sessions.set(key, fresh);
            await send(fresh, '<presence><status>new</status></presence>');
          } else if (one.do === 'show') {
            if (session) await send(session, `<presence><status>${count++ % 3}</status></presence>`);
          } else if (one.do === 'hide') {
            // Who is not available hears of nobody; coming back, it is shown everything anew.
            await session?.sends("<presence type='unavailable'/>");
            session?.received.splice(0);
          } else if (one.do === 'go') {
            await session?.link.close();
            sessions.delete(key);
          } else await send(actor, `<presence type='${one.do}' to='${other}'/>`);
        }
        await server.settle();
        for (const [, client] of sessions) {
          const user = server.hosts.get('home.test')?.inUse(client.link.jid.bare.toString());
          if (!user?.session(client.link.jid)?.isAvailable) continue;
          const shown = shownTo(client);
          const truth = truthFor(server, client, shown);
          assert.deepEqual(new Map([...shown].sort()), new Map([...truth].sort()), `what ${client.jid} was shown`);
        }
        // Subscription stanzas that cross, or that a block list stops, can leave two rosters that disagree (RFC 6121 has nothing
        // against it); one after the other they may not.
        const host = server.hosts.get('home.test') ?? assert.fail();
        const mayDisagree = !settles || actions.some((each) => each.do === 'block');
        for (const one of mayDisagree ? [] : names)
          for (const two of names) {
            if (one === two) continue;
            const [a, b] = [host.inUse(`${one}@home.test`), host.inUse(`${two}@home.test`)];
            assert.equal(
              a?.roster.sees(Jid.from(`${two}@home.test`)),
              b?.roster.letsSee(Jid.from(`${one}@home.test`)),
              `${one} sees ${two}`,
            );
          }
        await server.close();
      },
    ),
    { numRuns: 40 },
  ));
