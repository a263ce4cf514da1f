import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testServer } from '../../testing/server.ts';

test('a presence that is too large is refused to its sender, broadcast, directed or asking', async () => {
  const server = testServer();
  const mila = await server.signIn('mila', 'desk');
  await mila.sends('<presence/>');
  await mila.receives("<presence from='mila@home.test/desk' to='mila@home.test/desk'/>");
  const anna = await server.signIn('anna', 'phone');
  const status = `<status>${'x'.repeat(9_000)}</status>`;
  await anna.sends(`<presence id='1'>${status}</presence>`);
  await anna.sends(`<presence id='2' to='mila@home.test/desk'>${status}</presence>`);
  await anna.sends(`<presence id='3' to='mila@home.test' type='subscribe'>${status}</presence>`);
  assert.deepEqual(
    anna.received.map(({ id, type }) => [id, type]),
    [
      ['1', 'error'],
      ['2', 'error'],
      ['3', 'error'],
    ],
  );
  await mila.receivesNothing();
  // An ordinary one passes.
  await anna.sends("<presence to='mila@home.test/desk'><status>here</status></presence>");
  await mila.receives(
    "<presence from='anna@home.test/phone' to='mila@home.test/desk'><status>here</status></presence>",
  );
  await server.close();
});
