// biboumi as a component of ours (XEP-0114), with a real IRC network behind it: a person on an XMPP client in a bridged
// channel, and the same person's phone in chat with somebody on IRC.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addressOfJid, addressOfRoom, formatAddress } from '../../src/imps/address.ts';
import { strict, wbxml12 } from '../../src/imps/client/personality.ts';
import type { StructureOf } from '../../src/imps/primitives.ts';
import { type Onesoup, prepareOnesoup } from '../peers/onesoup.ts';
import { makePhone, type Phone } from '../peers/phone.ts';
import { hasSlixmpp } from '../peers/slixmpp.ts';
import { type Biboumi, hasBiboumi, prepareBiboumi } from './biboumi.ts';
import { IrcUser } from './irc-user.ts';
import { hasNgircd, type Ngircd, startNgircd } from './ngircd.ts';
import { type Script, type ScriptEvent, startScript } from './script.ts';

const domain = 'irc.home.test';
const missing = [
  [hasSlixmpp(), 'python3-slixmpp'],
  [hasBiboumi(), 'biboumi'],
  [hasNgircd(), 'ngircd'],
].filter(([isThere]) => !isThere);
const skip =
  missing.length === 0 || process.env['CI'] ? false : `not installed: ${missing.map(([, name]) => name).join(', ')}`;

const isOnlineIn = (list: StructureOf<'PresenceSubList'> | undefined): unknown => {
  const [status] = list?.OnlineStatus ?? [];
  return typeof status === 'object' ? status.PresenceValue : undefined;
};

