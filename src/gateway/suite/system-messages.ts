// What the operator says to the users: a system message in CSP 1.3, which can be answered and may have to be; a message from
// the server's address for every other phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrimitiveOf } from '../../imps/primitives.ts';
import { type Announcement, addAnnouncement, heardKey, removeAnnouncement } from '../../store/announcements.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Cast } from './cast.ts';
import { wv } from './shapes.ts';
import type { Handset } from './world.ts';

export const systemMessageConversations = (cast: Cast): void => {
  const { kind, strangers, isContent } = cast;
  const is13 = kind.version === '1.3';
  const second = { ...kind, clientId: { URL: 'http://second.example/imps' } };
  let made = 0;

  const announce = async (to: readonly Jid[] | undefined, more: Partial<Announcement> = {}): Promise<Announcement> => {
    const now = cast.world.ground.clock.wall();
    const announcement: Announcement = {
      id: `a${kind.name.replaceAll(/[^A-Za-z0-9]/g, '')}${++made}`,
      text: 'The ferry stops on Sunday.',
      options: [],
      requiresAnswer: false,
      verification: undefined,
      to: to?.map(String),
      createdAt: now,
      expiresAt: now + 86_400_000,
      ...more,
    };
    await addAnnouncement(cast.world.ground.store, announcement);
    cast.world.gateway.announced();
    return announcement;
  };
  const withdraw = async ({ id }: Announcement): Promise<void> => {
    await removeAnnouncement(cast.world.ground.store, id);
    cast.world.gateway.announced();
    await cast.world.ground.pass(100);
  };
  const systemMessage = async (phone: Handset) => {
    const { SystemMessageList } = await phone.receives('SystemMessage-Request');
    assert.equal(SystemMessageList.SystemMessage.length, 1);
    return SystemMessageList.SystemMessage[0];
  };
  /** What the phone is told, in whatever form. */
  const hears = async (phone: Handset, text: string): Promise<void> => {
    if (is13) return void assert.equal((await systemMessage(phone))?.SystemMessageText, text);
    const message = await phone.receives('NewMessage');
    const { domain } = phone.user;
    assert.equal(message.ContentData, text);
    assert.equal(message.MessageInfo.Sender?.User?.UserID, `wv:${domain}@${domain}`);
  };
  const hearsNothing = (phone: Handset): Promise<void> =>
    phone.receivesNo(is13 ? 'SystemMessage-Request' : 'NewMessage');

  test('what the operator says reaches phones that are there and those that come, each account once', async () => {
    const { mila, milaJid } = await strangers();
    const evaJid = await cast.world.someone('eva');
    const said = await announce(undefined, { text: 'Below the ice', options: ['Good', 'Bad'] });
    const text = is13 ? said.text : 'Below the ice\n1. Good\n2. Bad';
    await hears(mila, text);
    // Our own server tells its XMPP clients too, and to it a phone is one.
    await mila.csp.publish('AVAILABLE');
    const eva = await cast.world.phone(evaJid, kind);
    await hears(eva, text);
    const again = await cast.world.phone(milaJid, second);
    await hearsNothing(again);
    await hearsNothing(mila);
    isContent(mila, eva, again);
    await withdraw(said);
  });

  test('what is for some is heard by them alone, and what is over or taken back by nobody', async () => {
    const { mila, milaJid, tomasJid } = await strangers();
    const tomas = await cast.world.phone(tomasJid, kind);
    const said = await announce([milaJid]);
    await hears(mila, said.text);
    await hearsNothing(tomas);
    const nilsJid = await cast.world.someone('nils');
    await announce([nilsJid], { expiresAt: cast.world.ground.clock.wall() - 1 });
    await withdraw(await announce([nilsJid]));
    const nils = await cast.world.phone(nilsJid, kind);
    await hearsNothing(nils);
    isContent(mila, tomas, nils);
  });

  if (!is13) return;

  const answer = async (phone: Handset, response: { id: string; option?: number; key?: string }) =>
    (
      await phone.csp.request(
        {
          name: 'SystemMessage-User',
          SystemMessageResponseList: {
            SystemMessageResponse: [
              {
                SystemMessageID: response.id,
                ...(response.option !== undefined && { ChosenOptionID: response.option }),
                ...(response.key !== undefined && { VerificationKey: response.key }),
              },
            ],
          },
        },
        'Status',
      )
    ).Result;
  const heardBy = async (who: Jid, id: string) =>
    JSON.parse((await cast.world.ground.store.csp.setting(who.toString(), heardKey)) ?? '{}')[id];

  test('a question is answered with an option and the key, and nothing goes on before', async () => {
    const { mila, milaJid } = await strangers();
    const said = await announce([milaJid], {
      text: 'Do you agree?',
      options: ['Yes', 'No'],
      requiresAnswer: true,
      verification: { key: 'herring' },
    });
    assert.equal(await mila.csp.codeFor({ name: 'GetList-Request' }), 200, 'the phone was not asked yet');
    const asked = await systemMessage(mila);
    assert.deepEqual(asked, {
      SystemMessageID: said.id,
      RequiresResponse: true,
      SystemMessageText: 'Do you agree?',
      AnswerOptions: {
        AnswerOption: [
          { AnswerOptionID: 1, AnswerOptionText: 'Yes' },
          { AnswerOptionID: 2, AnswerOptionText: 'No' },
        ],
      },
      VerificationMechanism: { InText: 'herring' },
    });
    const refused = (await mila.csp.request({ name: 'GetList-Request' }, 'Status')).Result;
    assert.deepEqual([refused.Code, refused.SystemMessageList?.SystemMessage], [403, [asked]]);
    assert.equal(await mila.csp.codeFor({ name: 'KeepAlive-Request' }), 200);

    assert.equal((await answer(mila, { id: 'none', option: 1 })).Code, 404);
    assert.deepEqual(await answer(mila, { id: said.id, option: 1, key: 'cod' }), {
      Code: 402,
      Description: 'The key is wrong.',
    });
    assert.equal((await answer(mila, { id: said.id, option: 3, key: 'herring' })).Code, 402);
    assert.equal((await answer(mila, { id: said.id, option: 1, key: 'Herring ' })).Code, 200);
    assert.equal((await answer(mila, { id: said.id, option: 2, key: 'herring' })).Code, 200, 'the first answer counts');
    assert.equal(await mila.csp.codeFor({ name: 'GetList-Request' }), 200);
    const heard = await heardBy(milaJid, said.id);
    assert.deepEqual([heard.answer.option, heard.wrongKeys], [1, 1]);
    const other = await cast.world.phone(milaJid, second);
    await hearsNothing(other);
    isContent(mila, other);
  });

  test('keys cannot be tried one after another', async () => {
    const { mila, milaJid } = await strangers();
    const url = 'http://home.test/word.png';
    const said = await announce([milaJid], { requiresAnswer: true, verification: { key: 'eel', url } });
    assert.deepEqual((await systemMessage(mila))?.VerificationMechanism, { URL: url });
    // Nor many at once: of one request, one counts.
    const many = ['a', 'b', 'eel', 'c'].map((VerificationKey) => ({ SystemMessageID: said.id, VerificationKey }));
    const list = { SystemMessageResponseList: { SystemMessageResponse: many } };
    assert.equal((await mila.csp.request({ name: 'SystemMessage-User', ...list }, 'Status')).Result.Code, 900);
    assert.equal((await heardBy(milaJid, said.id)).wrongKeys, 1);
    for (let tries = 1; tries < 5; tries++) assert.equal((await answer(mila, { id: said.id, key: 'x' })).Code, 402);
    const paused = await answer(mila, { id: said.id, key: 'eel' });
    assert.equal(paused.Code, 503);
    assert.ok(paused.TryAgainTimeout && paused.TryAgainTimeout <= 900);
    assert.equal((await heardBy(milaJid, said.id)).wrongKeys, 5);
    // The operator can always let them go on.
    await withdraw(said);
    assert.equal(await mila.csp.codeFor({ name: 'GetList-Request' }), 200);
    isContent(mila);
  });

  // In the plain text syntax a phone that has said nothing of our codes yet is told nothing in them.
  if (kind.encoding === 'pts') return;
  test('a question that was left open comes with the next sign-in, where it may be answered', async () => {
    const { mila, milaJid } = await strangers();
    const said = await announce([milaJid], { requiresAnswer: true, options: ['Yes'] });
    await systemMessage(mila);
    await mila.csp.signOut();
    const login = (more: Partial<PrimitiveOf<'Login-Request'>> = {}): PrimitiveOf<'Login-Request'> => ({
      name: 'Login-Request',
      UserID: wv(milaJid),
      ClientID: kind.clientId,
      Password: 'secret',
      SessionCookie: 'c',
      ...more,
    });
    const phone = cast.world.handset(milaJid, kind);
    const first = await phone.csp.request(login(), 'Login-Response');
    assert.equal(first.Result.Code, 200);
    assert.deepEqual(
      first.Result.SystemMessageList?.SystemMessage.map(({ SystemMessageID }) => SystemMessageID),
      [said.id],
    );
    const SystemMessageResponseList = { SystemMessageResponse: [{ SystemMessageID: said.id, ChosenOptionID: 1 }] };
    const next = await phone.csp.request(login({ SystemMessageResponseList }), 'Login-Response');
    assert.deepEqual(next.Result, { Code: 200 });
    assert.equal((await heardBy(milaJid, said.id)).answer.option, 1);
    const again = await cast.world.phone(milaJid, kind);
    assert.equal(await again.csp.codeFor({ name: 'GetList-Request' }), 200);
    isContent(mila, again);
  });
};
