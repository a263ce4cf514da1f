// What no well-behaved server does: the services over a server that does as it is told.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plain, strict, wbxml12 } from '../../imps/client/personality.ts';
import { codeOf } from '../../imps/client/strict.ts';
import { el } from '../../xml/element.ts';
import { parseChildren } from '../../xml/reader.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza, type StanzaKind } from '../../xmpp/stanza.ts';
import { blockRequest, getPresence, seen } from '../suite/shapes.ts';
import { scriptedStage } from '../suite/stage.ts';
import type { Handset } from '../suite/world.ts';
import { capsHash } from './client/caps.ts';

const mila = Jid.from('mila@home.test');
const tomas = Jid.from('tomas@home.test');
const wvTomas = 'wv:tomas@home.test';
const disco = 'http://jabber.org/protocol/disco#info';

const stage = scriptedStage();

/** `<item/>` for Tomas, who shows his presence and sees ours. */
const friendItem = el('item', { jid: tomas.toString(), name: 'Tomas', subscription: 'both' });
const stanza = (xml: string): Stanza => {
  const read = parseChildren(xml, 'jabber:client');
  const [element] = read.ok ? read.value : [];
  if (typeof element !== 'object') throw new SyntaxError(xml);
  const { from, type, id } = element.attrs;
  const head = { kind: element.name as StanzaKind, type, id, from: from === undefined ? undefined : Jid.from(from) };
  return Stanza.make(head, ...element.children.filter((one) => typeof one !== 'string'));
};
const settled = (): Promise<void> => stage.world.ground.pass(50);
const arrives = async (xml: string): Promise<void> => {
  await stage.server.delivers(stanza(xml));
  await settled();
};
const texts = async (phone: Handset): Promise<unknown[]> => {
  for (let n = 0; n < 4; n++) await phone.csp.poll();
  await settled();
  return phone.arrived.splice(0).flatMap((one) => (one.name === 'NewMessage' ? [one.ContentData] : []));
};

describe('contact lists', () => {
  test('a server that does not give the roster is not an empty roster', async () => {
    let isBroken = true;
    stage.server.roster.push(friendItem);
    stage.server.answer = (request) =>
      isBroken && request.has('query', 'jabber:iq:roster') ? request.error('internal-server-error') : undefined;
    const phone = await stage.world.phone(mila, plain);
    assert.equal(await phone.csp.codeFor({ name: 'GetList-Request' }), 500);
    isBroken = false;
    const [list = ''] = await phone.csp.contactLists();
    assert.deepEqual((await phone.csp.readList(list)).NickList?.NickName, [{ Name: 'Tomas', UserID: wvTomas }]);
  });

  test('a contact the server refuses is told with its reason', async () => {
    stage.server.answer = (request) =>
      request.type === 'set' && request.has('query', 'jabber:iq:roster')
        ? request.error('policy-violation')
        : undefined;
    const phone = await stage.world.phone(mila, plain);
    const [list = ''] = await phone.csp.contactLists();
    const answer = await phone.csp.request({
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { UserID: [wvTomas] },
    });
    assert.equal(codeOf(answer), 754);
  });

  test('a roster push that is not from the account is refused and changes nothing', async () => {
    stage.server.roster.push(friendItem);
    const phone = await stage.world.phone(mila, plain);
    const [list = ''] = await phone.csp.contactLists();
    const forged = (from: string): string =>
      `<iq type='set' id='p1' from='${from}'><query xmlns='jabber:iq:roster'><item jid='${tomas}' subscription='remove'/></query></iq>`;
    await arrives(forged('evil@away.test/x'));
    assert.equal(stage.server.take((one) => one.kind === 'iq' && one.id === 'p1')[0]?.type, 'error');
    assert.equal((await phone.csp.readList(list)).NickList?.NickName?.length, 1);
    await arrives(forged(mila.toString()));
    assert.equal(stage.server.take((one) => one.kind === 'iq' && one.id === 'p1')[0]?.type, 'result');
    assert.equal((await phone.csp.readList(list)).NickList?.NickName?.length ?? 0, 0);
  });
});

