// A phone of CSP 1.3 that drops what it does not know.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { wbxml13 } from '../../../imps/client/personality.ts';
import type { PrimitiveName } from '../../../imps/primitives.ts';
import { addAnnouncement } from '../../../store/announcements.ts';
import { inProcess } from '../../suite/in-process.ts';
import { World } from '../../suite/world.ts';

let world: World;
before(async () => {
  world = new World(await inProcess());
  await world.gateway.start();
});
after(() => world.close());

test('a phone that takes no system messages gets a message, and is never held up', async () => {
  const milaJid = await world.someone('mila');
  const acknowledges: ReadonlySet<PrimitiveName> = new Set(['NewMessage', 'PresenceNotification-Request']);
  const mila = await world.phone(milaJid, { ...wbxml13, acknowledges });
  const { clock, store } = world.ground;
  const said = {
    id: 'a1',
    text: 'The ferry stops on Sunday.',
    options: ['Yes', 'No'],
    requiresAnswer: true,
    verification: undefined,
    to: undefined,
    createdAt: clock.wall(),
    expiresAt: clock.wall() + 86_400_000,
  };
  await addAnnouncement(store, said);
  world.gateway.announced();
  await world.until('a message instead', async () => {
    await mila.csp.poll();
    await world.ground.pass(61_000);
    return mila.arrived.some(({ name }) => name === 'NewMessage') || undefined;
  });
  const message = await mila.receives('NewMessage');
  assert.equal(message.ContentData, 'The ferry stops on Sunday.\n1. Yes\n2. No');
  assert.equal(await mila.csp.codeFor({ name: 'GetList-Request' }), 200);
  await mila.receivesNo('NewMessage');
  // It stays so at the next sign-in, long after.
  await mila.csp.signOut();
  await world.ground.pass(20 * 3_600_000);
  const again = await world.phone(milaJid, { ...wbxml13, acknowledges });
  assert.equal(await again.csp.codeFor({ name: 'GetList-Request' }), 200);
  for (let polls = 0; polls < 5; polls++) {
    await again.csp.poll();
    await world.ground.pass(61_000);
  }
  assert.deepEqual(again.arrived, []);
  assert.ok(!again.csp.complaints.some((one) => one.includes('SystemMessage-Request')));
  assert.deepEqual(world.troubles, []);
});
