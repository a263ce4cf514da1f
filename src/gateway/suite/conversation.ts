// A chat of two that goes on with more (CSP 1.3 "Extend conversation"), and where people are ("Get map").

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrimitiveOf } from '../../imps/primitives.ts';
import type { Cast } from './cast.ts';
import { wv } from './shapes.ts';

const muc = 'http://jabber.org/protocol/muc';

export const conversationConversations = (cast: Cast): void => {
  const { kind, strangers, friends, isContent } = cast;
  if (kind.version !== '1.3') return;

  test('a chat goes on with more people in it', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.phone(nilsJid, kind);
    const extend = async (more: Omit<PrimitiveOf<'ExtendConversation-Request'>, 'name'>) =>
      mila.csp.request({ name: 'ExtendConversation-Request', SubscribeNotification: true, ...more });
    const nobody = await extend({ UserIDList: { UserID: ['wv:/@@'] } });
    assert(nobody.name === 'Status' && nobody.Result.Code === 531);

    // A phone may name the chat itself, by whatever word.
    const own = kind.encoding === 'xml' ? { ExtendConversationID: 'constructor' } : {};
    const begun = await extend({
      ...own,
      ExtendConversationUser: { UserID: wv(tomasJid) },
      UserIDList: { UserID: [wv(nilsJid), 'wv:/@@'] },
      WelcomeNote: { ContentType: 'text/plain', ContentData: 'With Nils, too' },
    });
    assert(begun.name === 'ExtendConversation-Response');
    assert.equal(begun.Result.Code, 201);
    assert.deepEqual(
      begun.Result.DetailedResult?.map(({ Code, UserID }) => [Code, UserID]),
      [[531, ['wv:/@@']]],
    );
    const { GroupID = '', ExtendConversationID = '' } = begun;
    assert.match(GroupID, new RegExp(`^wv:${milaJid.local}/chat-`));

    // An ordinary client is invited by the room, as a chat that goes on (XEP-0045 §7.9).
    const invited = await tomas.receives('an invitation', (one) => one.toXml().includes('<invite '));
    // Prosody passes the invitation on without that.
    const { ground } = cast.world;
    const isKept = invited.toXml().includes('<continue');
    assert(isKept || ground.home !== ground.provider.domain);
    assert(invited.toXml().includes('<reason>With Nils, too</reason>'));
    const room = invited.from?.bare.toString() ?? '';
    await tomas.sends(`<presence to='${room}/Tompa'><x xmlns='${muc}'/></presence>`);
    await tomas.receives('itself in the room', (one) => one.kind === 'presence' && one.toXml().includes("code='110'"));

    // A phone of 1.3 as what it is; it comes in.
    const asked = await nils.receives('InviteUser-Request');
    assert.deepEqual([asked.InviteType, asked.GroupID], [isKept ? 'EC' : 'GR', GroupID]);
    const joined = await nils.csp.request({
      name: 'JoinGroup-Request',
      GroupID,
      JoinedRequest: true,
      SubscribeNotification: false,
    });
    assert.equal(joined.name, 'JoinGroup-Response');
    await tomas.sends(`<message to='${room}' type='groupchat' id='g1'><body>Hej alla</body></message>`);
    for (const phone of [mila, nils]) assert.equal((await phone.receives('NewMessage')).ContentData, 'Hej alla');

    // Once more under the same id: one more in the same group.
    const veraJid = await cast.world.someone('vera');
    const vera = await cast.world.friend(veraJid);
    const again = await extend({ ExtendConversationID, UserIDList: { UserID: [wv(veraJid)] } });
    assert(again.name === 'ExtendConversation-Response');
    assert.deepEqual([again.Result.Code, again.GroupID], [200, GroupID]);
    await vera.receives('an invitation', (one) => one.from?.bare.toString() === room);

    // Who was not invited stays outside, and does not find it.
    const olle = await cast.world.friend(await cast.world.someone('olle'));
    await olle.sends(`<presence to='${room}/Olle'><x xmlns='${muc}'/></presence>`);
    await olle.receives('a refusal', (one) => one.type === 'error' && one.toXml().includes('registration-required'));
    isContent(mila, nils);
  });

  test('a phone asks for a map of where somebody is', async () => {
    const { mila, tomas, milaJid, tomasJid } = await friends();
    const ask = async (what: Omit<PrimitiveOf<'GetMap-Request'>, 'name'>) =>
      mila.csp.request({ name: 'GetMap-Request', ...what });
    const unknown = await ask({ UserID: wv(tomasJid) });
    assert(unknown.name === 'Status' && unknown.Result.Code === 404);
    await tomas.sends(
      "<presence><geoloc xmlns='http://jabber.org/protocol/geoloc'><lat>57.70716</lat><lon>11.96679</lon></geoloc></presence>",
    );
    await cast.world.until('the place is known', async () => {
      const map = await ask({ UserID: wv(tomasJid) });
      return map.name === 'GetMap-Response' && map.URL === 'http://maps.example/?at=57.70716,11.96679'
        ? true
        : undefined;
    });
    const there = await ask({
      PresenceSubList: { GeoLocation: [{ Qualifier: true, Latitude: '12 30 0S', Longitude: '36 15 0W' }] },
    });
    assert.deepEqual(there, { name: 'GetMap-Response', URL: 'http://maps.example/?at=-12.5,-36.25' });
    const own = await ask({ UserID: wv(milaJid) });
    assert(own.name === 'Status' && own.Result.Code === 404);
    isContent(mila);
  });
};
