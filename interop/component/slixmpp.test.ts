// A component on slixmpp, as transports are written: an echo with subscriptions and presence, for a phone and for an XMPP
// client; and XEP-0356 as slixmpp speaks it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { android, strict, wbxml13 } from '../../src/imps/client/personality.ts';
import type { StructureOf } from '../../src/imps/primitives.ts';
import { type Onesoup, prepareOnesoup } from '../peers/onesoup.ts';
import { makePhone } from '../peers/phone.ts';
import { hasSlixmpp } from '../peers/slixmpp.ts';
import { type Script, startScript } from './script.ts';

const domain = 'echo.home.test';
const secret = 'correct horse';
const password = 'soup and bread';
const skip = hasSlixmpp() || process.env['CI'] ? false : 'python3-slixmpp is not installed';

const statusOf = (list: StructureOf<'PresenceSubList'> | undefined): unknown =>
  typeof list?.StatusText === 'object' ? list.StatusText.PresenceValue : undefined;

describe('a component on slixmpp', { skip }, () => {
  let onesoup: Onesoup;
  let gateway: Script;
  let friend: Script;

  const startGateway = (name = domain, word = secret): Promise<Script> =>
    startScript(name, 'slixmpp-gateway.py', [name, word, String(onesoup.ports.component), 'home.test']);

  before(async () => {
    onesoup = await prepareOnesoup({
      components: [
        {
          domain,
          secret,
          settings: { privileges: { roster: 'both', message: 'outgoing', presence: 'managed_entity' } },
        },
        { domain: 'plain.home.test', secret: 'another', settings: { on_conflict: 'replace' } },
      ],
    });
    for (const name of ['bea', 'cid', 'dot', 'eve']) await onesoup.addUser(name, password, { phone: true });
    await onesoup.start();
    gateway = await startGateway();
    friend = await startScript('bea@home.test/desk', 'slixmpp-laptop.py', [
      'bea@home.test/desk',
      password,
      String(onesoup.ports.c2s),
    ]);
  });
  after(async () => {
    await friend?.end();
    await gateway?.end();
    await onesoup?.remove();
  });

  test('it is told its privileges', async () => {
    await gateway.sees('privileges', { roster: 'both', message: 'outgoing', presence: 'managed_entity' });
  });

  test('an XMPP client subscribes to a contact behind it, sees its presence, and chats', async () => {
    const contact = `grandma@${domain}`;
    await friend.do({ do: 'subscribe', to: contact });
    await gateway.sees('subscribe', { from: 'bea@home.test', to: contact });
    await friend.sees('presence', { type: 'subscribed', from: contact });
    await gateway.do({ do: 'presence', from: `${contact}/gw`, to: 'bea@home.test', show: 'away', status: 'knitting' });
    await friend.sees('presence', { type: 'away', from: `${contact}/gw`, status: 'knitting' });
    await friend.do({ do: 'subscribed', to: contact });
    await gateway.sees('available', { from: 'bea@home.test/desk', to: contact });
    await friend.do({ do: 'message', to: contact, body: 'hello <&> ☕' });
    await friend.sees('message', { body: 'echo: hello <&> ☕' });
  });

  for (const [name, what, personality, cir] of [
    ['cid', '1.3 in WBXML', wbxml13, 'udp'],
    ['dot', 'strict like S60', strict, 'tcp'],
    ['eve', 'sloppy like Android', android, 'tcp'],
  ] as const)
    test(`a phone (${what}) chats with a contact behind it, and sees it come and go`, async () => {
      const [user, contact] = [`wv:${name}@home.test`, `wv:grandma@${domain}`];
      using phone = makePhone(onesoup.csp, { user, password, personality, cir });
      await phone.start('PWD');
      const list = (await phone.contactLists()).at(-1) ?? assert.fail('there is always a default list');
      await phone.readList(list);
      await phone.manageList({
        name: 'ListManage-Request',
        ContactList: list,
        AddNickList: { NickName: [{ Name: 'Grandma', UserID: contact }] },
      });
      assert.equal(await phone.subscribe({ lists: [list] }), 200);
      await gateway.sees('subscribe', { from: `${name}@home.test`, to: `grandma@${domain}` });
      const sees = (text: string): Promise<unknown> =>
        phone.next('PresenceNotification-Request', ({ Presence }) =>
          (Presence ?? []).some(
            ({ UserID, PresenceSubList }) => UserID === contact && statusOf(PresenceSubList?.[0]) === text,
          ),
        );
      const knitting = sees('knitting');
      await gateway.do({
        do: 'presence',
        from: `grandma@${domain}`,
        to: `${name}@home.test`,
        show: 'away',
        status: 'knitting',
      });
      await knitting;
      const gone = sees('off to bed');
      await gateway.do({
        do: 'presence',
        from: `grandma@${domain}`,
        to: `${name}@home.test`,
        type: 'unavailable',
        status: 'off to bed',
      });
      await gone;
      await phone.sendText(contact, 'soup?');
      await gateway.sees('message', { body: 'soup?', to: `grandma@${domain}` });
      assert.equal((await phone.next('NewMessage')).ContentData, 'echo: soup?');

      // While nobody is signed in messages wait, as from anybody.
      await phone.signOut();
      await gateway.do({
        do: 'message',
        from: `grandma@${domain}/gw`,
        to: `${name}@home.test`,
        body: 'dinner is ready',
      });
      using again = makePhone(onesoup.csp, { user, password, personality, cir });
      await again.start('PWD');
      const message = await again.next('NewMessage');
      assert.equal(message.ContentData, 'dinner is ready');
      assert.equal(message.MessageInfo.Sender?.User?.UserID, contact);
      await again.signOut();
      assert.deepEqual([...phone.complaints, ...again.complaints], []);
    });

  test('XEP-0356 as slixmpp speaks it: rosters, pushes, messages in a user’s name, presence of users', async () => {
    const roster = await gateway.do({ do: 'get-roster', to: 'bea@home.test' });
    const { items } = await gateway.sees('roster', {}, roster);
    assert.deepEqual(items, { [`grandma@${domain}`]: { name: '', subscription: 'both' } });
    await gateway.do({
      do: 'set-roster',
      to: 'bea@home.test',
      items: { [`uncle@${domain}`]: { name: 'Uncle', subscription: 'both', groups: ['Family'] } },
    });
    await friend.sees('item', { jid: `uncle@${domain}`, name: 'Uncle', subscription: 'none', groups: ['Family'] });
    await gateway.do({ do: 'speak-for', from: 'cid@home.test', to: 'bea@home.test', body: 'in my name' });
    await friend.sees('message', { body: 'in my name', from: 'cid@home.test' });
    await gateway.sees('available', { from: 'bea@home.test/desk', to: domain });
  });

  test('a component speaks for its own domain only', async () => {
    const plain = await startGateway('plain.home.test', 'another');
    try {
      await plain.do({ do: 'spoof', from: 'bea@home.test', to: 'cid@home.test' });
      await plain.sees('disconnected');
    } finally {
      await plain.end();
    }
    // The line is on its way through a pipe when the component hears of its end.
    const told = /"component":"plain.home.test".*"condition":"invalid-from"/;
    for (let tries = 0; tries < 100 && !told.test(onesoup.output()); tries++) await sleep(50);
    assert.match(onesoup.output(), told);
  });

  test('a wrong secret does not get in, and a second connection does not push out the first', async () => {
    await assert.rejects(startGateway('plain.home.test', 'wrong'), /did not come online/);
    await assert.rejects(startGateway(), /did not come online/);
    await friend.do({ do: 'message', to: `grandma@${domain}`, body: 'still there?' });
    await friend.sees('message', { body: 'echo: still there?' });
    assert.doesNotMatch(onesoup.output(), /correct horse/);
  });

  test('when it is killed what is sent to it comes back; the next one takes over where it was', async () => {
    await gateway.end('SIGKILL');
    await friend.do({ do: 'message', to: `grandma@${domain}`, body: 'anybody?' });
    await friend.sees('error', { kind: 'message', condition: 'remote-server-timeout', from: `grandma@${domain}` });
    gateway = await startGateway();
    await friend.do({ do: 'message', to: `grandma@${domain}`, body: 'back?' });
    await friend.sees('message', { body: 'echo: back?' });
  });
});
