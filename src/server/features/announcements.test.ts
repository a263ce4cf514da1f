// What the operator says, to XMPP clients.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Announcement,
  addAnnouncement,
  heardKey,
  readHeard,
  removeAnnouncement,
} from '../../store/announcements.ts';
import { testServer } from '../testing/server.ts';

test('who is there hears it at once, who comes hears it then, and each account once', async () => {
  const server = testServer();
  const { store, clock } = server;
  const announcement = (id: string, more: Partial<Announcement> = {}): Announcement => ({
    id,
    text: `Text of ${id}`,
    options: [],
    requiresAnswer: false,
    verification: undefined,
    to: undefined,
    createdAt: clock.wall(),
    expiresAt: clock.wall() + 3_600_000,
    ...more,
  });
  const say = async (one: Announcement): Promise<void> => {
    await addAnnouncement(store, one);
    await server.announce();
    await server.settle();
  };
  const anna = await server.signIn('anna', 'desk');
  await anna.sends('<presence/>');
  anna.received.length = 0;
  const texts = (client: typeof anna): string[] =>
    client.received
      .splice(0)
      .flatMap((one) => (one.kind === 'message' ? [`${one.from} ${one.child('body')?.children.join('')}`] : []));

  await say(announcement('a1', { options: ['Yes', 'No'] }));
  assert.deepEqual(texts(anna), ['home.test Text of a1\n1. Yes\n2. No']);
  await say(announcement('a2', { to: ['mila@home.test'] }));
  await server.announce();
  assert.deepEqual(texts(anna), []);

  const mila = await server.signIn('mila', 'desk');
  assert.deepEqual(texts(mila), []);
  await mila.sends('<presence/>');
  assert.deepEqual(texts(mila), ['home.test Text of a1\n1. Yes\n2. No', 'home.test Text of a2']);
  const again = await server.signIn('mila', 'laptop');
  await again.sends('<presence/>');
  assert.deepEqual(texts(again), []);
  assert.deepEqual(readHeard(await store.csp.setting('mila@home.test', heardKey)), {
    a1: { isSent: true },
    a2: { isSent: true },
  });

  await say(announcement('a3', { expiresAt: clock.wall() + 1000 }));
  assert.deepEqual(texts(mila), ['home.test Text of a3']);
  clock.advance(2000);
  await removeAnnouncement(store, 'a1');
  await server.announce();
  const otto = await server.signIn('otto', 'desk');
  await otto.sends('<presence/>');
  assert.deepEqual(texts(otto), []);
  await server.close();
});
