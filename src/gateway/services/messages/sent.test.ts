// Two phones of one account: what becomes of a message of either is told, however many the other has sent since.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { plain } from '../../../imps/client/personality.ts';
import { inProcess } from '../../suite/in-process.ts';
import { World } from '../../suite/world.ts';

let world: World;
before(async () => {
  world = new World(await inProcess());
  await world.gateway.start();
});
after(() => world.close());

test('two phones of one account take different places for what they send', async () => {
  const anna = await world.someone('anna');
  const mila = await world.someone('mila');
  const phones = await Promise.all(
    [1, 2].map((number) => world.phone(anna, { ...plain, clientId: { URL: `http://phone.example/${number}` } })),
  );
  const places: number[] = [];
  for (let round = 0; round < 3; round++)
    for (const phone of phones) {
      const id = await phone.csp.sendText(`wv:${mila}`, `hello ${round}`);
      places.push(Number.parseInt(id.split('-')[0] ?? '', 36));
    }
  assert.deepEqual(places, [0, 1, 2, 3, 4, 5]);
  // One that signs in again goes on where it was.
  const again = await world.phone(anna, { ...plain, clientId: { URL: 'http://phone.example/1' } });
  assert.match(await again.csp.sendText(`wv:${mila}`, 'hello again'), /^6-/);
  assert.deepEqual(world.troubles, []);
});
