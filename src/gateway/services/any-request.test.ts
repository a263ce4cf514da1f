// Whatever a phone asks, as long as it is CSP, is answered: never by "internal error", and nothing is left in the log.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { wbxml12, wbxml13 } from '../../imps/client/personality.ts';
import { codeOf } from '../../imps/client/strict.ts';
import { primitiveInfo } from '../../imps/lookup.ts';
import { samplePrimitive } from '../../imps/model/sample.ts';
import type { PrimitiveName } from '../../imps/primitives.ts';
import { inProcess } from '../suite/in-process.ts';
import { World } from '../suite/world.ts';
import { services } from './index.ts';

let world: World;
before(async () => {
  world = new World(await inProcess());
  await world.gateway.start();
});
after(() => world.close());

const served = services.flatMap(({ primitives }) => Object.keys(primitives) as PrimitiveName[]);

for (const personality of [{ ...wbxml12, version: '1.1' as const }, wbxml12, wbxml13])
  test(`any request of CSP ${personality.version}`, async () => {
    const phone = await world.phone(await world.someone('mila'), { ...personality, parserSize: 1_000_000 });
    const names = served.filter((name) => primitiveInfo.get(name)?.versions.includes(personality.version));
    assert.ok(names.length > 15);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.integer({ min: 0 }), async (name, seed) => {
        const asked = phone.csp.request(samplePrimitive(name, personality.version, seed));
        let isOver = false;
        const over = (): void => {
          isOver = true;
        };
        asked.then(over, over);
        await world.ground.pass(0);
        // Who makes many groups at a time has to wait for the next.
        while (!isOver) await world.ground.pass(1000);
        const answer = await asked;
        assert.notEqual(codeOf(answer), 500, JSON.stringify(answer));
        assert.deepEqual([phone.csp.complaints, world.troubles], [[], []]);
      }),
      { numRuns: 250 },
    );
  });
