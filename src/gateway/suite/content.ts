// Contents beside text: pictures, cards and other files, between phones and with ordinary XMPP clients.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJimp } from '@jimp/core';
import jpeg from '@jimp/js-jpeg';
import png from '@jimp/js-png';
import { codeOf } from '../../imps/client/strict.ts';
import type { PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import { child, childText } from '../../xml/element.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { sizeOf } from '../services/content/fit.ts';
import type { Cast } from './cast.ts';
import { bodyOf } from './friend.ts';
import { attributeList, blockRequest, wv } from './shapes.ts';
import type { Handset } from './world.ts';

const Jimp = createJimp({ formats: [jpeg, png] });
const base64 = (octets: Uint8Array): string => Buffer.from(octets).toString('base64');
const octetsOf = ({ ContentData }: { readonly ContentData?: string | Uint8Array | undefined }): Buffer =>
  Buffer.from(String(ContentData), 'base64');

/** A picture that does not shrink to nothing: of no two like colours. */
const picture = async (width: number, height: number, type: 'image/jpeg' | 'image/png'): Promise<Uint8Array> => {
  const image = new Jimp({ width, height });
  image.scan((x, y, at) => {
    image.bitmap.data[at] = (x * 7 + y * 13) % 256;
    image.bitmap.data[at + 1] = (x * y) % 256;
    image.bitmap.data[at + 2] = (x * x + y) % 256;
    image.bitmap.data[at + 3] = 255;
  });
  return new Uint8Array(await image.getBuffer(type));
};

const card = 'BEGIN:VCARD\nVERSION:2.1\nN:Öberg;Tomas\nFN:Tomas Öberg\nTEL;CELL:+46701234567\nEND:VCARD\n';

export const contentConversations = (cast: Cast): void => {
  const { kind, strangers, friends, isContent } = cast;
  const isAndroid = kind.name.startsWith('Android');
  const isPushOnly = isAndroid || kind.name.startsWith('Nokia');
  /** These need somewhere to upload to, and a web. */
  const has = (): boolean => cast.world.ground.contents !== undefined;

  /** Says again what the phone takes. */
  const takes = async (
    phone: Handset,
    types: readonly string[] | 'any',
    lengths: { readonly push?: number; readonly pull?: number } = {},
  ): Promise<void> => {
    const { push = 60_000, pull = push } = lengths;
    const is13 = phone.csp.personality.version === '1.3';
    const CapabilityList: StructureOf<'CapabilityList'> = {
      ClientType: 'MOBILE_PHONE',
      InitialDeliveryMethod: 'P',
      ...(types === 'any'
        ? { AnyContent: true }
        : { AcceptedContentType: types.map((ContentType) => ({ ContentType })) }),
      ...(is13 ? { AcceptedPushLength: push, AcceptedPullLength: pull } : { AcceptedContentLength: push }),
      AcceptedTransferEncoding: ['BASE64'],
      SupportedBearer: ['HTTP'],
      MultiTrans: kind.multiTrans,
      ParserSize: kind.parserSize,
      ServerPollMin: 8,
    };
    const answer = await phone.csp.request(
      { name: 'ClientCapability-Request', ClientID: kind.clientId, CapabilityList },
      'ClientCapability-Response',
    );
    assert.equal(answer.name, 'ClientCapability-Response');
  };

  const send = (
    from: Handset,
    Recipient: StructureOf<'Recipient'>,
    info: { readonly ContentType: string; readonly ContentEncoding?: 'BASE64' },
    ContentData: string,
  ): Promise<PrimitiveOf<'SendMessage-Response'>> =>
    from.csp.request(
      {
        name: 'SendMessage-Request',
        DeliveryReport: true,
        MessageInfo: {
          ...info,
          ContentSize: ContentData.length,
          Recipient,
          Sender: { User: { UserID: wv(from.user) } },
        },
        ContentData,
      },
      'SendMessage-Response',
    );

  /** A second phone, each of the two let see the other. */
  const twoPhones = async () => {
    const { mila, tomas, milaJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.phone(nilsJid, kind);
    for (const [one, other] of [
      [mila, nils],
      [nils, mila],
    ] as const) {
      const list = await cast.addContact(one, other.user, 'Friend');
      assert.equal(await one.csp.codeFor(attributeList(one, { OnlineStatus: [true] }, [other.user])), 200);
      await one.csp.subscribe({ lists: [list] });
    }
    for (const one of [mila, nils])
      await one.receives(
        'PresenceNotification-Request',
        ({ Presence }) => Presence?.[0]?.PresenceSubList?.length !== 0,
      );
    return { mila, nils, tomas, milaJid, nilsJid };
  };

  const shares = (url: string, to: object, body = url): string =>
    `<message to='${to}' type='chat' id='s1'><body>${body}</body><x xmlns='jabber:x:oob'><url>${url}</url></x></message>`;

  const isRefusal = (one: Stanza): boolean => one.kind === 'message' && one.type === 'error';

  test('a picture goes from phone to phone, octet by octet', async () => {
    if (!has()) return;
    const { mila, nils, nilsJid } = await twoPhones();
    await takes(nils, ['text/plain', 'image/jpeg']);
    const photo = await picture(60, 40, 'image/jpeg');
    const sent = await send(
      mila,
      { User: [{ UserID: wv(nilsJid) }] },
      { ContentType: 'image/jpeg', ContentEncoding: 'BASE64' },
      base64(photo),
    );
    assert.equal(codeOf(sent), 200);
    const got = await nils.receives('NewMessage');
    await nils.csp.poll();
    const report = await mila.receives('DeliveryReport-Request');
    assert.equal(report.MessageInfo.MessageID, sent.MessageID);
    assert.equal(report.MessageInfo.ContentType, 'image/jpeg');
    if (isAndroid) {
      assert.match(
        String(got.ContentData),
        /^https?:\S+\/picture\.jpg\n\(image\/jpeg, \d+ (octets|kB): this phone cannot show it\)$/,
      );
      assert.equal(got.MessageInfo.ContentType, 'text/plain');
      assert.equal(report.Result.Code, 415);
    } else {
      assert.equal(got.MessageInfo.ContentType, 'image/jpeg');
      assert.equal(got.MessageInfo.ContentEncoding?.toUpperCase(), 'BASE64');
      assert.equal(got.MessageInfo.ContentSize, String(got.ContentData).length);
      assert.deepEqual(octetsOf(got), Buffer.from(photo));
      assert.equal(report.Result.Code, 200);
    }
    isContent(mila, nils);
  });

  test('a picture that a phone sends stands in its place in an app', async () => {
    if (!has()) return;
    const { mila, tomas, tomasJid } = await strangers();
    const photo = await picture(60, 40, 'image/jpeg');
    const to = { User: [{ UserID: wv(tomasJid) }] };
    assert.equal(
      codeOf(await send(mila, to, { ContentType: 'image/jpeg', ContentEncoding: 'BASE64' }, base64(photo))),
      200,
    );
    const got = await tomas.receives('a picture', (one) => one.has('x', 'jabber:x:oob'));
    const oob = got.child('x', 'jabber:x:oob');
    const url = (oob && childText(oob, 'url')) ?? '';
    assert.equal(bodyOf(got), url, 'the link alone');
    assert.match(url, /\/picture\.jpg$/);
    const sharing = got.child('file-sharing', 'urn:xmpp:sfs:0');
    const file = sharing && child(sharing, 'file', 'urn:xmpp:file:metadata:0');
    assert.equal(file && childText(file, 'media-type'), 'image/jpeg');
    assert.equal(file && childText(file, 'size'), String(photo.length));
    const downloaded = await cast.world.ground.download?.(url);
    assert.equal(downloaded?.type, 'image/jpeg');
    assert.deepEqual(Buffer.from(downloaded.octets), Buffer.from(photo));
    isContent(mila);
  });

  test('a card is words to an app and a card to a phone', async () => {
    if (!has()) return;
    const { mila, nils, tomas, nilsJid } = await twoPhones();
    await takes(nils, ['text/plain', 'text/x-vCard']);
    const to = { User: [{ UserID: wv(nilsJid) }, { UserID: wv(tomas.link.jid) }] };
    assert.equal(codeOf(await send(mila, to, { ContentType: 'text/x-vCard' }, card)), 200);
    const got = await tomas.receives('a card', (one) => one.has('x', 'jabber:x:oob'));
    assert.match(bodyOf(got) ?? '', /^Tomas Öberg\nTel. \+46701234567\nhttps?:\S+\/card\.vcf$/);
    const shown = await nils.receives('NewMessage');
    if (isAndroid) assert.match(String(shown.ContentData), /^Tomas Öberg\nTel. \+46701234567\nhttps?:\S+\/card\.vcf$/);
    else {
      assert.equal(shown.MessageInfo.ContentType, 'text/x-vCard');
      assert.equal(shown.MessageInfo.ContentEncoding, undefined);
      assert.equal(shown.ContentData, card);
    }
    isContent(mila, nils);
  });

  test('other charsets arrive as what they mean', async () => {
    if (!has()) return;
    const { mila, nils, nilsJid } = await twoPhones();
    await takes(nils, ['text/plain', 'text/x-vCalendar']);
    const event = 'BEGIN:VCALENDAR\nSUMMARY:Sjögång på Öland\nEND:VCALENDAR\n';
    await send(
      mila,
      { User: [{ UserID: wv(nilsJid) }] },
      { ContentType: 'text/x-vCalendar; charset=ISO-8859-1', ContentEncoding: 'BASE64' },
      Buffer.from(event, 'latin1').toString('base64'),
    );
    const got = await nils.receives('NewMessage');
    if (isAndroid) assert.match(String(got.ContentData), /^Sjögång på Öland\n/);
    else {
      assert.equal(got.MessageInfo.ContentType, 'text/x-vCalendar; charset=utf-8');
      assert.equal(got.ContentData, event);
    }
    isContent(mila, nils);
  });

  test('a picture out of an app is made to fit the phone', async () => {
    const { publish } = cast.world.ground;
    if (!has() || !publish) return;
    const { mila, tomas, milaJid } = await friends();
    await takes(mila, ['text/plain', 'image/jpeg'], { push: 12_000 });
    const url = publish('Bild.png', 'image/png', await picture(800, 400, 'image/png'));
    await tomas.sends(shares(url, milaJid));
    const got = await mila.receives('NewMessage');
    if (isAndroid) {
      assert.match(String(got.ContentData), /Bild\.png/);
      await tomas.receives('a refusal', isRefusal);
    } else {
      assert.equal(got.MessageInfo.ContentType, 'image/jpeg');
      assert.ok(String(got.ContentData).length <= 12_000);
      const { width = 0, height = 0 } = sizeOf(octetsOf(got)) ?? {};
      assert.ok(width <= 640 && Math.abs(width - 2 * height) <= 2, `${width} by ${height}`);
    }
    assert.equal(got.MessageInfo.Sender?.User?.UserID, wv(tomas.link.jid));
    isContent(mila);
  });

  test('what is too large to be pushed is announced, and fetched', async () => {
    const { publish } = cast.world.ground;
    if (!has() || !publish || isPushOnly || kind.version !== '1.3') return;
    const { mila, tomas, milaJid } = await friends();
    await takes(mila, 'any', { push: 1000, pull: 30_000 });
    const photo = await picture(50, 50, 'image/jpeg');
    await tomas.sends(shares(publish('a.jpg', 'image/jpeg', photo), milaJid));
    const told = await mila.receives('MessageNotification');
    assert.equal(told.MessageInfo.ContentType, 'image/jpeg');
    const got = await mila.csp.fetchMessage(told.MessageInfo.MessageID ?? '');
    assert.deepEqual(octetsOf(got), Buffer.from(photo));
    isContent(mila);
  });

  test('what a phone cannot show is told to it and to its sender', async () => {
    const { publish } = cast.world.ground;
    if (!has() || !publish) return;
    const { mila, tomas, milaJid } = await friends();
    await takes(mila, ['text/plain', 'image/jpeg']);
    const url = publish('Tal.pdf', 'application/pdf', Buffer.from('%PDF-1.4'));
    await tomas.sends(shares(url, milaJid));
    const got = await mila.receives('NewMessage');
    assert.equal(got.MessageInfo.ContentType, 'text/plain');
    assert.ok(String(got.ContentData).startsWith(`${url}\n(`), String(got.ContentData));
    assert.match(String(got.ContentData), /this phone cannot show it\)$/);
    const refusal = await tomas.receives('a refusal', isRefusal);
    const error = refusal.child('error');
    assert.ok(error && child(error, 'not-acceptable', 'urn:ietf:params:xml:ns:xmpp-stanzas'));
    assert.match(childText(error, 'text', 'urn:ietf:params:xml:ns:xmpp-stanzas') ?? '', /cannot show it/);
    isContent(mila);
  });

  test('a link that leads nowhere is shown as it is', async () => {
    if (!has()) return;
    const { mila, tomas, milaJid } = await friends();
    await takes(mila, 'any');
    const url = 'http://127.0.0.2:9/gone.jpg';
    await tomas.sends(shares(url, milaJid));
    const got = await mila.receives('NewMessage');
    assert.ok(String(got.ContentData).startsWith(`${url}\n(`), String(got.ContentData));
    await tomas.receives('a refusal', isRefusal);
    isContent(mila);
  });

  test('words beside a picture are a message of their own', async () => {
    const { publish } = cast.world.ground;
    if (!has() || !publish) return;
    const { mila, tomas, milaJid } = await friends();
    await takes(mila, 'any');
    const photo = await picture(50, 50, 'image/jpeg');
    await tomas.sends(shares(publish('b.jpg', 'image/jpeg', photo), milaJid, 'Vår katt'));
    const words = await mila.receives('NewMessage', ({ ContentData }) => ContentData === 'Vår katt');
    assert.equal(words.MessageInfo.ContentType, 'text/plain');
    const got = await mila.receives('NewMessage');
    if (!isAndroid) assert.deepEqual(octetsOf(got), Buffer.from(photo));
    isContent(mila);
  });

  test('a small picture within a message is shown', async () => {
    if (!has()) return;
    const { mila, tomas, milaJid } = await friends();
    await takes(mila, 'any');
    const photo = await picture(16, 16, 'image/jpeg');
    await tomas.sends(
      `<message to='${milaJid}' type='chat' id='b1'><body>:katt:</body><data xmlns='urn:xmpp:bob' cid='sha1+x@bob.xmpp.org' type='image/jpeg'>${base64(photo)}</data></message>`,
    );
    const got = await mila.receives('NewMessage');
    if (isAndroid) assert.match(String(got.ContentData), /^:katt:\n\(image\/jpeg: this phone cannot show it\)$/);
    else assert.deepEqual(octetsOf(got), Buffer.from(photo));
    isContent(mila);
  });

  test('a picture is seen by all in a group', async () => {
    if (!has() || !cast.world.ground.has.rooms) return;
    const { mila, nils, milaJid } = await twoPhones();
    await takes(nils, ['text/plain', 'image/jpeg']);
    const group = `wv:${milaJid.local}/Bilder@${milaJid.domain}`;
    const nameIn = (phone: Handset) => ({ SName: phone.user.local ?? '', GroupID: group });
    const made = {
      name: 'CreateGroup-Request',
      GroupID: group,
      GroupProperties: {
        Property: [
          { Name: 'Name', Value: 'Bilder' },
          { Name: 'Accesstype', Value: 'Open' },
        ],
      },
      JoinGroup: true,
      ScreenName: nameIn(mila),
      SubscribeNotification: false,
    } as const;
    assert.equal(await mila.csp.codeFor(made), 200);
    const answer = await nils.csp.request({
      name: 'JoinGroup-Request',
      GroupID: group,
      ScreenName: nameIn(nils),
      JoinedRequest: false,
      SubscribeNotification: false,
    });
    assert.equal(answer.name, 'JoinGroup-Response');
    const photo = await picture(40, 40, 'image/jpeg');
    const info = { ContentType: 'image/jpeg', ContentEncoding: 'BASE64' } as const;
    assert.equal(codeOf(await send(mila, { Group: [{ GroupID: group }] }, info, base64(photo))), 200);
    const got = await nils.receives('NewMessage');
    assert.equal(got.MessageInfo.Recipient.Group?.[0]?.GroupID, group);
    if (!isAndroid) assert.deepEqual(octetsOf(got), Buffer.from(photo));
    assert.equal((await mila.receives('DeliveryReport-Request')).Result.Code, 200);
    isContent(mila, nils);
  });

  test('a picture that waited for a phone is fetched when it is back', async () => {
    const { publish } = cast.world.ground;
    if (!has() || !publish) return;
    const { mila, tomas, milaJid } = await friends();
    await mila.csp.signOut();
    await tomas.receivesPresence('unavailable');
    const photo = await picture(50, 40, 'image/jpeg');
    await tomas.sends(shares(publish('c.jpg', 'image/jpeg', photo), milaJid));
    const again = await cast.world.phone(milaJid, kind);
    await takes(again, 'any');
    const got = await again.receives('NewMessage');
    if (!isAndroid && kind.version !== '1.3') assert.deepEqual(octetsOf(got), Buffer.from(photo));
    isContent(mila, again);
  });

  test('pictures of whom a phone does not let through stay outside, like words', async () => {
    const { publish } = cast.world.ground;
    if (!has() || !publish) return;
    const { mila, tomas, milaJid } = await friends();
    await takes(mila, 'any');
    const other = await cast.world.someone('nils');
    const only = (inUse: boolean) => blockRequest(mila, { grant: { inUse, AddList: { UserID: [wv(other)] } } });
    assert.equal(await mila.csp.codeFor(only(true)), 200);
    const photo = await picture(20, 20, 'image/jpeg');
    await tomas.sends(shares(publish('d.jpg', 'image/jpeg', photo), milaJid));
    await tomas.receives('a refusal', isRefusal);
    await mila.receivesNo('NewMessage');
    assert.equal(await mila.csp.codeFor(only(false)), 200);
    await tomas.sends(shares(publish('e.jpg', 'image/jpeg', photo), milaJid));
    const got = await mila.receives('NewMessage');
    if (!isAndroid) assert.deepEqual(octetsOf(got), Buffer.from(photo));
    isContent(mila);
  });

  test('no media type is no content', async () => {
    const { mila, tomasJid } = await strangers();
    const to = { User: [{ UserID: wv(tomasJid) }] };
    assert.equal(codeOf(await send(mila, to, { ContentType: 'picture', ContentEncoding: 'BASE64' }, 'AAAA')), 415);
    isContent(mila);
  });
};
