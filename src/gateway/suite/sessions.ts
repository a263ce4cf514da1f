// A phone's session: signing in by every scheme, keeping alive, who provides the service, whether addresses are good, and
// the end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrimitiveOf } from '../../imps/primitives.ts';
import type { Cast } from './cast.ts';
import { getPresence, seen, wv } from './shapes.ts';

export const sessionConversations = (cast: Cast): void => {
  const { kind, strangers, friends, isContent } = cast;

  for (const [scheme, title] of [
    ['PWD', 'a phone signs in by its password, and out'],
    ['MD5', 'a phone signs in by MD5, and out'],
    ['SHA', 'a phone signs in by SHA, and out'],
  ] as const)
    test(title, async () => {
      const { world } = cast;
      const who = await world.someone('mila');
      const phone = world.handset(who, kind);
      const answer = await phone.csp.signIn(scheme);
      assert.deepEqual(answer.ClientID, kind.clientId);
      assert.match(answer.SessionID ?? '', /^[A-Za-z0-9-]{20,50}$/);
      await phone.csp.signOut();
      await assert.rejects(phone.csp.request({ name: 'GetList-Request' }), /signed out/);
      isContent(phone);
    });

  test('a phone keeps its session alive', async () => {
    const { mila } = await strangers();
    const asked = { name: 'KeepAlive-Request', TimeToLive: 1800 } as const;
    const same = await mila.csp.request(asked, 'KeepAlive-Response');
    assert.deepEqual(same.Result, { Code: 200 });
    const less = await mila.csp.request({ ...asked, TimeToLive: 10 }, 'KeepAlive-Response');
    assert.deepEqual(
      [less.Result.Code, less.KeepAliveTime],
      [200, 300],
      'Nokia S60 takes no other code with a new time',
    );
    isContent(mila);
  });

  test('who provides the service is told before sign-in and after', async () => {
    const who = await cast.world.someone('mila');
    const phone = cast.world.handset(who, kind);
    const ask = () => phone.csp.request({ name: 'GetSPInfo-Request', ClientID: kind.clientId }, 'GetSPInfo-Response');
    const before = await ask();
    assert.equal(before.Name, 'onesoup');
    assert.deepEqual(before.ClientID, kind.clientId);
    await phone.csp.signIn();
    assert.deepEqual(await ask(), before);
    isContent(phone);
  });

  if (kind.version !== '1.1')
    test('a phone has addresses verified', async () => {
      const { mila, tomasJid, milaJid } = await strangers();
      const [list = ''] = await mila.csp.contactLists();
      const verify = async (IDList: PrimitiveOf<'VerifyID-Request'>['IDList']) =>
        (await mila.csp.request({ name: 'VerifyID-Request', IDList }, 'Status')).Result;
      assert.deepEqual(await verify({ UserID: [wv(tomasJid)], ContactList: [list] }), { Code: 200 });
      const bad = await verify({ UserID: ['wv:/@@'], ContactList: [`wv:${milaJid.local}/none@${milaJid.domain}`] });
      assert.equal(bad.Code, 201);
      assert.deepEqual(bad.DetailedResult?.map(({ Code }) => Code).sort(), [531, 700]);
      isContent(mila);
    });

  test('a phone that no longer watches a contact hears nothing of it', async () => {
    const { mila, tomas, tomasJid, list } = await friends();
    const stop = (): Promise<number> =>
      mila.csp.codeFor({
        name: 'UnsubscribePresence-Request',
        ...(kind.version === '1.3' ? { ContactListIDList: { ContactList: [list] } } : { ContactList: [list] }),
      });
    assert.equal(await stop(), 200);
    mila.arrived.length = 0;
    await tomas.sends('<presence><status>nobody hears this</status></presence>');
    await mila.receivesNo('PresenceNotification-Request');
    const read = await mila.csp.request(getPresence(mila, tomasJid), 'GetPresence-Response');
    assert.equal(seen(read, tomasJid)?.StatusText, 'nobody hears this', 'reading it goes on');
    isContent(mila);
  });
};
