// XEP-0356: what a component may do in the name of our accounts, and nothing beyond it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScriptedComponent } from '../../../xmpp/component/scripted-component.ts';
import { stanzaFromText } from '../../../xmpp/stanza-text.ts';
import type { Privileges } from '../settings.ts';
import { type ComponentWorld, inWorld, sms } from '../testing.ts';

const privilege = 'urn:xmpp:privilege:2';
const withPrivileges = (privileges: Privileges, work: (world: ComponentWorld) => Promise<void>): Promise<void> =>
  inWorld(work, { privileges });

/** Everything the component was told so far. */
const told = async (world: ComponentWorld, peer: ScriptedComponent): Promise<string> => {
  await world.settle();
  const { text } = peer;
  peer.text = '';
  return text;
};

test('§4.2: it is told its privileges, by each domain; a component without any is told nothing', async () => {
  const full: Privileges = {
    roster: 'both',
    message: 'outgoing',
    presence: 'roster',
    iq: [{ namespace: 'http://jabber.org/protocol/pubsub', type: 'set' }],
  };
  await withPrivileges(full, async (world) => {
    const text = await told(world, await world.connect());
    const perms =
      "<privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both' push='true'/><perm access='message' type='outgoing'/><perm access='iq'><namespace ns='http://jabber.org/protocol/pubsub' type='set'/></perm><perm access='presence' type='roster'/></privilege>";
    assert.equal(text.split(perms).length - 1, 2, text);
    assert.match(text, /^<message from='home.test' to='sms.home.test' id='[^']+'>/);
    assert.match(text, /<message from='away.test' to='sms.home.test' /);
  });
  await withPrivileges({ roster: 'set' }, async (world) =>
    assert.match(await told(world, await world.connect()), /<perm access='roster' type='set' push='false'\/>/),
  );
  await withPrivileges({}, async (world) => assert.equal(await told(world, await world.connect()), ''));
});

const getRoster =
  "<iq from='sms.home.test' to='mila@home.test' type='get' id='g'><query xmlns='jabber:iq:roster'/></iq>";
const setItem = (jid: string, more = ''): string =>
  `<iq from='sms.home.test' to='mila@home.test' type='set' id='s'><query xmlns='jabber:iq:roster'><item jid='${jid}' name='Grandma' ${more}><group>SMS</group></item></query></iq>`;

test('§4.3: reads and changes a roster as the account could; subscriptions stay the people’s own', () =>
  withPrivileges({ roster: 'both' }, async (world) => {
    const mila = await world.signIn('mila');
    await mila.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");
    mila.received.length = 0;
    const peer = await world.connect();
    await told(world, peer);
    peer.says(setItem(`123@${sms}`, "subscription='both' ask='subscribe' approved='true'"));
    const item = `<item jid='123@${sms}' name='Grandma' subscription='none'><group>SMS</group></item>`;
    const text = await told(world, peer);
    assert.match(text, /<iq from='mila@home.test' to='sms.home.test' type='result' id='s'\/>/);
    // §4.4: it hears of its own change like everybody who is interested.
    assert.match(
      text,
      /<iq from='mila@home.test' to='sms.home.test' type='set' id='[^']+'><query xmlns='jabber:iq:roster'/,
    );
    assert(text.includes(item), text);
    await mila.receives(
      `<iq type='set' id='*' to='mila@home.test/phone'><query xmlns='jabber:iq:roster' ver='*'>${item}</query></iq>`,
    );
    peer.says(getRoster);
    const roster = await told(world, peer);
    assert.match(
      roster,
      /<iq from='mila@home.test' to='sms.home.test' type='result' id='g'><query xmlns='jabber:iq:roster' ver='/,
    );
    assert(roster.includes(item), roster);
    // Somebody else's change is pushed as well; the answer to a push goes nowhere.
    await mila.sends("<iq type='set' id='2'><query xmlns='jabber:iq:roster'><item jid='anna@home.test'/></query></iq>");
    const push = await told(world, peer);
    assert.match(push, /type='set' .*<item jid='anna@home.test' subscription='none'\/>/);
    mila.received.length = 0;
    peer.says(`<iq from='${sms}' to='mila@home.test' type='result' id='${/id='([^']+)'/.exec(push)?.[1]}'/>`);
    peer.says(setItem(`123@${sms}`, "subscription='remove'"));
    assert.match(await told(world, peer), /<item jid='123@sms.home.test' subscription='remove'\/>/);
    peer.says(setItem('nobody@', ''));
    assert.match(await told(world, peer), /<jid-malformed /);
    peer.says(getRoster.replace('mila', 'nobody'));
    assert.match(await told(world, peer), /<item-not-found /);
  }));

