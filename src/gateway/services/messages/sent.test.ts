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
  const say = async (phone: (typeof phones)[number]): Promise<void> => {
    const id = await phone.csp.sendText(`wv:${mila}`, 'hello');
    places.push(Number.parseInt(id.split('-')[0] ?? '', 36));
  };
  for (let round = 0; round < 40; round++) for (const phone of phones) await say(phone);
  // One that signs in again takes nobody's place either.
  const again = await world.phone(anna, { ...plain, clientId: { URL: 'http://phone.example/1' } });
  for (let round = 0; round < 20; round++) await say(again);
  assert.equal(new Set(places).size, 100);
  assert.ok(Math.max(...places) < 160, 'none is passed over but what a session had taken and did not use');
  assert.deepEqual(world.troubles, []);
});
