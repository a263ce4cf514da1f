// The first thing a phone learns after it has said whom it wants to see: everybody who is there, also on other servers, as
// few answers as its kind takes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { android, type Personality, plain, strict, wbxml12 } from '../../../imps/client/personality.ts';
import { viewOf } from '../../../server/features/presence/view.ts';
import { testServer } from '../../../server/testing/server.ts';
import { emptyItem } from '../../../server/users/roster.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { stanzaFromText } from '../../../xmpp/stanza-text.ts';
import { inProcess } from '../../suite/in-process.ts';
import { seen as seenIn } from '../../suite/shapes.ts';
import { World } from '../../suite/world.ts';

const contacts = Array.from({ length: 200 }, (_, n) => `contact-${n}@far${n % 20}.test`);

const firstPicture = async (kind: Personality) => {
  const server = testServer();
  server.federate({ carry: async () => {} });
  const world = new World(await inProcess(server));
  try {
    await world.ground.makeAccount('mila');
    const host = server.hosts.get('home.test') ?? assert.fail();
    for (const [n, contact] of contacts.entries()) {
      await server.store.rosters.set('mila@home.test', contact, {
        ...emptyItem(contact),
        subscription: 'both',
        listed: true,
      });
      viewOf(host).expect('mila@home.test', contact);
      const payload = `<status>number ${n}</status>`;
      await server.route(
        stanzaFromText(`<presence xmlns='jabber:client' from='${contact}/r' to='mila@home.test'>${payload}</presence>`),
      );
    }
    const phone = await world.phone(Jid.from('mila@home.test'), kind);
    const lists = await phone.csp.contactLists();
    assert.equal(await phone.csp.subscribe({ lists }), 200);
    await world.ground.pass(0);
    let answers = 0;
    const { gateway } = world;
    world.gateway = {
      ...gateway,
      handle(request) {
        answers++;
        return gateway.handle(request);
      },
    };
    let polls = 0;
    const seen = new Map<string, unknown>();
    let notifications = 0;
    let largest = 0;
    while (seen.size < contacts.length && polls < 300) {
      await phone.csp.poll();
      polls++;
      await new Promise((resolve) => setImmediate(resolve));
      for (const one of phone.arrived.splice(0)) {
        if (one.name !== 'PresenceNotification-Request') continue;
        notifications++;
        largest = Math.max(largest, one.Presence.length);
        for (const { UserID } of one.Presence)
          seen.set(String(UserID), seenIn(one, Jid.from(String(UserID).slice(3)))?.OnlineStatus);
      }
    }
    assert.deepEqual(
      [...seen].map(([user, isOnline]) => [user, isOnline]).sort(),
      contacts.map((contact) => [`wv:${contact}`, true]).sort(),
    );
    assert.deepEqual(phone.csp.complaints, []);
    assert.deepEqual(world.troubles, []);
    return { answers, notifications, largest };
  } finally {
    await world.close();
  }
};

test('in one notification, where the phone takes several contacts in one', async () => {
  // The second answer says that nothing more waits.
  for (const kind of [wbxml12, android])
    assert.deepEqual(await firstPicture(kind), { answers: 2, notifications: 1, largest: 200 }, kind.name);
});

test('in as many as its ParserSize makes of them', async () => {
  const { notifications, largest } = await firstPicture(plain);
  assert.ok(notifications <= 6 && largest >= 50, `${notifications} notifications, of ${largest} contacts at most`);
});

test('in one for each contact, where it reads the first only; as many in an answer as its MultiTrans allows', async () => {
  const { answers, notifications, largest } = await firstPicture(strict);
  assert.deepEqual({ notifications, largest }, { notifications: 200, largest: 1 });
  assert.ok(answers <= Math.ceil(200 / 3) + 2, `${answers} answers`);
});
