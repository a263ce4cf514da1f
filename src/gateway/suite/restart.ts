// The gateway starts again in the middle.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cast } from './cast.ts';

export const restartConversations = (cast: Cast): void => {
  const { friends, presence, isContent } = cast;

  test('subscriptions and what waits survive a restart of the gateway', async () => {
    const { mila, tomas, milaJid, tomasJid } = await friends();
    await tomas.sends(`<message to='${milaJid}' type='chat' id='k1'><body>före</body></message>`);
    await cast.world.restart();
    assert.equal((await mila.receives('NewMessage')).ContentData, 'före');
    await tomas.sends('<presence><status>efter</status></presence>');
    await presence(mila, tomasJid, { StatusText: 'efter' });
    await mila.receivesNo('NewMessage');
    isContent(mila);
  });
};
