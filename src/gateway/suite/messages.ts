// Messages, reports and receipts; a message to several; a phone that is told and fetches.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../imps/client/strict.ts';
import type { StructureOf } from '../../imps/primitives.ts';
import type { Cast } from './cast.ts';
import { attributeList, wv } from './shapes.ts';
import type { Handset } from './world.ts';

export const messageConversations = (cast: Cast): void => {
  const { kind, strangers, friends, addContact, isContent } = cast;

  test('messages both ways, with a report and a receipt', async () => {
    const { mila, tomas, milaJid, tomasJid } = await friends();
    const id = await mila.csp.sendText(wv(tomasJid), 'Kommer du? <åtta & halv>', { report: true });
    const out = await tomas.receivesText('Kommer du? <åtta & halv>');
    assert.equal(out.type, 'chat');
    assert.ok(out.has('request', 'urn:xmpp:receipts'));
    await tomas.sends(
      `<message to='${out.from}' id='r1'><received xmlns='urn:xmpp:receipts' id='${out.id}'/></message>` +
        `<message to='${out.from}' type='chat' id='t1'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>` +
        `<message to='${out.from}' type='chat' id='t2'><body>Ja</body><request xmlns='urn:xmpp:receipts'/></message>`,
    );
    const report = await mila.receives('DeliveryReport-Request');
    assert.equal(report.Result.Code, 200);
    assert.equal(report.MessageInfo.MessageID, id);
    assert.equal(report.MessageInfo.Recipient.User?.[0]?.UserID, wv(tomasJid));
    const back = await mila.receives('NewMessage');
    assert.equal(back.ContentData, 'Ja');
    assert.equal(back.MessageInfo.Sender?.User?.UserID, wv(tomasJid));
    assert.equal(back.MessageInfo.Recipient.User?.[0]?.UserID, wv(milaJid));
    assert.equal(back.MessageInfo.ContentSize, 2);
    await mila.csp.poll();
    await tomas.receives('a receipt', (one) => one.child('received', 'urn:xmpp:receipts')?.attrs.id === 't2');
    await mila.receivesNo('NewMessage');
    // The conversation goes on with the client that spoke last.
    await mila.csp.sendText(wv(tomasJid), 'Bra');
    assert.equal((await tomas.receivesText('Bra')).to?.resource, 'desk');
    isContent(mila);
  });

  test('what was written while the phone was away arrives with its time', async () => {
    const { mila, tomas, milaJid } = await friends();
    await mila.csp.signOut();
    await tomas.receivesPresence('unavailable');
    const before = Math.floor(cast.world.ground.clock.wall() / 1000) * 1000;
    await tomas.sends(`<message to='${milaJid}' type='chat' id='o1'><body>sov gott</body></message>`);
    await cast.world.ground.pass(3000);
    const again = await cast.world.phone(milaJid, kind);
    const message = await again.receives('NewMessage');
    assert.equal(message.ContentData, 'sov gott');
    const at = Date.parse(
      (message.MessageInfo.DateTime ?? '').replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
    );
    assert.ok(at >= before && at <= before + 2500, message.MessageInfo.DateTime);
    isContent(mila, again);
  });

  test('a message to nobody comes back as a report', async () => {
    const { mila, milaJid } = await strangers();
    const nobody = `wv:nobody.at.all@${milaJid.domain}`;
    const id = await mila.csp.sendText(nobody, 'hallo?');
    const report = await mila.receives('DeliveryReport-Request');
    assert.ok([531, 533].includes(report.Result.Code), `code ${report.Result.Code}`);
    assert.equal(report.MessageInfo.MessageID, id);
    assert.equal(report.MessageInfo.Recipient.User?.[0]?.UserID, nobody);
    isContent(mila);
  });

  test('a message that nobody read in time is not shown, and its sender is told', async () => {
    const { mila, milaJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.phone(nilsJid, kind);
    const write = (text: string, Validity: number) =>
      mila.csp.request(
        {
          name: 'SendMessage-Request',
          DeliveryReport: false,
          MessageInfo: {
            ContentType: 'text/plain',
            ContentSize: text.length,
            Recipient: { User: [{ UserID: wv(nilsJid) }] },
            Sender: { User: { UserID: wv(milaJid) } },
            Validity,
          },
          ContentData: text,
        },
        'SendMessage-Response',
      );
    await write('in time', 600);
    const read = await nils.receives('NewMessage');
    assert.equal(read.ContentData, 'in time');
    assert.ok((read.MessageInfo.Validity ?? 0) > 590, 'what is left of its time');
    const late = await write('too late', 1);
    await cast.world.ground.pass(2500);
    await nils.receivesNo('NewMessage');
    const report = await mila.receives('DeliveryReport-Request');
    assert.equal(report.Result.Code, 542);
    assert.equal(report.MessageInfo.MessageID, late.MessageID);
    isContent(mila, nils);
  });

  test('what cannot be sent is refused with the reason, the rest is sent', async () => {
    const { mila, tomas, tomasJid, milaJid } = await strangers();
    const ask = (Recipient: object, ContentType: string | undefined, ContentData: string) =>
      mila.csp.request(
        {
          name: 'SendMessage-Request',
          DeliveryReport: false,
          MessageInfo: {
            ContentType,
            ContentSize: ContentData.length,
            Recipient,
            Sender: { User: { UserID: wv(milaJid) } },
          },
          ContentData,
        },
        'SendMessage-Response',
      );
    const to = { User: [{ UserID: wv(tomasJid) }] };
    assert.equal(codeOf(await ask(to, 'text/plain; charset=martian', 'AAAA')), 200, 'what came as characters is read');
    assert.equal(codeOf(await ask(to, 'jpeg', 'AAAA')), 415);
    assert.equal(codeOf(await ask({ Group: [{ GroupID: `wv:/walkers@${milaJid.domain}` }] }, 'text/plain', 'x')), 808);
    const partly = await ask(
      { ...to, ContactList: [`wv:${milaJid.local}/gone@${milaJid.domain}`] },
      undefined,
      'to those there are',
    );
    assert.equal(codeOf(partly), 201);
    assert.equal(partly.Result.DetailedResult?.[0]?.Code, 700);
    assert.ok(partly.MessageID && partly.MessageID.length <= 50);
    await tomas.receivesText('to those there are');
    isContent(mila);
  });

  test('a contact list is written to as a whole', async () => {
    const { mila, tomas, tomasJid, milaJid } = await strangers();
    const list = await addContact(mila, tomasJid, 'Tomas');
    const answer = await mila.csp.request(
      {
        name: 'SendMessage-Request',
        DeliveryReport: false,
        MessageInfo: { ContentSize: 4, Recipient: { ContactList: [list] }, Sender: { User: { UserID: wv(milaJid) } } },
        ContentData: 'alla',
      },
      'SendMessage-Response',
    );
    assert.equal(codeOf(answer), 200);
    await tomas.receivesText('alla');
    isContent(mila);
  });

  test('a phone that is told of messages fetches, rejects and forwards them', async () => {
    if (kind.name.startsWith('Nokia') || kind.name.startsWith('Android')) return;
    const { mila, tomas, milaJid, tomasJid } = await friends();
    assert.equal(await mila.csp.codeFor({ name: 'SetDeliveryMethod-Request', DeliveryMethod: 'N' }), 200);
    const write = (id: string, text: string) =>
      tomas.sends(`<message to='${milaJid}' type='chat' id='${id}'><body>${text}</body></message>`);
    await write('n1', 'ett');
    const told = await mila.receives('MessageNotification');
    const id = told.MessageInfo.MessageID ?? '';
    assert.equal(told.MessageInfo.Sender?.User?.UserID, wv(tomasJid));
    const list = await mila.csp.request({ name: 'GetMessageList-Request' }, 'GetMessageList-Response');
    assert.deepEqual(
      [...(list.MessageInfo ?? []), ...(list.MessageInfoList?.MessageInfo ?? [])].map(({ MessageID }) => MessageID),
      [id],
    );
    assert.equal((await mila.csp.fetchMessage(id)).ContentData, 'ett');
    assert.equal(await mila.csp.codeFor({ name: 'GetMessage-Request', MessageID: id }), 426);

    await write('n2', 'två');
    const second = (await mila.receives('MessageNotification')).MessageInfo.MessageID ?? '';
    assert.equal(await mila.csp.codeFor({ name: 'RejectMessage-Request', MessageID: [second] }), 200);
    await tomas.receives('a refusal', (one) => one.type === 'error' && one.id === 'n2');
    assert.equal(await mila.csp.codeFor({ name: 'RejectMessage-Request', MessageID: [second] }), 426);

    await write('n3', 'tre');
    const third = (await mila.receives('MessageNotification')).MessageInfo.MessageID ?? '';
    const nils = await cast.world.friend(await cast.world.someone('nils'));
    const Recipient = { User: [{ UserID: wv(nils.link.jid) }] };
    const forwarded = await mila.csp.request({ name: 'ForwardMessage-Request', MessageID: third, Recipient });
    assert.equal(forwarded.name, kind.version === '1.3' ? 'ForwardMessage-Response' : 'Status');
    assert.equal((await nils.receivesText('tre')).from?.local, milaJid.local);

    await write('n4', 'fyra');
    assert.equal(await mila.csp.codeFor({ name: 'SetDeliveryMethod-Request', DeliveryMethod: 'P' }), 200);
    assert.equal((await mila.receives('NewMessage')).ContentData, 'fyra');
    isContent(mila);
  });

  /** Somebody else with a phone of the same kind, each of the two let see the other. */
  const withNils = async () => {
    const { mila, milaJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.phone(nilsJid, kind);
    for (const [one, other] of [
      [mila, nils],
      [nils, mila],
    ] as const) {
      const list = await addContact(one, other.user, 'Friend');
      assert.equal(await one.csp.codeFor(attributeList(one, { OnlineStatus: [true] }, [other.user])), 200);
      await one.csp.subscribe({ lists: [list] });
    }
    for (const one of [mila, nils]) await one.receives('PresenceNotification-Request');
    return { mila, nils, milaJid, nilsJid };
  };
  const isPushOnly = kind.name.startsWith('Nokia') || kind.name.startsWith('Android');
  const sendTo = (from: Handset, Recipient: StructureOf<'Recipient'>, text: string, DeliveryReport = true) =>
    from.csp.request(
      {
        name: 'SendMessage-Request',
        DeliveryReport,
        MessageInfo: {
          ContentType: 'text/plain',
          ContentSize: text.length,
          Recipient,
          Sender: { User: { UserID: wv(from.user) } },
        },
        ContentData: text,
      },
      'SendMessage-Response',
    );

  test('whoever asked for a report hears that a message was read, refused, or sent on to somebody else', async () => {
    const { mila, nils, nilsJid } = await withNils();
    const to = { User: [{ UserID: wv(nilsJid) }] };
    const reported = async (MessageID: string | undefined): Promise<number> => {
      const report = await mila.receives('DeliveryReport-Request', (one) => one.MessageInfo.MessageID === MessageID);
      assert.ok(report.DeliveryTime, 'when');
      assert.equal(report.MessageInfo.Recipient.User?.[0]?.UserID, wv(nilsJid));
      return report.Result.Code;
    };
    const read = await sendTo(mila, to, 'läs');
    await nils.receives('NewMessage');
    await nils.csp.poll();
    assert.equal(await reported(read.MessageID), 200);
    if (isPushOnly) return isContent(mila, nils);

    assert.equal(await nils.csp.codeFor({ name: 'SetDeliveryMethod-Request', DeliveryMethod: 'N' }), 200);
    const told = async (): Promise<string> => (await nils.receives('MessageNotification')).MessageInfo.MessageID ?? '';
    const refused = await sendTo(mila, to, 'reklam');
    assert.equal(await nils.csp.codeFor({ name: 'RejectMessage-Request', MessageID: [await told()] }), 200);
    assert.equal(await reported(refused.MessageID), 538);

    const passedOn = await sendTo(mila, to, 'till Olle');
    const olle = await cast.world.friend(await cast.world.someone('olle'));
    const forward = { name: 'ForwardMessage-Request', MessageID: await told() } as const;
    await nils.csp.request({ ...forward, Recipient: { User: [{ UserID: wv(olle.link.jid) }] } });
    assert.equal((await olle.receivesText('till Olle')).from?.local, nilsJid.local);
    assert.equal(await reported(passedOn.MessageID), 541);

    const unwanted = await sendTo(mila, to, 'utan besked', false);
    await nils.csp.request({
      ...forward,
      MessageID: await told(),
      Recipient: { User: [{ UserID: wv(olle.link.jid) }] },
    });
    await olle.receivesText('utan besked');
    await mila.receivesNo('DeliveryReport-Request');
    assert.ok(unwanted.MessageID);
    isContent(mila, nils);
  });

  test('a message to a domain that nobody has is reported as that', async () => {
    if (cast.world.ground.home !== cast.world.ground.provider.domain) return;
    const { mila } = await strangers();
    const sent = await sendTo(mila, { User: [{ UserID: 'wv:ann@nowhere.test' }] }, 'hallå?', false);
    assert.equal(codeOf(sent), 200);
    const report = await mila.receives('DeliveryReport-Request');
    assert.equal(report.Result.Code, 516);
    assert.equal(report.MessageInfo.MessageID, sent.MessageID);
    isContent(mila);
  });

  test('a message for one phone of many', async () => {
    const { mila } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const one = await cast.world.phone(nilsJid, kind);
    const other = await cast.world.phone(nilsJid, { ...kind, clientId: { URL: 'http://other.example/imps' } });
    const to = (URL: string | undefined) => ({ User: [{ UserID: wv(nilsJid), ClientID: { URL } }] });
    await sendTo(mila, to('http://other.example/imps'), 'till den andra', false);
    assert.equal((await other.receives('NewMessage')).ContentData, 'till den andra');
    await sendTo(mila, to(kind.clientId.URL), 'till den ena', false);
    assert.equal((await one.receives('NewMessage')).ContentData, 'till den ena');
    await other.receivesNo('NewMessage');
    await one.receivesNo('NewMessage');
    isContent(mila, one, other);
  });

  test('recipients of every sort in one message, and what did not go says why', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const list = await addContact(mila, tomasJid, 'Tomas');
    const nils = await cast.world.friend(await cast.world.someone('nils'));
    const answer = await sendTo(
      mila,
      {
        User: [{ UserID: wv(nils.link.jid) }, { UserID: `wv:/walkers@${milaJid.domain}` }],
        ContactList: [list, `wv:${milaJid.local}/gone@${milaJid.domain}`],
        Group: [{ GroupID: `wv:${milaJid.local}/nowhere@${milaJid.domain}` }],
      },
      'till alla',
      false,
    );
    assert.equal(codeOf(answer), 201);
    assert.deepEqual(answer.Result.DetailedResult?.map(({ Code }) => Code).sort(), [531, 700, 808]);
    await tomas.receivesText('till alla');
    await nils.receivesText('till alla');
    isContent(mila);
  });

  test('a group is delivered in its own way, and shows what was said in it', async () => {
    if (!cast.world.ground.has.rooms) return;
    const { mila, milaJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.phone(nilsJid, kind);
    const group = `wv:${milaJid.local}/Berg@${milaJid.domain}`;
    const nameOf = (phone: Handset) => ({ SName: phone.user.local ?? '', GroupID: group });
    const notIn = { name: 'GetMessageList-Request', GroupID: group } as const;
    assert.equal(
      await mila.csp.codeFor({
        name: 'CreateGroup-Request',
        GroupID: group,
        GroupProperties: {
          Property: [
            { Name: 'Name', Value: 'Berg' },
            { Name: 'Accesstype', Value: 'Open' },
          ],
        },
        JoinGroup: true,
        ScreenName: nameOf(mila),
        SubscribeNotification: false,
      }),
      200,
    );
    const byGroup = { name: 'SetDeliveryMethod-Request', DeliveryMethod: 'N', GroupID: group } as const;
    const other = `wv:${milaJid.local}/annan@${milaJid.domain}`;
    assert.equal(await nils.csp.codeFor({ ...byGroup, GroupID: other }), 808);
    assert.equal(await nils.csp.codeFor(notIn), 808);
    assert.equal(await mila.csp.codeFor(notIn), 821, 'nothing was said yet');
    await nils.csp.request({
      name: 'JoinGroup-Request',
      GroupID: group,
      ScreenName: nameOf(nils),
      JoinedRequest: false,
      SubscribeNotification: false,
    });
    const say = (text: string) => sendTo(mila, { Group: [{ GroupID: group }] }, text, false);
    await say('ett');
    assert.equal((await nils.receives('NewMessage')).ContentData, 'ett');
    const limit = kind.version === '1.3' ? { GroupContentLimit: 3 } : { AcceptedContentLength: 3 };
    assert.equal(await nils.csp.codeFor({ ...byGroup, DeliveryMethod: 'P', ...limit }), 200);
    await say('hundra');
    if (isPushOnly) assert.equal((await nils.receives('NewMessage')).ContentData, 'hundra');
    else {
      const told = await nils.receives('MessageNotification');
      assert.equal(told.MessageInfo.Recipient.Group?.[0]?.GroupID, group);
      assert.equal((await nils.csp.fetchMessage(told.MessageInfo.MessageID ?? '')).ContentData, 'hundra');
      // Messages of others come as before.
      await sendTo(mila, { User: [{ UserID: wv(nilsJid) }] }, 'bara du', false);
      assert.equal((await nils.receives('NewMessage')).ContentData, 'bara du');
    }
    const answer = await nils.csp.request({ ...notIn, MessageCount: 1 }, 'GetMessageList-Response');
    const infos = answer.MessageInfo ?? answer.MessageInfoList?.MessageInfo ?? [];
    assert.equal(infos.length, 1);
    assert.deepEqual(infos[0]?.Sender, { Group: { ScreenName: nameOf(mila) } });
    if (kind.version === '1.3') assert.equal(answer.MessageTotalCount, 2);
    const latest = { name: 'GetMessage-Request', MessageID: infos[0]?.MessageID ?? '' } as const;
    assert.equal((await nils.csp.request(latest, 'GetMessage-Response')).ContentData, 'hundra');
    const own = await mila.csp.request(notIn, 'GetMessageList-Response');
    assert.equal(
      (own.MessageInfo ?? own.MessageInfoList?.MessageInfo)?.length,
      2,
      'what one said oneself is part of it',
    );
    isContent(mila, nils);
  });
};
