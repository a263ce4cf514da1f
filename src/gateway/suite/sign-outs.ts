// Sessions that the server ends: why the phone hears it, and what it hears afterwards.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cast } from './cast.ts';
import type { Handset } from './world.ts';

export const signOutConversations = (cast: Cast): void => {
  const { kind, strangers } = cast;
  const elsewhere = (n: number) => ({ ...kind, clientId: { URL: `http://phone${n}.example/imps` } });

  const isSignedOut = async (phone: Handset, code: number, asks = true): Promise<void> =>
    assert.rejects(
      asks ? phone.csp.request({ name: 'GetList-Request' }).then(() => phone.csp.poll()) : phone.csp.poll(),
      { code },
    );

  test('the operator signs a phone out: its next poll brings the reason', async () => {
    const { mila, milaJid } = await strangers();
    const { gateway } = cast.world;
    assert.equal(gateway.signOut({ user: milaJid.toString() }, 'The phone was lost.'), 1);
    assert.equal(gateway.signOut({ user: milaJid.toString() }, 'Again.'), 0);
    const told = await mila.receives('Disconnect');
    assert.deepEqual(told.Result, { Code: 601, Description: 'The phone was lost.' });
    const again = await cast.world.phone(milaJid, kind);
    assert.equal((await again.csp.contactLists()).length, 1, 'it may come back');
    assert.deepEqual([...mila.csp.complaints, ...again.csp.complaints], []);
  });

  test('a phone that asks something instead is told so in its answer', async () => {
    const { mila, milaJid } = await strangers();
    cast.world.gateway.signOut({ user: milaJid.toString() }, 'Maintenance.');
    await isSignedOut(mila, 601);
  });

  test('a phone that signs in again ends its older session without a word', async () => {
    const { mila, milaJid } = await strangers();
    const again = await cast.world.phone(milaJid, kind);
    await isSignedOut(mila, 604);
    assert.equal((await again.csp.contactLists()).length, 1);
    assert.deepEqual(again.csp.complaints, []);
  });

  test('of too many phones of one user the one heard longest ago is signed out', async () => {
    const { mila, milaJid } = await strangers();
    const others: Handset[] = [];
    for (let n = 1; n <= 8; n++) {
      await cast.world.ground.pass(1000);
      others.push(await cast.world.phone(milaJid, elsewhere(n)));
    }
    const told = await mila.receives('Disconnect');
    assert.deepEqual(told.Result, { Code: 601, Description: 'You signed in on too many phones.' });
    for (const phone of others) assert.equal((await phone.csp.contactLists()).length, 1);
    assert.deepEqual(mila.csp.complaints, []);
  });
};
