// Invitations: into groups, from phones and from ordinary clients; to chat and to look at something, between phones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Jid } from '../../xmpp/jid.ts';
import type { Cast } from './cast.ts';
import { wv } from './shapes.ts';
import type { Handset } from './world.ts';

const muc = 'http://jabber.org/protocol/muc';

export const invitationConversations = (cast: Cast): void => {
  const { kind, strangers, isContent } = cast;

  const invite = (
    phone: Handset,
    who: Jid,
    what: { InviteID: string; InviteType: 'GR' | 'IM' | 'PR' | 'SC'; [more: string]: unknown },
  ) =>
    phone.csp.codeFor({
      name: 'Invite-Request',
      Sender: { User: { UserID: wv(phone.user) } },
      Recipient: { User: [{ UserID: wv(who) }] },
      Validity: 900,
      ...what,
    });
  const respond = (phone: Handset, InviteID: string, Acceptance: boolean, ResponseNote?: string) =>
    phone.csp.codeFor({
      name: 'InviteUser-Response',
      InviteID,
      Acceptance,
      ...(kind.version === '1.1' ? {} : { Sender: { User: { UserID: wv(phone.user) } } }),
      ...(ResponseNote !== undefined && { ResponseNote }),
    });

  test('a phone invites a friend into its group, and a friend a phone', async (t) => {
    if (!cast.world.ground.has.rooms) return t.skip('the server has no rooms');
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const id = `wv:${milaJid.local}/walks@${milaJid.domain}`;
    const created = await mila.csp.codeFor({
      name: 'CreateGroup-Request',
      GroupID: id,
      GroupProperties: {
        Property: [
          { Name: 'Name', Value: 'Walks' },
          { Name: 'Accesstype', Value: 'Restricted' },
        ],
      },
      JoinGroup: true,
      SubscribeNotification: false,
    });
    assert.equal(created, 200);
    assert.equal(await invite(mila, tomasJid, { InviteID: 'i1', InviteType: 'GR' }), 429);
    assert.equal(
      await invite(mila, tomasJid, { InviteID: 'i1', InviteType: 'GR', GroupID: id, InviteNote: 'Sunday?' }),
      200,
    );
    const got = await tomas.receives('an invitation', (one) => one.toXml().includes('<invite '));
    assert(got.toXml().includes('<reason>Sunday?</reason>'));
    const room = got.from?.bare.toString();
    // The group is for members, and whoever was invited is one.
    await tomas.sends(`<presence to='${room}/Tompa'><x xmlns='${muc}'/></presence>`);
    await tomas.receives('itself in the room', (one) => one.kind === 'presence' && one.toXml().includes("code='110'"));

    const club = `club-${tomasJid.local}@rooms.${tomasJid.domain}`;
    await tomas.sends(`<presence to='${club}/Tompa'><x xmlns='${muc}'/></presence>`);
    await tomas.receives('its own room', (one) => one.kind === 'presence' && one.toXml().includes("code='201'"));
    await tomas.sends(
      `<iq type='set' id='c' to='${club}'><query xmlns='${muc}#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>` +
        `<message to='${club}' id='m1'><x xmlns='${muc}#user'><invite to='${milaJid}'><reason>Kom!</reason></invite></x></message>`,
    );
    const asked = await mila.receives('InviteUser-Request');
    assert.deepEqual([asked.InviteType, asked.GroupID, asked.InviteNote], ['GR', `wv:/${club}`, 'Kom!']);
    // Some rooms show who invites, others by which name.
    const { User, Group } = asked.Sender;
    assert.equal(User?.UserID ?? Group?.ScreenName?.SName, User ? wv(tomasJid) : 'Tompa');
    assert.equal(await respond(mila, asked.InviteID, false, 'Not today'), 200);
    const declined = await tomas.receives('a refusal', (one) => one.toXml().includes('<decline'));
    assert(declined.toXml().includes('<reason>Not today</reason>'));
    assert.equal(await respond(mila, asked.InviteID, true), 423, 'answered already');
    isContent(mila);
  });

  test('phones invite to see each other’s presence, clients suggest contacts', async () => {
    const { mila, tomas, milaJid, tomasJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.phone(nilsJid, kind);
    const contactsOf = async (phone: Handset) => {
      const lists = await phone.csp.contactLists();
      const read = await Promise.all(lists.map((list) => phone.csp.readList(list)));
      return read.flatMap(({ NickList }) => NickList?.NickName?.map(({ UserID }) => UserID) ?? []);
    };
    assert.equal(await invite(mila, nilsJid, { InviteID: 'p', InviteType: 'PR', InviteNote: 'Friends?' }), 200);
    const asked = await nils.receives('InviteUser-Request');
    assert.deepEqual([asked.InviteType, asked.InviteNote, asked.Sender.User?.UserID], ['PR', 'Friends?', wv(milaJid)]);
    assert.equal(await respond(nils, asked.InviteID, true), 200);
    assert.equal((await mila.receives('Invite-Response')).Acceptance, true);
    assert.deepEqual(await contactsOf(nils), [wv(milaJid)]);
    await cast.world.until('both see each other', async () => {
      await mila.csp.poll();
      await nils.csp.poll();
      return (await contactsOf(mila)).includes(wv(nilsJid)) ? true : undefined;
    });

    // An ordinary client is shown the suggestion, and suggests in turn.
    assert.equal(await invite(mila, tomasJid, { InviteID: 'q', InviteType: 'PR' }), 200);
    const suggested = await tomas.receives('a suggestion', (one) => one.has('x', 'http://jabber.org/protocol/rosterx'));
    assert(suggested.toXml().includes(`jid='${milaJid}'`));
    await tomas.sends(
      `<message to='${milaJid}' id='rx'><body>You know her</body><x xmlns='http://jabber.org/protocol/rosterx'>` +
        `<item action='add' jid='vera@${milaJid.domain}' name='Vera'/><item action='delete' jid='${nilsJid}'/></x></message>`,
    );
    const hint = await mila.receives('InviteUser-Request');
    assert.deepEqual([hint.InviteType, hint.Sender.User?.UserID], ['PR', wv(tomasJid)]);
    assert.equal(hint.InviteNote, `You know her\nwv:vera@${milaJid.domain}`);
    assert.equal(await respond(mila, hint.InviteID, true), 200);
    const contacts = await contactsOf(mila);
    assert(contacts.includes(`wv:vera@${milaJid.domain}`) && contacts.includes(wv(nilsJid)), contacts.join());
    isContent(mila, nils);
  });

  test('phones invite each other to chat and to look, answer, and take it back', async () => {
    const { mila, tomas, milaJid } = await strangers();
    const nilsJid = await cast.world.someone('nils');
    const nils = await cast.world.phone(nilsJid, kind);
    assert.equal(await invite(mila, nilsJid, { InviteID: 'a', InviteType: 'IM', InviteNote: 'Chat?' }), 200);
    const asked = await nils.receives('InviteUser-Request');
    assert.deepEqual([asked.InviteType, asked.InviteNote, asked.Sender.User?.UserID], ['IM', 'Chat?', wv(milaJid)]);
    await nils.receivesNo('NewMessage');
    assert.equal(await respond(nils, asked.InviteID, true, 'Gladly'), 200);
    const answer = await mila.receives('Invite-Response');
    assert.deepEqual([answer.InviteID, answer.Acceptance, answer.Sender.User?.UserID], ['a', true, wv(nilsJid)]);
    assert.equal(answer.ResponseNote ?? answer.InviteNote, 'Gladly');

    const URLList = { URL: ['http://pictures.example/1.jpg'] };
    assert.equal(await invite(mila, nilsJid, { InviteID: 'b', InviteType: 'SC' }), 400);
    assert.equal(await invite(mila, nilsJid, { InviteID: 'b', InviteType: 'SC', URLList }), 200);
    const picture = await nils.receives('InviteUser-Request');
    assert.deepEqual(picture.URLList, URLList);
    assert.equal(
      await mila.csp.codeFor({
        name: 'CancelInvite-Request',
        InviteID: 'b',
        Sender: { User: { UserID: wv(milaJid) } },
        Recipient: { User: [{ UserID: wv(nilsJid) }] },
      }),
      200,
    );
    if (!kind.name.startsWith('Android')) {
      const back = await nils.receives('CancelInviteUser-Request');
      assert.equal(back.InviteID, picture.InviteID);
      assert.equal(await respond(nils, picture.InviteID, true), 423);
    }
    // Ordinary clients show the words.
    assert.equal(await invite(mila, tomas.link.jid.bare, { InviteID: 'c', InviteType: 'SC', URLList }), 200);
    await tomas.receivesText('http://pictures.example/1.jpg');
    isContent(mila, nils);
  });
};
