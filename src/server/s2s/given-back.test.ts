// A message that another server could not be given comes back to its sender, wherever the sender is by then.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { TestNetwork } from './testing.ts';

let net: TestNetwork;
beforeEach(() => {
  net = new TestNetwork();
});
afterEach(() => net.close());

const cameBack = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => (/type='error'/.test(text) ? (/ id='([^']+)'/.exec(text)?.[1] ?? []) : []));
const received = (client: { received: { kind: string; toXml(): string }[] }): string[] =>
  client.received.filter(({ kind }) => kind === 'message').map((one) => one.toXml());

test('a sender who went away meanwhile hears of it when he is back, once', async () => {
  const home = net.start(['home.test']);
  net.start(['away.test']);
  net.refusing.add('away.test');
  const first = await home.signIn('anna');
  await net.says(first, "<presence/><message to='mila@away.test' type='chat' id='m1'><body>hello</body></message>");
  await first.link.close();
  await net.pass(700_000);
  const second = await home.signIn('anna');
  await second.sends('<presence/>');
  await net.settle();
  assert.deepEqual(cameBack(received(second)), ['m1']);
  await second.link.close();
  const third = await home.signIn('anna');
  await third.sends('<presence/>');
  await net.settle();
  assert.deepEqual(received(third), []);
});

test('a sender who is back under another resource by then hears of it there', async () => {
  const home = net.start(['home.test']);
  net.start(['away.test']);
  net.refusing.add('away.test');
  const first = await home.signIn('anna', 'old');
  await net.says(first, "<presence/><message to='mila@away.test' type='chat' id='m1'><body>hello</body></message>");
  await first.link.close();
  const second = await home.signIn('anna', 'new');
  await second.sends('<presence/>');
  await net.pass(700_000);
  assert.deepEqual(cameBack(received(second)), ['m1']);
});

test('a sender who is there hears of it at once', async () => {
  const home = net.start(['home.test']);
  net.start(['away.test']);
  net.refusing.add('away.test');
  const anna = await home.signIn('anna');
  await net.says(anna, "<presence/><message to='mila@away.test' type='chat' id='m1'><body>hello</body></message>");
  await net.pass(700_000);
  assert.deepEqual(cameBack(received(anna)), ['m1']);
});

test('a server that comes back later than it would have waited tells senders who come back after it', async () => {
  const home = net.start(['home.test']);
  net.start(['away.test']);
  net.refusing.add('away.test');
  const first = await home.signIn('anna');
  await net.says(first, "<presence/><message to='mila@away.test' type='chat' id='m1'><body>hello</body></message>");
  net.end('home.test');
  net.clock.advance(700_000);
  const again = net.start(['home.test'], { store: home.store });
  await again.federation.start();
  await net.settle();
  const second = await again.signIn('anna');
  await second.sends('<presence/>');
  await net.settle();
  assert.deepEqual(cameBack(received(second)), ['m1']);
});
