// What a contact shows beside being there: a picture, a card, several clients; from a phone and to a phone.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createJimp } from '@jimp/core';
import png from '@jimp/js-png';
import { seededRandom } from '../../base/random.ts';
import type { Primitive, StructureOf } from '../../imps/primitives.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { readImage } from '../mapping/image.ts';
import type { Cast } from './cast.ts';
import type { Friend } from './friend.ts';
import { attributeList, getPresence, seen, subscribeTo, wv } from './shapes.ts';
import type { Handset } from './world.ts';

const pubsub = 'http://jabber.org/protocol/pubsub';
const avatarData = 'urn:xmpp:avatar:data';
const avatar = 'urn:xmpp:avatar:metadata';

/** A picture that compresses badly: 200 by 150 pixels of noise. */
const noise = new (createJimp({ formats: [png] }))({ width: 200, height: 150 });
const random = seededRandom(11).bytes(noise.bitmap.data.length);
noise.bitmap.data.set(random);

/** An image by its first octets; the rest is padding. */
const pngOf = (size: number, seed: number): Buffer => {
  const octets = Buffer.alloc(size, seed);
  Buffer.from('89504e470d0a1a0a0000000d4948445200000040000000300806000000', 'hex').copy(octets);
  return octets;
};
const idOf = (octets: Buffer): string => createHash('sha1').update(octets).digest('hex');

const publishes = async (friend: Friend, node: string, id: string, payload: string): Promise<void> => {
  await friend.sends(
    `<iq type='set' id='publish'><pubsub xmlns='${pubsub}'><publish node='${node}'><item id='${id}'>${payload}</item></publish></pubsub></iq>`,
  );
  await friend.receives('the answer', (one) => one.id === 'publish' && one.type === 'result');
};
const publishesAvatar = async (friend: Friend, octets: Buffer): Promise<void> => {
  const id = idOf(octets);
  await publishes(friend, avatarData, id, `<data xmlns='${avatarData}'>${octets.toString('base64')}</data>`);
  const info = `<info id='${id}' bytes='${octets.length}' type='image/png'/>`;
  await publishes(friend, avatar, id, `<metadata xmlns='${avatar}'>${info}</metadata>`);
};
const asks = async (friend: Friend, to: Jid, payload: string) => {
  await friend.sends(`<iq type='get' id='ask' to='${to}'>${payload}</iq>`);
  return friend.receives('the answer', (one) => one.id === 'ask');
};

/** One attribute as the phone got it. */
const attribute = <Name extends keyof StructureOf<'PresenceSubList'>>(
  of: { readonly Presence?: readonly StructureOf<'Presence'>[] | undefined },
  who: Jid,
  name: Name,
): StructureOf<'PresenceSubList'>[Name] | undefined =>
  of.Presence?.find(({ UserID }) => UserID === wv(who))?.PresenceSubList?.[0]?.[name];
const content = (of: Parameters<typeof attribute>[0], who: Jid) =>
  attribute(of, who, 'StatusContent') as Exclude<StructureOf<'StatusContent'>, true> | undefined;

const getNamed = (phone: Handset, names: StructureOf<'PresenceSubList'>, ...users: Jid[]): Primitive => ({
  ...(getPresence(phone, ...users) as object as Extract<Primitive, { name: 'GetPresence-Request' }>),
  PresenceSubList: names,
});
const update = (list: StructureOf<'PresenceSubList'>): Primitive => ({
  name: 'UpdatePresence-Request',
  PresenceSubList: list,
});