for (const [privileges, mayGet, maySet] of [
  [{}, false, false],
  [{ roster: 'get' }, true, false],
  [{ roster: 'set' }, false, true],
  [{ roster: 'both' }, true, true],
] as const satisfies readonly (readonly [Privileges, boolean, boolean])[])
  test(`§4: roster ${JSON.stringify(privileges)}: get ${mayGet}, set ${maySet}, pushes ${mayGet}`, () =>
    withPrivileges(privileges, async (world) => {
      const mila = await world.signIn('mila');
      const peer = await world.connect();
      await told(world, peer);
      peer.says(getRoster);
      assert.match(await told(world, peer), mayGet ? /type='result' id='g'/ : /type='error' id='g'.*<forbidden /);
      peer.says(setItem(`123@${sms}`));
      assert.match(await told(world, peer), maySet ? /type='result' id='s'/ : /type='error' id='s'.*<forbidden /);
      // An address on the component's domain is not the component.
      peer.says(getRoster.replace("'sms.home.test'", "'nick@sms.home.test'"));
      assert.match(await told(world, peer), /<forbidden /);
      await mila.sends(
        "<iq type='set' id='2'><query xmlns='jabber:iq:roster'><item jid='anna@home.test'/></query></iq>",
      );
      assert.equal(/anna@home.test/.test(await told(world, peer)), mayGet);
    }));

test('§4.1: push false: no pushes, and it is told so', () =>
  withPrivileges({ roster: 'both', rosterPush: false }, async (world) => {
    const peer = await world.connect();
    assert.match(await told(world, peer), /push='false'/);
    const mila = await world.signIn('mila');
    await mila.sends("<iq type='set' id='2'><query xmlns='jabber:iq:roster'><item jid='a@home.test'/></query></iq>");
    assert.equal(await told(world, peer), '');
  }));

const wrapped = (from: string, to = 'anna@home.test', wrapper = "from='sms.home.test' to='home.test'"): string =>
  `<message ${wrapper} id='w'><privilege xmlns='${privilege}'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='${from}' to='${to}' id='i' type='chat'><body>hi</body></message></forwarded></privilege></message>`;

test('§5: sends messages in the name of accounts and of the domain, to anybody', () =>
  withPrivileges({ message: 'outgoing' }, async (world) => {
    await world.server.addAccount('mila');
    const anna = await world.signIn('anna');
    await anna.sends('<presence/>');
    anna.received.length = 0;
    const peer = await world.connect();
    peer.says(wrapped('mila@home.test') + wrapped('home.test') + wrapped('mila@home.test', `7@${sms}`));
    await world.settle();
    await anna.receives(
      `<message from='mila@home.test' to='anna@home.test' id='i' type='chat'><body>hi</body></message>
       <message from='home.test' to='anna@home.test' id='i' type='chat'><body>hi</body></message>`,
      { anyOrder: true },
    );
    assert.match(await told(world, peer), /<message from='mila@home.test' to='7@sms.home.test' type='chat' id='i'>/);
    // As slixmpp 1.8 writes it: in the namespace of the component's stream.
    peer.says(wrapped('mila@home.test').replace("xmlns='jabber:client'", "xmlns='jabber:component:accept'"));
    await world.settle();
    await anna.receives(
      `<message from='mila@home.test' to='anna@home.test' id='i' type='chat'><body>hi</body></message>`,
    );
  }));

