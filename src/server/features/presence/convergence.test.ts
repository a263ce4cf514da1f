// Whatever people do, in whatever order: when all is quiet, what each session was shown of the others is what it may see of
// them now, and the two rosters of a pair agree.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Jid } from '../../../xmpp/jid.ts';
import type { Client } from '../../testing/client.ts';
import { type TestServer, testServer } from '../../testing/server.ts';

const names = ['anna', 'mila', 'nora'] as const;
const bareOf = (who: number): string => `${names[who]}@home.test`;

const pair = { who: fc.nat(2), other: fc.nat(2) };
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'), ...pair }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('block', 'unblock', 'remove'), ...pair }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('come', 'show', 'hide', 'go'), who: fc.nat(2), other: fc.nat(1) }),
  },
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

const truthFor = async (server: TestServer, client: Client): Promise<Map<string, string>> => {
  const truth = new Map<string, string>();
  const host = server.hosts.get('home.test') ?? assert.fail();
  const viewer = host.inUse(client.link.jid.bare.toString()) ?? assert.fail();
  for (const name of names) {
    const other = host.inUse(`${name}@home.test`);
    if (!other) continue;
    const isOwn = other === viewer;
    const maySee = viewer.roster.sees(other.jid) && other.roster.letsSee(viewer.jid);
    const isBlocked = viewer.blocks.has(other.jid) || other.blocks.has(viewer.jid);
    if (!isOwn && (!maySee || isBlocked)) continue;
    for (const { jid, presence } of other.available)
      truth.set(jid.toString(), presence?.child('status')?.children.join('') ?? '');
  }
  return truth;
};

test('when all is quiet every session has been shown the truth', () =>
  fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), fc.boolean(), async (actions, settles) => {
      const server = testServer();
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
          if (session) await send(session, "<presence type='unavailable'/>");
        } else if (one.do === 'go') {
          await session?.link.close();
          sessions.delete(key);
        } else await send(actor, `<presence type='${one.do}' to='${other}'/>`);
      }
      await server.settle();
      for (const [, client] of sessions) {
        const user = server.hosts.get('home.test')?.inUse(client.link.jid.bare.toString());
        if (!user?.session(client.link.jid)?.isAvailable) continue;
        // A session that was hidden in between is shown everything anew when it comes back.
        const last = client.received.findLastIndex(
          (one) => one.type === undefined && one.from?.equals(client.link.jid) && one.kind === 'presence',
        );
        assert(last >= 0);
        assert.deepEqual(
          new Map([...shownTo(client)].sort()),
          new Map([...(await truthFor(server, client))].sort()),
          `what ${client.jid} was shown`,
        );
      }
      const host = server.hosts.get('home.test') ?? assert.fail();
      for (const one of names)
        for (const two of names) {
          if (one === two) continue;
          const [a, b] = [host.inUse(`${one}@home.test`), host.inUse(`${two}@home.test`)];
          // Blocked stanzas are lost to the other side, by intent.
          if (actions.some((each) => each.do === 'block')) continue;
          assert.equal(
            a?.roster.sees(Jid.from(`${two}@home.test`)),
            b?.roster.letsSee(Jid.from(`${one}@home.test`)),
            `${one} sees ${two}`,
          );
        }
      await server.close();
    }),
    { numRuns: 60 },
  ));