export const portraitConversations = (cast: Cast): void => {
  const { kind, friends, isContent } = cast;
  const pep = () => cast.world.ground.has.pep;

  test('a picture a contact publishes is on the phone that asked for it, and goes when it is taken back', async (t) => {
    if (!pep()) return t.skip('the server has no personal eventing');
    const { mila, tomas, tomasJid } = await friends();
    const image = pngOf(900, 7);
    await publishesAvatar(tomas, image);
    // A phone that named no attribute has no use for it.
    const all = await mila.csp.request(getPresence(mila, tomasJid), 'GetPresence-Response');
    assert.equal(content(all, tomasJid), undefined);
    const wanted: StructureOf<'PresenceSubList'> = { OnlineStatus: [true], StatusContent: true };
    assert.equal(await mila.csp.codeFor(subscribeTo(mila, wanted, tomasJid)), 200);
    const told = await mila.receives(
      'PresenceNotification-Request',
      (one) => content(one, tomasJid)?.Qualifier === true,
    );
    assert.deepEqual(content(told, tomasJid), {
      Qualifier: true,
      DirectContent: image.toString('base64'),
      ContentType: 'image/png',
    });
    assert.equal(seen(told, tomasJid)?.OnlineStatus, true);
    const read = await mila.csp.request(getNamed(mila, { StatusContent: true }, tomasJid), 'GetPresence-Response');
    assert.equal(content(read, tomasJid)?.DirectContent, image.toString('base64'));
    await publishes(tomas, avatar, 'none', `<metadata xmlns='${avatar}'/>`);
    await mila.receives('PresenceNotification-Request', (one) => content(one, tomasJid)?.Qualifier === false);
    isContent(mila);
  });

  test('a picture larger than the phone takes costs it nothing else', async (t) => {
    if (!pep()) return t.skip('the server has no personal eventing');
    const { milaJid, tomas, tomasJid, mila: first } = await friends();
    await first.csp.signOut();
    const small = await cast.world.phone(milaJid, { ...kind, parserSize: 6000 });
    await publishesAvatar(tomas, pngOf(5000, 8));
    await tomas.sends('<presence><status>with a portrait</status></presence>');
    const wanted: StructureOf<'PresenceSubList'> = { OnlineStatus: [true], StatusText: true, StatusContent: true };
    assert.equal(await small.csp.codeFor(subscribeTo(small, wanted, tomasJid)), 200);
    const told = await small.receives(
      'PresenceNotification-Request',
      (one) => seen(one, tomasJid)?.StatusText === 'with a portrait',
    );
    assert.equal(seen(told, tomasJid)?.OnlineStatus, true);
    assert.equal(content(told, tomasJid)?.DirectContent, undefined);
    // A smaller one comes through.
    await publishesAvatar(tomas, pngOf(1000, 9));
    await small.receives('PresenceNotification-Request', (one) => content(one, tomasJid)?.DirectContent !== undefined);
    isContent(small);
  });

  test('a large picture is made small enough for a portrait on the phone', async (t) => {
    if (!pep() || !cast.world.ground.contents) return t.skip('nobody makes pictures smaller here');
    const { mila, tomas, tomasJid } = await friends();
    const large = Buffer.from(await noise.getBuffer('image/png'));
    assert.ok(large.length > 50_000);
    await publishesAvatar(tomas, large);
    const wanted: StructureOf<'PresenceSubList'> = { OnlineStatus: [true], StatusContent: true };
    assert.equal(await mila.csp.codeFor(subscribeTo(mila, wanted, tomasJid)), 200);
    const told = await mila.receives(
      'PresenceNotification-Request',
      (one) => content(one, tomasJid)?.Qualifier === true,
    );
    const octets = Buffer.from(String(content(told, tomasJid)?.DirectContent), 'base64');
    const shown = readImage(octets);
    assert.equal(shown?.type, content(told, tomasJid)?.ContentType);
    assert.ok(octets.length <= 6_200 && shown && shown.width <= 128 && shown.height <= 128, `${octets.length} octets`);
    isContent(mila);
  });

  test('a picture from a phone is its user’s avatar, and comes back to the phone', async (t) => {
    if (!pep()) return t.skip('the server has no personal eventing');
    const { mila, tomas, milaJid, tomasJid } = await friends();
    await tomas.wants(avatar);
    const list = attributeList(mila, { OnlineStatus: [true], StatusContent: true }, [tomasJid]);
    assert.equal(await mila.csp.codeFor(list), 200);
    const image = pngOf(700, 10);
    const id = idOf(image);
    const given = { Qualifier: true, DirectContent: image.toString('base64'), ContentType: 'image/png' };
    assert.equal(await mila.csp.codeFor(update({ StatusContent: given })), 200);
    await tomas.receives(
      'the avatar',
      (one) => (one.from?.equals(milaJid) ?? false) && one.toXml().includes(avatar) && one.toXml().includes(id),
    );
    const items = `<pubsub xmlns='${pubsub}'><items node='${avatarData}'><item id='${id}'/></items></pubsub>`;
    assert.match(
      (await asks(tomas, milaJid, items)).toXml(),
      new RegExp(image.toString('base64').replaceAll('+', '\\+')),
    );
    const own = await mila.csp.request(getNamed(mila, { StatusContent: true }, milaJid), 'GetPresence-Response');
    assert.deepEqual(content(own, milaJid), given);
    // Withdrawn.
    assert.equal(await mila.csp.codeFor(update({ StatusContent: { Qualifier: false } })), 200);
    await tomas.receives(
      'no avatar',
      (one) => (one.from?.equals(milaJid) ?? false) && /<metadata xmlns='[^']+'\/>/.test(one.toXml()),
    );
    isContent(mila);
  });

  test('a contact’s card is read where the phone asks for it', async () => {
    const { mila, tomas, tomasJid } = await friends();
    const vcard =
      '<FN>Tomas Ek</FN><NICKNAME>Tompa</NICKNAME><TEL><CELL/><NUMBER>+46 70 1</NUMBER></TEL>' +
      '<EMAIL><INTERNET/><USERID>tomas@post.test</USERID></EMAIL><TZ>+02:00</TZ><URL>https://tomas.test/</URL>';
    await tomas.sends(`<iq type='set' id='card'><vCard xmlns='vcard-temp'>${vcard}</vCard></iq>`);
    await tomas.receives('the answer', (one) => one.id === 'card' && one.type === 'result');
    const names = {
      OnlineStatus: [true],
      TimeZone: [true],
      PreferredContacts: true,
      ContactInfo: true,
      ...(kind.version !== '1.1' && { InfoLink: true }),
    } as StructureOf<'PresenceSubList'>;
    const answer = await mila.csp.request(getNamed(mila, names, tomasJid), 'GetPresence-Response');
    const zone = attribute(answer, tomasJid, 'TimeZone');
    // Prosody makes a vCard4 of it, without the time zone.
    if (cast.world.ground.has.directory)
      assert.deepEqual(Array.isArray(zone) ? zone[0] : zone, { Qualifier: true, Zone: '+02' });
    assert.deepEqual(attribute(answer, tomasJid, 'PreferredContacts'), {
      Qualifier: true,
      AddrPref: [
        { PrefC: 'CALL', Caddr: '+46 70 1', Cstatus: 'OPEN', Cpriority: 1 },
        { PrefC: 'EMAIL', Caddr: 'tomas@post.test', Cstatus: 'OPEN', Cpriority: 2 },
      ],
    });
    const card = attribute(answer, tomasJid, 'ContactInfo') as { ContainedvCard?: string };
    assert.match(
      String(card.ContainedvCard),
      /^BEGIN:VCARD\s+VERSION:2.1\s+N:Ek;Tomas\s.*TEL;(CELL|VOICE):\+46 70 1\s.*END:VCARD/s,
    );
    if (kind.version !== '1.1')
      assert.deepEqual(attribute(answer, tomasJid, 'InfoLink'), {
        Qualifier: true,
        Inf_link: [{ Link: 'https://tomas.test/' }],
      });
    isContent(mila);
  });

  test('what a phone says of its user’s card is for those who see the user', async (t) => {
    if (!pep()) return t.skip('the server has no personal eventing');
    const { mila, tomas, milaJid, tomasJid } = await friends();
    const names = {
      OnlineStatus: [true],
      TimeZone: [true],
      PreferredContacts: true,
      PreferredLanguage: true,
      ContactInfo: true,
      ...(kind.version !== '1.1' && { InfoLink: true }),
    } as StructureOf<'PresenceSubList'>;
    assert.equal(await mila.csp.codeFor(attributeList(mila, names, [tomasJid])), 200);
    const said = {
      TimeZone: [{ Qualifier: true, Zone: '+03' }],
      PreferredContacts: {
        Qualifier: true,
        AddrPref: [{ PrefC: 'CALL', Caddr: '+358401', Cstatus: 'OPEN', Cpriority: 1 }],
      },
      PreferredLanguage: { Qualifier: true, PresenceValue: 'fi' },
      ContactInfo: { Qualifier: true, ContainedvCard: 'BEGIN:VCARD\r\nVERSION:2.1\r\nN:Ek;Mila\r\nEND:VCARD\r\n' },
      ...(kind.version !== '1.1' && {
        InfoLink: { Qualifier: true, Inf_link: [{ Link: 'http://mila.test/', Text: 'me' }] },
      }),
    } as StructureOf<'PresenceSubList'>;
    assert.equal(await mila.csp.codeFor(update(said)), 200);
    const node = `<pubsub xmlns='${pubsub}'><items node='urn:xmpp:vcard4'/></pubsub>`;
    const card = await cast.world.until('the card is there', async () => {
      const answer = await asks(tomas, milaJid, node);
      return answer.type === 'result' && answer.toXml().includes('<given>Mila</given>') ? answer.toXml() : undefined;
    });
    for (const part of ['<surname>Ek</surname>', '+358401', '<language-tag>fi</language-tag>', '+03'])
      assert.ok(card.includes(part), `${part} in ${card}`);
    if (kind.version !== '1.1') assert.ok(card.includes('<uri>http://mila.test/</uri>'), card);
    const stranger = await cast.world.friend(await cast.world.someone('nils'));
    assert.equal((await asks(stranger, milaJid, node)).type, 'error');
    isContent(mila);
  });

  test('a contact with two clients: each of them in 1.3, the one that speaks for the contact before', async () => {
    const { mila, tomas, tomasJid } = await friends();
    await tomas.sends('<presence><priority>1</priority><show>away</show></presence>');
    const laptop = await cast.world.friend(tomasJid, 'laptop', false);
    await laptop.sends('<presence><priority>5</priority><status>on the laptop</status></presence>');
    await cast.presence(mila, tomasJid, { StatusText: 'on the laptop', UserAvailability: 'AVAILABLE' });
    const answer = await mila.csp.request(getPresence(mila, tomasJid), 'GetPresence-Response');
    const online = attribute(answer, tomasJid, 'OnlineStatus');
    const several = (Array.isArray(online) ? online : [online]) as { ClientID?: { URL?: string } }[];
    const clients = several.map(({ ClientID }) => ClientID?.URL);
    assert.deepEqual(clients, kind.version === '1.3' ? ['laptop', 'desk'] : [undefined]);
    const info = attribute(answer, tomasJid, 'ClientInfo');
    const kinds = (Array.isArray(info) ? info : [info]) as { ClientIMPriority?: number; ClientID?: { URL?: string } }[];
    assert.deepEqual(
      kinds.map(({ ClientIMPriority, ClientID }) => [ClientIMPriority, ClientID?.URL]),
      kind.version === '1.3'
        ? [
            [5, 'laptop'],
            [1, 'desk'],
          ]
        : [[undefined, undefined]],
    );
    await laptop.sends("<presence type='unavailable'/>");
    await cast.presence(mila, tomasJid, {
      UserAvailability: kind.name.startsWith('Android') ? 'NOT_AVAILABLE' : 'DISCREET',
    });
    isContent(mila);
  });
};