test('§5: what it may not send is forbidden, and reaches nobody', async () => {
  const cases: readonly (readonly [Privileges, string, RegExp])[] = [
    [{}, wrapped('mila@home.test'), /<forbidden /],
    [{ roster: 'both', iq: [] }, wrapped('mila@home.test'), /<forbidden /],
    [{ message: 'outgoing' }, wrapped('mila@home.test/phone'), /<forbidden /],
    [{ message: 'outgoing' }, wrapped('nobody@home.test'), /<forbidden /],
    [{ message: 'outgoing' }, wrapped('x@elsewhere.test'), /<forbidden /],
    [{ message: 'outgoing' }, wrapped(`7@${sms}`), /<forbidden /],
    [{ message: 'outgoing' }, wrapped('a@b@c'), /<jid-malformed /],
    [
      { message: 'outgoing' },
      wrapped('mila@home.test', undefined, "from='nick@sms.home.test' to='home.test'"),
      /<forbidden /,
    ],
    [
      { message: 'outgoing' },
      wrapped('mila@home.test', undefined, "from='sms.home.test' to='mila@home.test'"),
      /<forbidden /,
    ],
    [
      { message: 'outgoing' },
      `<message from='${sms}' to='home.test' id='w'><privilege xmlns='${privilege}'/></message>`,
      /<bad-request /,
    ],
  ];
  for (const [privileges, text, answer] of cases)
    await withPrivileges(privileges, async (world) => {
      await world.server.addAccount('mila');
      const anna = await world.signIn('anna');
      await anna.sends('<presence/>');
      anna.received.length = 0;
      const peer = await world.connect();
      await told(world, peer);
      peer.says(text);
      const said = await told(world, peer);
      assert.match(said, /type='error' id='w'/, text);
      assert.match(said, answer, text);
      await anna.receivesNothing();
    });
});

test('§8: not even a privileged entity writes to whom the account has blocked', () =>
  withPrivileges({ message: 'outgoing', iq: [{ namespace: 'x', type: 'get' }] }, async (world) => {
    const mila = await world.signIn('mila');
    const anna = await world.signIn('anna');
    await anna.sends('<presence/>');
    anna.received.length = 0;
    await mila.sends(
      "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='anna@home.test'/></block></iq>",
    );
    const peer = await world.connect();
    peer.says(wrapped('mila@home.test') + privilegedIq());
    const text = await told(world, peer);
    assert.equal(text.match(/<not-acceptable /g)?.length, 2, text);
    await anna.receivesNothing();
  }));

const privilegedIq = ({
  to = 'mila@home.test',
  type = 'get',
  inner = "type='get' to='anna@home.test/phone' id='i'",
  payload = "<x xmlns='x'/>",
  from = sms,
} = {}): string =>
  `<iq from='${from}' to='${to}' type='${type}' id='o'><privileged_iq xmlns='${privilege}'><iq xmlns='jabber:client' ${inner}>${payload}</iq></privileged_iq></iq>`;

test('§6: asks in the name of an account, and gets the answer forwarded; only the addressee answers', () =>
  withPrivileges({ iq: [{ namespace: 'x', type: 'get' }] }, async (world) => {
    await world.server.addAccount('mila');
    const anna = await world.signIn('anna');
    const peer = await world.connect();
    await told(world, peer);
    peer.says(privilegedIq());
    await world.settle();
    const [asked] = anna.received;
    assert(asked);
    assert.equal(asked.from?.toString(), 'mila@home.test');
    assert.notEqual(asked.id, 'i', 'an id that nobody can guess');
    // Eve knows the id, and is somebody else.
    const eve = await world.signIn('eve');
    await eve.sends(`<iq type='result' to='mila@home.test' id='${asked.id}'><y xmlns='y'/></iq>`);
    assert.equal(await told(world, peer), '');
    await anna.sends(`<iq type='result' to='mila@home.test' id='${asked.id}'><y xmlns='y'>yes</y></iq>`);
    assert.equal(
      await told(world, peer),
      `<iq from='mila@home.test' to='${sms}' type='result' id='o'><privilege xmlns='${privilege}'><forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' type='result' id='i' from='anna@home.test/phone' to='mila@home.test'><y xmlns='y'>yes</y></iq></forwarded></privilege></iq>`,
    );
    // The same answer once more says nothing.
    await anna.sends(`<iq type='result' to='mila@home.test' id='${asked.id}'/>`);
    assert.equal(await told(world, peer), '');
  }));

