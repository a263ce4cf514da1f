// Personal eventing (XEP-0163) with real clients: two people on slixmpp show each other moods and avatars and keep private
// notes on the running program, and a phone takes part.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wbxml12 } from '../src/imps/client/personality.ts';
import { prepareOnesoup } from './peers/onesoup.ts';
import { makePhone } from './peers/phone.ts';
import { type Friend, hasSlixmpp, startFriend } from './peers/slixmpp.ts';

const skip = hasSlixmpp() || process.env['CI'] ? false : 'python3-slixmpp is not installed';

const becomeFriends = async (one: Friend, other: Friend, oneJid: string, otherJid: string): Promise<void> => {
  for (const [from, to, fromJid, toJid] of [
    [one, other, oneJid, otherJid],
    [other, one, otherJid, oneJid],
  ] as const) {
    await from.do({ do: 'subscribe', to: toJid });
    await to.events.until('the request', (e) => e.event === 'subscribe' && String(e['from']).startsWith(fromJid));
    await to.do({ do: 'subscribed', to: fromJid });
    await from.events.until('the approval', (e) => e.event === 'subscribed' && String(e['from']).startsWith(toJid));
  }
};

test('moods, avatars and private notes between two slixmpp clients and a phone', { skip }, async (t) => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  t.after(() => onesoup.remove());
  await onesoup.start();
  const { c2s } = onesoup.ports;
  const start = async (jid: string): Promise<Friend> => {
    const friend = await startFriend(jid, 'secret soup', c2s, { pep: true });
    t.after(() => friend.kill());
    return friend;
  };
  for (const name of ['ann', 'bob']) await onesoup.addUser(name, 'secret soup', { phone: true });
  const ann = await start('ann@home.test/desk');
  const bob = await start('bob@home.test/desk');
  await becomeFriends(ann, bob, 'ann@home.test', 'bob@home.test');

  await ann.do({ do: 'identities' });
  const said = await ann.events.until('the identities', (e) => e.event === 'identities');
  assert.ok((said['identities'] as string[]).includes('pubsub/pep'));

  await ann.do({ do: 'mood', value: 'happy' });
  await bob.events.until('the mood', (e) => e.event === 'user_mood_publish' && e['value'] === 'happy' && !e['delayed']);
  await ann.events.until('the own mood', (e) => e.event === 'user_mood_publish' && e['from'] === 'ann@home.test');

  const picture = 'not really a picture '.repeat(2_000);
  await ann.do({ do: 'avatar', value: picture });
  const shown = await bob.events.until('the avatar', (e) => e.event === 'avatar_metadata_publish');
  await bob.do({ do: 'get-avatar', to: 'ann@home.test', id: shown['value'] });
  assert.equal((await bob.events.until('the picture', (e) => e.event === 'avatar'))['value'], picture);

  await ann.do({ do: 'store', id: '1', value: 'milk' });
  await ann.do({ do: 'store', id: '2', value: 'bread' });
  await ann.do({ do: 'stored' });
  const notes = await ann.events.until('the notes', (e) => e.event === 'stored');
  assert.deepEqual(notes['items'], { 1: 'milk', 2: 'bread' });
  await assert.rejects(bob.do({ do: 'stored', to: 'ann@home.test' }), /not-allowed|closed-node|IqError/);
  await ann.do({ do: 'configuration', node: 'urn:note' });
  const { values } = (await ann.events.until('the form', (e) => e.event === 'configuration')) as unknown as {
    values: Record<string, unknown>;
  };
  assert.equal(values['pubsub#access_model'], 'whitelist');
  assert.equal(values['pubsub#max_items'], 'max');
  await bob.do({ do: 'nodes', to: 'ann@home.test' });
  assert.deepEqual((await bob.events.until('the nodes', (e) => e.event === 'nodes'))['nodes'], [
    'http://jabber.org/protocol/mood',
    'urn:xmpp:avatar:data',
    'urn:xmpp:avatar:metadata',
  ]);

  // Whoever comes later, also after a restart, is told what was published last, though its owner is away.
  await ann.quit();
  await bob.quit();
  await onesoup.stop();
  await onesoup.start();
  const again = await start('bob@home.test/laptop');
  await again.events.until(
    'the mood of before',
    (e) => e.event === 'user_mood_publish' && e['value'] === 'happy' && e['delayed'] === true,
  );

  // Ann takes her phone.
  using phone = makePhone(onesoup.csp, { user: 'ann', password: 'secret soup', personality: wbxml12 });
  await phone.start('MD5');
  const update = {
    name: 'UpdatePresence-Request',
    PresenceSubList: { StatusMood: { Qualifier: true, PresenceValue: 'SLEEPY' } },
  } as const;
  assert.equal(await phone.codeFor(update), 200);
  assert.equal(
    await phone.codeFor({
      name: 'CreateAttributeList-Request',
      PresenceSubList: { OnlineStatus: [true], StatusMood: true },
      UserID: ['wv:bob@home.test'],
      DefaultList: false,
    }),
    200,
  );
  await again.events.until(
    'the mood from the phone',
    (e) => e.event === 'user_mood_publish' && e['value'] === 'sleepy',
  );
  assert.deepEqual(phone.complaints, []);
});
