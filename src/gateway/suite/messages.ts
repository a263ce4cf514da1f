// Messages, reports and receipts; a message to several; a phone that is told and fetches.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf } from '../../imps/client/strict.ts';
import type { Cast } from './cast.ts';
import { wv } from './shapes.ts';

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
};