test('§6: the account asks itself, an error is an answer, and no answer comes in time', () =>
  withPrivileges(
    {
      iq: [
        { namespace: 'http://jabber.org/protocol/pubsub', type: 'both' },
        { namespace: 'x', type: 'get' },
      ],
    },
    async (world) => {
      await world.server.addAccount('mila');
      const anna = await world.signIn('anna');
      const peer = await world.connect();
      await told(world, peer);
      peer.says(
        privilegedIq({
          type: 'set',
          inner: "type='set' id='i'",
          payload:
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:note'><item id='1'><note xmlns='urn:note'>x</note></item></publish></pubsub>",
        }),
      );
      const published = await told(world, peer);
      assert.match(
        published,
        /type='result' id='o'><privilege .*<iq xmlns='jabber:client' type='result' id='i'.*<publish /,
      );
      peer.says(privilegedIq({ inner: "type='get' to='nobody@home.test' id='i'" }));
      assert.match(
        await told(world, peer),
        /type='result' id='o'><privilege .*<iq xmlns='jabber:client' type='error' id='i'.*<service-unavailable/,
      );
      peer.says(privilegedIq());
      await world.settle();
      assert.equal(anna.received.length, 1);
      world.server.clock.advance(120_000);
      assert.match(await told(world, peer), /type='error' id='o'.*<remote-server-timeout /);
    },
  ));

test('§6.3: everything on the list is forbidden', () =>
  withPrivileges({ iq: [{ namespace: 'x', type: 'get' }] }, async (world) => {
    await world.server.addAccount('mila');
    const anna = await world.signIn('anna');
    const peer = await world.connect();
    await told(world, peer);
    for (const text of [
      privilegedIq({ to: 'mila@home.test/phone' }),
      privilegedIq({ to: 'nobody@home.test' }),
      privilegedIq({ to: 'home.test' }),
      privilegedIq({ payload: "<x xmlns='z'/>" }),
      privilegedIq({ type: 'set', inner: "type='set' to='anna@home.test/phone' id='i'" }),
      privilegedIq({ type: 'set' }),
      privilegedIq({ inner: "type='result' to='anna@home.test/phone' id='i'" }),
      privilegedIq({ inner: "type='get' from='mila@home.test/phone' to='anna@home.test/phone' id='i'" }),
      privilegedIq({ inner: "type='get' from='anna@home.test' to='anna@home.test/phone' id='i'" }),
      privilegedIq().replace("xmlns='jabber:client'", "xmlns='jabber:server'"),
      privilegedIq({ from: `nick@${sms}` }),
      privilegedIq({ payload: '' }),
    ]) {
      peer.says(text);
      const said = await told(world, peer);
      assert.match(said, /type='error' id='o'/, text);
      assert.match(said, /<forbidden /, text);
    }
    await anna.receivesNothing();
    // Allowed, but not fit to be sent.
    peer.says(privilegedIq({ inner: "type='get' to='a@b@c' id='i'" }));
    assert.match(await told(world, peer), /<jid-malformed /);
    peer.says(privilegedIq({ inner: "type='get' to='anna@home.test'" }));
    assert.match(await told(world, peer), /<bad-request /);
    peer.says(privilegedIq({ payload: "<x xmlns='x'/><x xmlns='x'/>" }));
    assert.match(await told(world, peer), /<bad-request /);
  }));

