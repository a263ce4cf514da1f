// What people who are nobody's contacts may leave with a user: requests for subscription, so many and so large.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stanzaFromText } from '../../../xmpp/stanza-text.ts';
import { testServer } from '../../testing/server.ts';

test('requests of strangers are bounded in number and size, and leave room for contacts', async () => {
  const server = testServer({ limits: { rosterItemsMax: 50 } });
  await server.addAccount('anna');
  const asks = (who: string, said: string): Promise<void> =>
    server.route(stanzaFromText(`<presence type='subscribe' from='${who}' to='anna@home.test'>${said}</presence>`));
  await asks('carl@far.test', '<status>it is me</status>');
  for (let n = 0; n < 60; n++) await asks(`eve${n}@far.test`, `<status>${'x'.repeat(100_000)}</status>`);
  const anna = await server.signIn('anna');
  await anna.sends('<presence/>');
  await server.settle();
  const requests = anna.received.filter(({ type }) => type === 'subscribe');
  assert.equal(requests.length, 5);
  assert.equal(requests[0]?.inner, '<status>it is me</status>');
  assert.ok(requests.every(({ inner }) => inner.length < 8_192));
  anna.received.length = 0;
  await anna.sends("<presence type='subscribe' to='mila@far.test'/>");
  await server.settle();
  assert.deepEqual(
    anna.received.filter(({ type }) => type === 'error'),
    [],
  );
  // Somebody whom she has in her roster is no stranger.
  await asks('mila@far.test', '');
  await server.settle();
  assert.ok(anna.received.some(({ type, from }) => type === 'subscribe' && from?.toString() === 'mila@far.test'));
  await server.close();
});