describe('presence', () => {
  const isPresence = (one: Stanza): boolean => one.kind === 'presence' && one.type === undefined && !one.to;
  const events = (): string[] =>
    stage.server
      .take((one) => one.has('pubsub', 'http://jabber.org/protocol/pubsub'))
      .map((one) => one.inner.replace(/^.*?<publish node='([^']*)'>.*?<item[^>]*>(.*)<\/item>.*$/, '$1 $2'));

  test('nick, mood and location go out as personal events where the server has them, once, and are taken back', async () => {
    stage.server.identities = [el('identity', { category: 'pubsub', type: 'pep' })];
    const phone = await stage.world.phone(mila, wbxml12);
    const update = (PresenceSubList: object) => phone.csp.codeFor({ name: 'UpdatePresence-Request', PresenceSubList });
    const Alias = { Qualifier: true, PresenceValue: 'Mila' };
    assert.equal(await update({ Alias, StatusMood: { Qualifier: true, PresenceValue: 'HAPPY' } }), 200);
    await settled();
    const [shown] = stage.server.take(isPresence);
    assert.equal(shown?.has('nick', 'http://jabber.org/protocol/nick'), false);
    assert.deepEqual(events(), [
      "http://jabber.org/protocol/nick <nick xmlns='http://jabber.org/protocol/nick'>Mila</nick>",
      "http://jabber.org/protocol/mood <mood xmlns='http://jabber.org/protocol/mood'><happy/></mood>",
    ]);
    assert.equal(await update({ Alias }), 200);
    await settled();
    assert.deepEqual([...events(), ...stage.server.take(isPresence)], []);
    assert.equal(await update({ StatusMood: { Qualifier: false } }), 200);
    await settled();
    assert.deepEqual(events(), ["http://jabber.org/protocol/mood <mood xmlns='http://jabber.org/protocol/mood'/>"]);
  });

  test('without personal events only the nick goes out, in the presence', async () => {
    const phone = await stage.world.phone(mila, wbxml12);
    const PresenceSubList = {
      Alias: { Qualifier: true, PresenceValue: 'Mila' },
      StatusMood: { Qualifier: true, PresenceValue: 'HAPPY' },
    };
    assert.equal(await phone.csp.codeFor({ name: 'UpdatePresence-Request', PresenceSubList }), 200);
    await settled();
    assert.deepEqual(events(), []);
    assert.ok(
      stage.server.take(isPresence)[0]?.inner.includes("<nick xmlns='http://jabber.org/protocol/nick'>Mila</nick>"),
    );
  });

  test('a contact on a phone is shown as one, unless the hash does not add up', async () => {
    const info = el(
      'query',
      { xmlns: disco },
      el('identity', { category: 'client', type: 'phone' }),
      el('feature', { var: disco }),
    );
    stage.server.roster.push(friendItem);
    stage.server.answer = (request) => (request.to?.resource ? request.result(info) : undefined);
    const phone = await stage.world.phone(mila, plain);
    const device = async (ver: string): Promise<unknown> => {
      await arrives(
        `<presence from='${tomas}/x'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='${ver}'/></presence>`,
      );
      const answer = await phone.csp.request(getPresence(phone, tomas), 'GetPresence-Response');
      const [shown] = answer.Presence?.[0]?.PresenceSubList?.[0]?.ClientInfo ?? [];
      return shown && shown !== true && shown.ClientType;
    };
    await stage.world.ground.pass(3000);
    assert.equal(await device('forged='), 'COMPUTER');
    assert.equal(await device(capsHash(info)), 'MOBILE_PHONE');
    assert.equal(stage.server.take((one) => one.to?.resource === 'x').length, 2);
    assert.equal(await device(capsHash(info)), 'MOBILE_PHONE');
    assert.equal(stage.server.take((one) => one.to?.resource === 'x').length, 0);
  });

  test('presence and events of strangers are nobody’s', async () => {
    stage.server.roster.push(friendItem);
    const phone = await stage.world.phone(mila, plain);
    await stage.world.ground.pass(3000);
    const stranger = Jid.from('evil@away.test');
    await arrives(`<presence from='${stranger}/x'/>`);
    const answer = await phone.csp.request(getPresence(phone, stranger), 'GetPresence-Response');
    assert.deepEqual(seen(answer, stranger), {});
  });

  test('the first presence goes out by itself, after the roster was asked for', async () => {
    const phone = await stage.world.phone(mila, plain);
    assert.deepEqual(stage.server.take(isPresence), []);
    await stage.world.ground.pass(2100);
    assert.equal(stage.server.take(isPresence).length, 1);
    assert.ok(stage.server.sent.some((one) => one.has('query', 'jabber:iq:roster')));
    await stage.world.ground.pass(20_000);
    assert.equal(stage.server.take(isPresence).length, 0);
    assert.deepEqual(phone.csp.complaints, []);
  });
});