test('§7.1: the accounts’ own presence, also what was there before it connected; nothing of others', () =>
  withPrivileges({ presence: 'managed_entity' }, async (world) => {
    await world.befriend('mila', 'anna@home.test');
    await world.befriend('anna', 'mila@home.test');
    await world.befriend('mila', 'carl@elsewhere.test');
    const mila = await world.signIn('mila');
    await mila.sends('<presence><status>soup</status></presence>');
    const peer = await world.connect();
    assert.match(
      await told(world, peer),
      /<presence from='mila@home.test\/phone' to='sms.home.test'><status>soup<\/status><\/presence>$/,
    );
    const anna = await world.signIn('anna');
    await anna.sends('<presence/>');
    assert.equal(await told(world, peer), "<presence from='anna@home.test/phone' to='sms.home.test'/>");
    await world.server.route(stanzaFromText("<presence from='carl@elsewhere.test/x' to='mila@home.test'/>"));
    assert.equal(await told(world, peer), '');
    await mila.sends("<presence to='room@elsewhere.test/mila'/><presence type='subscribe' to='x@elsewhere.test'/>");
    assert.equal(await told(world, peer), '');
    await mila.link.close();
    assert.equal(
      await told(world, peer),
      "<presence from='mila@home.test/phone' to='sms.home.test' type='unavailable'/>",
    );
  }));

test('§7.4: contacts’ presence too, once for all who see it, also for accounts that are not there', () =>
  withPrivileges({ presence: 'roster', roster: 'get' }, async (world) => {
    const arrives = (text: string): Promise<void> => world.server.route(stanzaFromText(text));
    for (const name of ['mila', 'anna']) await world.befriend(name, 'carl@elsewhere.test');
    const peer = await world.connect();
    await told(world, peer);
    for (const name of ['mila', 'anna'])
      await arrives(`<presence from='carl@elsewhere.test/x' to='${name}@home.test'><show>away</show></presence>`);
    assert.equal(
      await told(world, peer),
      "<presence from='carl@elsewhere.test/x' to='sms.home.test'><show>away</show></presence>",
    );
    // A stranger's directed presence is nobody's contact's.
    await arrives("<presence from='eve@elsewhere.test/x' to='mila@home.test'/>");
    assert.equal(await told(world, peer), '');
    // Gone for one of them only: still seen by the other.
    await arrives("<presence from='carl@elsewhere.test/x' to='mila@home.test' type='unavailable'/>");
    assert.equal(await told(world, peer), '');
    await arrives("<presence from='carl@elsewhere.test/x' to='anna@home.test' type='unavailable'/>");
    assert.equal(
      await told(world, peer),
      "<presence from='carl@elsewhere.test/x' to='sms.home.test' type='unavailable'/>",
    );
    // Two resources, and a goodbye from the bare address; a contact removed.
    for (const resource of ['1', '2'])
      await arrives(`<presence from='carl@elsewhere.test/${resource}' to='mila@home.test'/>`);
    await told(world, peer);
    await arrives("<presence from='carl@elsewhere.test' to='mila@home.test' type='unavailable'/>");
    assert.equal(
      (await told(world, peer)).match(/carl@elsewhere.test\/[12]' to='sms.home.test' type='unavailable'/g)?.length,
      2,
    );
    await arrives("<presence from='carl@elsewhere.test/1' to='mila@home.test'/>");
    await told(world, peer);
    const mila = await world.signIn('mila');
    await mila.sends(
      "<iq type='set' id='1'><query xmlns='jabber:iq:roster'><item jid='carl@elsewhere.test' subscription='remove'/></query></iq>",
    );
    assert.match(
      await told(world, peer),
      /<presence from='carl@elsewhere.test\/1' to='sms.home.test' type='unavailable'\/>/,
    );
  }));

test('§7.4: a contact with endless presence, and endless resources of it, is kept in bounds', () =>
  withPrivileges({ presence: 'roster', roster: 'get' }, async (world) => {
    await world.befriend('mila', 'carl@elsewhere.test');
    const peer = await world.connect();
    await told(world, peer);
    const from = (resource: string, said: string): Promise<void> =>
      world.server.route(
        stanzaFromText(`<presence from='carl@elsewhere.test/${resource}' to='mila@home.test'>${said}</presence>`),
      );
    await from('big', `<show>away</show><status>${'x'.repeat(20_000)}</status>`);
    assert.equal(
      await told(world, peer),
      "<presence from='carl@elsewhere.test/big' to='sms.home.test'><show>away</show></presence>",
    );
    for (let n = 0; n < 100; n++) await from(`r${n}`, '');
    assert.equal((await told(world, peer)).match(/<presence /g)?.length, 31);
  }));