describe('biboumi', { skip }, () => {
  let onesoup: Onesoup;
  let biboumi: Biboumi;
  let ngircd: Ngircd;
  let laptop: Script;
  let bob: IrcUser;
  let room: string;

  const startLaptop = (jid: string): Promise<Script> =>
    startScript(jid, 'slixmpp-laptop.py', [jid, 'päss wörd', String(onesoup.ports.c2s)]);

  const connected = async (): Promise<void> => {
    for (const until = Date.now() + 20_000; Date.now() < until; ) {
      const after = await laptop.do({ do: 'ping', to: domain }).catch(() => undefined);
      if (after !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.fail(`biboumi did not connect:\n${biboumi.output()}`);
  };

  before(async () => {
    ngircd = await startNgircd();
    room = `#soup%${ngircd.address}@${domain}`;
    onesoup = await prepareOnesoup({
      components: [{ domain, secret: 'swordfish & <chips>', settings: { name: 'Internet Relay Chat' } }],
      extra: { limits: { resume_seconds: 2 } },
    });
    for (const name of ['ann', 'gus', 'hal']) await onesoup.addUser(name, 'päss wörd', { phone: true });
    await onesoup.start();
    biboumi = prepareBiboumi({ domain, secret: 'swordfish & <chips>', port: onesoup.ports.component });
    bob = await IrcUser.connect(ngircd.address, 'bob');
    bob.says('JOIN #soup');
    await bob.hears('the end of the names', / 366 /);
    bob.says('TOPIC #soup :today: leek');
    laptop = await startLaptop('ann@home.test/laptop');
  });
  after(async () => {
    await laptop?.end();
    bob?.leaves();
    await biboumi?.remove();
    await ngircd?.remove();
    await onesoup?.remove();
    assert.doesNotMatch(onesoup.output(), /swordfish/);
  });

  test('before it connects its domain is in the list of services, and says that it is away', async () => {
    await laptop.do({ do: 'services', to: 'home.test' });
    const { items } = await laptop.sees('services');
    assert(JSON.stringify(items).includes(JSON.stringify([domain, 'Internet Relay Chat'])), JSON.stringify(items));
    const after = await laptop.do({ do: 'message', to: `bob%${ngircd.address}@${domain}`, body: 'anybody?' });
    await laptop.sees('error', { kind: 'message', condition: 'remote-server-timeout', type: 'wait' }, after);
  });

  test('it connects, and is a gateway to IRC', async () => {
    biboumi.start();
    await connected();
    const after = await laptop.do({ do: 'identity', to: domain });
    const { identities } = await laptop.sees('identity', {}, after);
    assert.deepEqual(identities, ['conference/irc']);
    assert.match(onesoup.output(), /"msg":"component connected"/);
  });

  test('a bridged channel, from joining to leaving', async () => {
    await laptop.do({ do: 'join', to: room, nick: 'ann' });
    await laptop.sees('occupant', { nick: 'bob', type: 'available' });
    const self = await laptop.events.until(
      'her own presence',
      (e) => e.event === 'occupant' && e['nick'] === 'ann' && (e['codes'] as number[]).includes(110),
    );
    assert.equal(self['room'], room);
    await laptop.sees('subject', { text: 'today: leek' });
    await bob.hears('ann joining', /^:ann!\S+ JOIN :?#soup/);

    await laptop.do({ do: 'message', to: room, type: 'groupchat', body: 'Grüße <&> "alle" ☕' });
    await bob.hears('her line', /^:ann!\S+ PRIVMSG #soup :Grüße <&> "alle" ☕$/);
    await laptop.sees('message', { type: 'groupchat', from: `${room}/ann`, body: 'Grüße <&> "alle" ☕' });
    bob.says('PRIVMSG #soup :is <there> any left?');
    await laptop.sees('message', { type: 'groupchat', from: `${room}/bob`, body: 'is <there> any left?' });

    bob.says('PRIVMSG ann :psst');
    await laptop.sees('message', { type: 'chat', from: `bob%${ngircd.address}@${domain}`, body: 'psst' });
    await laptop.do({ do: 'message', to: `${room}/bob`, body: 'yes?' });
    await bob.hears('her whisper', /^:ann!\S+ PRIVMSG bob :yes\?$/);

    await laptop.do({ do: 'rename', to: room, nick: 'anna' });
    await bob.hears('her new nick', /^:ann!\S+ NICK :?anna$/);
    await laptop.do({ do: 'rename', to: room, nick: 'ann' });
    await bob.hears('her old nick', /^:anna!\S+ NICK :?ann$/);
    bob.says('NICK robert');
    const renamed = await laptop.sees('occupant', { nick: 'bob', type: 'unavailable' });
    assert.deepEqual(renamed['codes'], [303]);
    await laptop.sees('occupant', { nick: 'robert', type: 'available' });
    bob.says('NICK bob');
    await laptop.sees('occupant', { nick: 'robert', type: 'unavailable' });

    bob.says('PART #soup :gone cooking');
    const after = laptop.events.all.length;
    await laptop.sees('occupant', { nick: 'bob', type: 'unavailable' }, Math.max(0, after - 3));
    bob.says('JOIN #soup');
    await laptop.sees('occupant', { nick: 'bob', type: 'available' }, after);
    await laptop.do({ do: 'leave', to: room, nick: 'ann' });
    await bob.hears('her going', /^:ann!\S+ (PART #soup|QUIT)/);
    await laptop.sees('presence', { from: `${room}/ann`, type: 'unavailable' }, after);
  });

  const wvOf = (jid: string): string => formatAddress(addressOfJid(jid) ?? assert.fail(jid));

  /** Contacts of the phone's, in its default list and subscribed to. */
  const addContacts = async (phone: Phone, contacts: Record<string, string>): Promise<void> => {
    const list = (await phone.contactLists()).at(-1) ?? assert.fail('there is always a default list');
    await phone.readList(list);
    await phone.manageList({
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { NickName: Object.entries(contacts).map(([Name, UserID]) => ({ Name, UserID })) },
    });
    assert.equal(await phone.subscribe({ lists: [list] }), 200);
  };

  for (const [name, what, personality] of [
    ['gus', 'WBXML, 1.2', wbxml12],
    ['hal', 'strict like S60', strict],
  ] as const)
    test(`a phone (${what}) joins a channel, whispers with somebody on IRC, and sees the network come and go`, async () => {
      const group = formatAddress(addressOfRoom(room) ?? assert.fail(room));
      const [wvBob, wvServer] = [wvOf(`bob%${ngircd.address}@${domain}`), wvOf(`${ngircd.address}@${domain}`)];
      using phone = makePhone(onesoup.csp, { user: `wv:${name}@home.test`, password: 'päss wörd', personality });
      await phone.start('PWD');
      // biboumi says yes to everybody who wants to see a network, and shows it while one is on it.
      await addContacts(phone, { 'Bob on IRC': wvBob, 'the network': wvServer });
      const sees = (isOnline: boolean): Promise<unknown> =>
        phone.next('PresenceNotification-Request', ({ Presence }) =>
          (Presence ?? []).some(
            ({ UserID, PresenceSubList }) => UserID === wvServer && isOnlineIn(PresenceSubList?.[0]) === isOnline,
          ),
        );

      const online = sees(true);
      const joined = await phone.request(
        {
          name: 'JoinGroup-Request',
          GroupID: group,
          ScreenName: { SName: name, GroupID: group },
          JoinedRequest: true,
          SubscribeNotification: true,
        },
        'JoinGroup-Response',
      );
      assert.match(JSON.stringify(joined), /"SName":"bob"/);
      await bob.hears('the phone coming in', new RegExp(`^:${name}!\\S+ JOIN :?#soup`));
      await online;

      const says = (text: string): Promise<number> =>
        phone.codeFor({
          name: 'SendMessage-Request',
          DeliveryReport: false,
          MessageInfo: {
            ContentType: 'text/plain',
            ContentSize: text.length,
            Recipient: { Group: [{ GroupID: group }] },
            Sender: { User: { UserID: `wv:${name}@home.test` } },
          },
          ContentData: text,
        });
      assert.equal(await says('hello <all> & ☕'), 200);
      await bob.hears('the phone', new RegExp(`^:${name}!\\S+ PRIVMSG #soup :hello <all> & ☕$`));
      bob.says(`PRIVMSG #soup :welcome ${name} <&>`);
      // biboumi also tells by messages how it fares with the network.
      const heard = await phone.next('NewMessage', ({ ContentData }) => ContentData === `welcome ${name} <&>`);
      assert.deepEqual(heard.MessageInfo.Sender?.Group?.ScreenName, { SName: 'bob', GroupID: group });

      await phone.sendText(wvBob, 'are you there?');
      await bob.hears('the whisper', new RegExp(`^:${name}!\\S+ PRIVMSG bob :are you there\\?$`));
      bob.says(`PRIVMSG ${name} :what is that beeping?`);
      const whisper = await phone.next('NewMessage', ({ ContentData }) => ContentData === 'what is that beeping?');
      assert.equal(whisper.MessageInfo.Sender?.User?.UserID, wvBob);

      const left = await phone.request({ name: 'LeaveGroup-Request', GroupID: group }, 'LeaveGroup-Response');
      assert.equal(left.Result.Code, 200);
      await bob.hears('the phone going', new RegExp(`^:${name}!\\S+ (PART #soup|QUIT)`));

      // biboumi stops in good order, and with it the way to the network.
      const offline = sees(false);
      await biboumi.stop();
      await offline;
      biboumi.start();
      await connected();
      await phone.signOut();
      assert.deepEqual(phone.complaints, []);
    });

  test('what somebody on IRC writes to a laptop that has lost its network reaches the phone', async () => {
    using phone = makePhone(onesoup.csp, { user: 'wv:ann@home.test', password: 'päss wörd', personality: wbxml12 });
    await phone.start('PWD');
    const other = await startLaptop('ann@home.test/lost');
    await other.do({ do: 'join', to: room, nick: 'ann' });
    await other.sees('occupant', { nick: 'bob', type: 'available' });
    await other.end('SIGKILL');
    bob.says('PRIVMSG ann :did you get this?');
    const message = await phone.next('NewMessage', ({ ContentData }) => ContentData === 'did you get this?');
    assert.equal(message.MessageInfo.Sender?.User?.UserID, wvOf(`bob%${ngircd.address}@${domain}`));
    await phone.signOut();
  });

  test('killed, its users are told; back again, they go on; the same for a server that starts anew', async () => {
    const joining = await laptop.do({ do: 'join', to: room, nick: 'ann' });
    await laptop.sees('subject', {}, joining);
    const heard = bob.lines.all.length;
    await biboumi.stop('SIGKILL');
    const away = await laptop.do({ do: 'message', to: room, type: 'groupchat', body: 'lost?' });
    await laptop.sees('error', { kind: 'message', condition: 'remote-server-timeout' }, away);
    assert.match(onesoup.output(), /"msg":"component disconnected"/);

    await bob.lines.until('her nick to be free', (line) => /^:ann!\S+ QUIT/.test(line), { after: heard });
    biboumi.start();
    await connected();
    const again = await laptop.do({ do: 'join', to: room, nick: 'ann' });
    await laptop.sees('occupant', { nick: 'bob', type: 'available' }, again);

    await laptop.end();
    await onesoup.stop();
    await onesoup.start();
    laptop = await startLaptop('ann@home.test/laptop');
    await connected();
    // biboumi may still be taking leave of the network for her, and drops a join that comes meanwhile.
    const after = laptop.events.all.length;
    const isBob = (one: ScriptEvent): boolean => one.event === 'occupant' && one['nick'] === 'bob';
    let isThere = false;
    for (let tries = 0; tries < 6 && !isThere; tries++) {
      await laptop.do({ do: 'join', to: room, nick: 'ann' });
      isThere = await laptop.events.until('bob', isBob, { after, withinMs: 3_000 }).then(
        () => true,
        () => false,
      );
    }
    assert(isThere, biboumi.output());
  });
});