describe('messages', () => {
  const message = (id: string, body: string, more = '', type = 'chat'): string =>
    `<message from='${tomas}/x' type='${type}' id='${id}'>${body === '' ? '' : `<body>${body}</body>`}${more}</message>`;

  test('only what people wrote is shown', async () => {
    const phone = await stage.world.phone(mila, plain);
    const carbon = (which: string) =>
      `<${which} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>${message('c', 'copy')}</forwarded></${which}>`;
    await arrives(message('1', '', "<composing xmlns='http://jabber.org/protocol/chatstates'/>"));
    await arrives(message('2', 'copied', carbon('received')));
    await arrives(message('3', 'copied', carbon('sent')));
    await arrives(message('4', 'a room', '', 'groupchat'));
    await arrives(message('5', '', "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>"));
    assert.deepEqual(await texts(phone), []);
    await arrives(
      message(
        '6',
        'plain',
        "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><b>bold</b></body></html>",
      ),
    );
    await arrives(message('7', 'the rest', '<subject>The first</subject>', 'normal'));
    await arrives(message('8', 'news', '', 'headline'));
    await arrives(`<message from='home.test' id='9'><body>from the server</body></message>`);
    assert.deepEqual(await texts(phone), ['plain', 'The first\nthe rest', 'news', 'from the server']);
  });

  test('a stanza delivered again is shown once; the same words said again are shown again', async () => {
    const phone = await stage.world.phone(mila, plain);
    await arrives(message('1', 'hej'));
    await arrives(message('1', 'hej', "<delay xmlns='urn:xmpp:delay' stamp='2009-06-12T13:00:00Z'/>"));
    await arrives(message('2', 'hej'));
    await arrives(message('1', 'another, under a used id'));
    await arrives(`<message from='${tomas}/x' type='chat'><body>no id</body></message>`);
    await arrives(`<message from='${tomas}/x' type='chat'><body>no id</body></message>`);
    assert.deepEqual(await texts(phone), ['hej', 'hej', 'another, under a used id', 'no id', 'no id']);
  });

  test('what is too long for a phone that cannot fetch goes back to its sender', async () => {
    const phone = await stage.world.phone(mila, strict);
    await arrives(message('big', 'x'.repeat(140_000)));
    const [back] = stage.server.take((one) => one.kind === 'message' && one.type === 'error');
    assert.equal(back?.id, 'big');
    assert.ok(back?.inner.includes('policy-violation'));
    assert.deepEqual(await texts(phone), []);
    await arrives(message('fits', 'x'.repeat(60_000)));
    assert.equal(((await texts(phone))[0] as string).length, 60_000);
    assert.deepEqual(phone.csp.complaints, []);
  });

  test('what is too long to be pushed is announced', async () => {
    const phone = await stage.world.phone(mila, { ...plain, parserSize: 20_000 });
    await arrives(message('big', 'x'.repeat(25_000)));
    const told = await phone.receives('MessageNotification');
    assert.equal(told.MessageInfo.ContentSize, 25_000);
  });

  test('receipts go to those who may see the user, and only for messages that were read', async () => {
    const request = "<request xmlns='urn:xmpp:receipts'/>";
    stage.server.roster.push(friendItem);
    const phone = await stage.world.phone(mila, plain);
    await phone.csp.contactLists();
    await arrives(message('f', 'friend', request));
    await arrives(`<message from='evil@away.test/x' type='chat' id='s'><body>stranger</body>${request}</message>`);
    const receipts = () =>
      stage.server
        .take((one) => one.kind === 'message')
        .flatMap((one) => one.child('received', 'urn:xmpp:receipts')?.attrs.id ?? []);
    assert.deepEqual(receipts(), []);
    assert.deepEqual(await texts(phone), ['friend', 'stranger']);
    assert.deepEqual(receipts(), ['f']);
  });

  test('reports are for the phone’s own messages, from those it wrote to', async () => {
    const phone = await stage.world.phone(mila, plain);
    const id = await phone.csp.sendText(wvTomas, 'hej', { report: true });
    const silent = await phone.csp.sendText(wvTomas, 'no report');
    await settled();
    const received = (from: string, of: string): string =>
      `<message from='${from}' id='r'><received xmlns='urn:xmpp:receipts' id='${of}'/></message>`;
    await arrives(received('evil@away.test/x', id));
    await arrives(received(`${tomas}/x`, 'made-up'));
    await arrives(received(`${tomas}/x`, silent));
    await phone.receivesNo('DeliveryReport-Request');
    await arrives(received(`${tomas}/x`, id));
    await arrives(received(`${tomas}/x`, id));
    assert.equal((await phone.receives('DeliveryReport-Request')).MessageInfo.MessageID, id);
    await phone.receivesNo('DeliveryReport-Request');
    await arrives(
      `<message from='${tomas}' type='error' id='${silent}'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
    );
    assert.equal((await phone.receives('DeliveryReport-Request')).Result.Code, 507);
  });
});

describe('blocking', () => {
  test('where the server has none it holds for the phone, and the answer says so', async () => {
    stage.server.roster.push(friendItem);
    const phone = await stage.world.phone(mila, wbxml12);
    const block = await phone.csp.request(
      blockRequest(phone, { block: { inUse: true, AddList: { UserID: [wvTomas] } } }),
      'Status',
    );
    assert.deepEqual(
      [block.Result.Code, block.Result.Description],
      [200, 'Holds for this phone only: the server has no blocking.'],
    );
    await arrives(`<message from='${tomas}/x' type='chat' id='b'><body>hej</body></message>`);
    const [back] = stage.server.take((one) => one.kind === 'message');
    assert.ok(back?.id === 'b' && back.inner.includes('service-unavailable'));
    assert.deepEqual(await texts(phone), []);
    const listed = await phone.csp.request({ name: 'GetBlockedList-Request' }, 'GetBlockedList-Response');
    assert.deepEqual(listed.BlockList, { InUse: true, EntityList: { UserID: [wvTomas] } });
  });

  test('a block list changed by another client is seen; a forged change is not', async () => {
    stage.server.features = ['urn:xmpp:blocking'];
    stage.server.answer = (request) =>
      request.has('blocklist', 'urn:xmpp:blocking')
        ? request.result(el('blocklist', { xmlns: 'urn:xmpp:blocking' }))
        : undefined;
    const phone = await stage.world.phone(mila, wbxml12);
    const users = async () =>
      (await phone.csp.request({ name: 'GetBlockedList-Request' }, 'GetBlockedList-Response')).BlockList?.EntityList
        ?.UserID ?? [];
    const push = (from: string): string =>
      `<iq type='set' id='b1' from='${from}'><block xmlns='urn:xmpp:blocking'><item jid='${tomas}'/><item jid='spam.test'/></block></iq>`;
    await arrives(push('evil@away.test/x'));
    assert.deepEqual(await users(), []);
    await arrives(push(mila.toString()));
    assert.deepEqual(await users(), [wvTomas]);
  });
});

describe('the phone as a client', () => {
  test('disco#info by name and by hash, ping; other requests are refused', async () => {
    await stage.world.phone(mila, plain);
    await stage.world.ground.pass(3000);
    const caps = stage.server.sent
      .find((one) => one.kind === 'presence')
      ?.child('c', 'http://jabber.org/protocol/caps');
    const node = `${caps?.attrs.node}#${caps?.attrs.ver}`;
    const ask = async (child: string): Promise<Stanza | undefined> => {
      await arrives(`<iq type='get' id='q' from='${tomas}/x'>${child}</iq>`);
      return stage.server.take((one) => one.kind === 'iq' && one.id === 'q')[0];
    };
    const answer = await ask(`<query xmlns='${disco}' node='${node}'/>`);
    const query = answer?.child('query', disco);
    assert.equal(query && capsHash(query), caps?.attrs.ver);
    assert.equal((await ask(`<query xmlns='${disco}'/>`))?.type, 'result');
    assert.equal((await ask(`<query xmlns='${disco}' node='another'/>`))?.type, 'error');
    assert.equal((await ask("<ping xmlns='urn:xmpp:ping'/>"))?.type, 'result');
    assert.equal((await ask("<query xmlns='jabber:iq:last'/>"))?.type, 'error');
  });
});

describe('many contacts', () => {
  test('each sort of client is asked for once, a few at a time, and all get their turn', async () => {
    const infoOf = (n: number) =>
      el('query', { xmlns: disco }, el('identity', { category: 'client', type: 'phone', name: `model ${n}` }));
    const waiting: Stanza[] = [];
    let isHolding = true;
    stage.server.answer = (request) => {
      if (!request.to?.resource) return undefined;
      waiting.push(request);
      return isHolding ? null : request.result(infoOf(Number(request.to.resource)));
    };
    for (let n = 0; n < 20; n++) stage.server.roster.push(el('item', { jid: `c${n}@home.test`, subscription: 'both' }));
    const phone = await stage.world.phone(mila, plain);
    await stage.world.ground.pass(3000);
    for (let n = 0; n < 20; n++)
      await stage.server.delivers(
        stanza(
          `<presence from='c${n}@home.test/${n}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='${capsHash(infoOf(n))}'/></presence>`,
        ),
      );
    await settled();
    assert.equal(waiting.length, 8);
    isHolding = false;
    // Those that were held time out; their contacts stay computers.
    await stage.world.ground.pass(10_100);
    await settled();
    assert.equal(waiting.length, 20);
    const answer = await phone.csp.request(
      getPresence(phone, Jid.from('c0@home.test'), Jid.from('c19@home.test')),
      'GetPresence-Response',
    );
    const types = answer.Presence?.map(({ PresenceSubList }) => {
      const [info] = PresenceSubList?.[0]?.ClientInfo ?? [];
      return info && info !== true && info.ClientType;
    });
    assert.deepEqual(types, ['COMPUTER', 'MOBILE_PHONE']);
  });

  test('a large list is subscribed, told and published to in one go', async () => {
    const count = 800;
    for (let n = 0; n < count; n++)
      stage.server.roster.push(
        el('item', { jid: `c${n}@home.test`, subscription: 'both' }, el('group', null, `g${n % 5}`)),
      );
    const phone = await stage.world.phone(mila, { ...wbxml12, parserSize: 131_072, multiTrans: 3 });
    const lists = await phone.csp.contactLists();
    assert.equal(lists.length, 6);
    assert.equal(await phone.csp.subscribe({ lists }), 200);
    await stage.world.ground.pass(3100);
    for (let n = 0; n < 40; n++) await phone.csp.poll();
    await settled();
    const told = new Set(
      phone.arrived.flatMap((one) =>
        one.name === 'PresenceNotification-Request' ? one.Presence.map(({ UserID }) => UserID) : [],
      ),
    );
    assert.equal(told.size, count);
    assert.ok(phone.arrived.length <= count / 32, `${phone.arrived.length} notifications`);
    assert.equal(stage.server.take((one) => one.type === 'subscribe').length, 0);
    assert.deepEqual([phone.csp.complaints, stage.world.troubles], [[], []]);
  });
});
