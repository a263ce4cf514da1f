// The directory with real clients: somebody on slixmpp says that she wants to be found, another and a phone find her.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wbxml12 } from '../src/imps/client/personality.ts';
import { prepareOnesoup } from './peers/onesoup.ts';
import { makePhone } from './peers/phone.ts';
import { type Friend, hasSlixmpp, startFriend } from './peers/slixmpp.ts';

const skip = hasSlixmpp() || process.env['CI'] ? false : 'python3-slixmpp is not installed';

test('slixmpp is in the directory by a command, and searches it by its form; a phone does too', { skip }, async (t) => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  t.after(() => onesoup.remove());
  await onesoup.start();
  const start = async (name: string): Promise<Friend> => {
    await onesoup.addUser(name, 'secret soup', { phone: true });
    const friend = await startFriend(`${name}@home.test/desk`, 'secret soup', onesoup.ports.c2s);
    t.after(() => friend.kill());
    return friend;
  };
  const ann = await start('ann');
  const bob = await start('bob');
  await onesoup.addUser('cecil', 'secret soup', { phone: true });
  using phone = makePhone(onesoup.csp, { user: 'cecil', password: 'secret soup', personality: wbxml12 });
  await phone.start('MD5');
  const found = async (friend: Friend, values: Record<string, string>) => {
    const after = friend.events.all.length;
    await friend.do({ do: 'search', to: 'home.test', values });
    const event = await friend.events.until('what was found', (e) => e.event === 'found', { after });
    return event as unknown as { fields: string[]; items: Record<string, string>[] };
  };
  const onPhone = async (text: string) => {
    const answer = await phone.request(
      {
        name: 'Search-Request',
        SearchPairList: [{ SearchPair: [{ SearchElement: 'USER_LAST_NAME', SearchString: text }] }],
      },
      'Search-Response',
    );
    return (answer.SearchResult?.UserList?.User ?? []).map(({ UserID }) => UserID);
  };

  await ann.do({ do: 'vcard', name: 'Ann Okafor', nick: 'Annie' });
  const before = await found(bob, { last: 'okafor' });
  assert.deepEqual(before.items, []);
  for (const field of ['first', 'last', 'nick', 'email', 'user', 'locality'])
    assert.ok(before.fields.includes(field), field);
  assert.deepEqual(await onPhone('okafor'), []);

  await ann.do({ do: 'commands', to: 'home.test' });
  const [node] = (await ann.events.until('the commands', (e) => e.event === 'commands'))['nodes'] as string[];
  assert.equal(node, 'urn:onesoup:directory');
  await ann.do({ do: 'command', to: 'home.test', node, values: { listed: true } });
  assert.equal((await ann.events.until('the end', (e) => e.event === 'command'))['status'], 'completed');

  const { items } = await found(bob, { last: 'okafor' });
  assert.deepEqual(
    items.map(({ jid, nick, first, last }) => ({ jid, nick, first, last })),
    [{ jid: 'ann@home.test', nick: 'Annie', first: 'Ann', last: 'Okafor' }],
  );
  assert.deepEqual(await onPhone('OKAF'), ['wv:ann@home.test']);
  assert.deepEqual(phone.complaints, []);
});
