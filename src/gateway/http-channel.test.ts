// Whatever bytes arrive: one answer, of a status phones know, and the gateway still serves.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type TestGateway, testGateway } from './testing/test-gateway.ts';

const cleanups: TestGateway[] = [];
after(async () => {
  for (const one of cleanups) await one.close();
});

test('mutated requests are answered with 200 or 400, never 500, and cost no session', async () => {
  const world = await testGateway();
  cleanups.push(world);
  for (const encoding of ['xml', 'wbxml'] as const) {
    const phone = world.phone({ user: 'anna', encoding });
    await phone.signIn();
    const samples = [
      phone.bytes([{ mode: 'Request', id: 'a', content: phone.message('mila', 'hello') }]),
      phone.bytes([{ mode: 'Request', id: 'a', content: phone.login({ Password: 'x' }) }]),
      phone.bytes([{ mode: 'Response', id: 's1', content: { name: 'MessageDelivered', MessageID: 'm' } }]),
      phone.bytes([{ mode: 'Request', id: 'a', content: { name: 'KeepAlive-Request', TimeToLive: 4294967295 } }]),
    ];
    const mutation = fc.record({
      sample: fc.nat(samples.length - 1),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      cut: fc.option(fc.nat(), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(mutation, async ({ sample, changes, cut }) => {
        const octets = Uint8Array.from(samples[sample] ?? []);
        for (const [at, value] of changes) octets[at % octets.length] = value;
        const body = cut === undefined ? octets : octets.subarray(0, cut % octets.length);
        world.server.clock.advance(200);
        const posted = phone.post(body);
        // A mutation may be a sign-in that has to wait, or a poll.
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
        world.server.clock.advance(10_000);
        const { status } = await posted;
        assert.ok(status === 200 || status === 400, String(status));
      }),
      { numRuns: 150 },
    );
    await phone.signIn();
    assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 200);
  }
});

test('when there is too much to do, HTTP says so', async () => {
  const { defaultSettings } = await import('./settings.ts');
  const limits = { ...defaultSettings.limits, concurrentRequestsMax: 2 };
  const world = await testGateway({ settings: { limits } });
  cleanups.push(world);
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  const poll = phone.bytes([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }]);
  const held = phone.post(poll);
  await world.server.settle();
  const body = phone.bytes([{ mode: 'Request', id: 'k', content: { name: 'GetList-Request' } }]);
  const statuses = (await Promise.all([1, 2, 3].map(() => phone.post(body)))).map(({ status }) => status);
  assert.deepEqual(statuses, [200, 200, 503], 'a held poll is no work');
  assert.equal((await held).status, 200);
});
