import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { bad, good } from '../../base/outcome.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import {
  type Link,
  type LinkFault,
  LinkLostError,
  type LinkProvider,
  type LinkReceiver,
  type LinkRequest,
} from '../../xmpp/link.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { Stanza as StanzaValue } from '../../xmpp/stanza.ts';
import type { Service } from '../service.ts';
import { courier } from '../testing/courier.ts';
import { type TestGateway, testGateway, textsOf } from '../testing/test-gateway.ts';
import { phoneKey } from './client-id.ts';

const cleanups: TestGateway[] = [];
after(async () => {
  for (const one of cleanups) await one.close();
});

/** A server that a test holds by the hand: Links open, break and refuse when it says so. */
class Backend implements LinkProvider {
  readonly domain = 'away.test';
  readonly requests: LinkRequest[] = [];
  /** All that was sent, with what became of it. */
  readonly sent: { readonly stanza: Stanza; readonly safe: () => void; readonly lost: () => void }[] = [];
  fault: LinkFault | undefined;
  receiver: LinkReceiver | undefined;
  isClosed = false;

  async open(request: LinkRequest, receiver: LinkReceiver) {
    this.requests.push(request);
    if (this.fault) return bad(this.fault);
    this.receiver = receiver;
    const link: Link = {
      jid: Jid.from(`otto@away.test/${request.resource}`),
      features: new Set<string>(),
      send: (stanza) =>
        new Promise((resolve, reject) => {
          this.sent.push({ stanza, safe: resolve, lost: () => reject(new LinkLostError('lost')) });
        }),
      close: async () => {
        this.isClosed = true;
      },
      resumption: () => ({ id: 'resume-me' }),
    };
    return good(link);
  }

  messages(): readonly Stanza[] {
    return this.sent.flatMap(({ stanza }) => (stanza.kind === 'message' ? [stanza] : []));
  }
}

const make = async (...others: readonly Service[]) => {
  const backend = new Backend();
  const world = await testGateway({ providers: () => [backend], services: [courier, ...others] });
  cleanups.push(world);
  const phone = world.phone({ user: 'otto@away.test' });
  await phone.signIn();
  return { backend, world, phone, clock: world.server.clock };
};
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
};

test('what the next hop did not acknowledge goes again by the next Link, with the same id; presence too', async () => {
  const { backend, phone, world, clock } = await make();
  assert.equal(await phone.code(phone.message('mila@x.test', 'one')), 200);
  assert.equal(await phone.code(phone.message('mila@x.test', 'two')), 200);
  const [one, two] = backend.sent.filter(({ stanza }) => stanza.kind === 'message');
  one?.safe();
  await turns();
  backend.receiver?.closed({ reason: 'lost' });
  two?.lost();
  await turns();
  assert.equal((await world.server.store.csp.outgoing('otto@away.test')).length, 1);
  backend.sent.length = 0;
  clock.advance(2000);
  await turns();
  assert.deepEqual(
    backend.messages().map(({ id }) => id),
    [two?.stanza.id],
  );
  assert.equal(backend.sent.filter(({ stanza }) => stanza.kind === 'presence').length, 1);
  for (const { safe } of backend.sent) safe();
  await turns();
  assert.deepEqual(await world.server.store.csp.outgoing('otto@away.test'), []);
});

test('after a restart the unsent goes out, the Link is resumed, and only once the phone is heard', async () => {
  const { backend, phone, world } = await make();
  await phone.ask(phone.message('mila@x.test', 'one'));
  const [message] = backend.messages();
  await world.restart();
  backend.sent.length = 0;
  assert.equal(backend.requests.length, 1);
  assert.equal(await phone.code({ name: 'GetList-Request' }), 200);
  await turns();
  assert.deepEqual(backend.requests[1]?.resume, { id: 'resume-me' });
  assert.deepEqual(backend.requests[1]?.credentials, { kind: 'password', password: 'secret' });
  assert.deepEqual(
    backend.messages().map(({ id }) => id),
    [message?.id],
  );
});

test('a Link that is lost again while the services come back is opened again', async () => {
  const comingBack = Promise.withResolvers<void>();
  const { backend, phone, clock } = await make({
    ...{ name: 'slow', specs: [], leaves: [], primitives: {} },
    onResume: () => comingBack.promise,
  });
  assert.equal(await phone.code(phone.message('mila@x.test', 'one')), 200);
  backend.receiver?.closed({ reason: 'lost' });
  clock.advance(2000);
  await turns();
  assert.equal(backend.requests.length, 2);
  backend.receiver?.closed({ reason: 'lost' });
  await turns();
  clock.advance(5000);
  await turns();
  backend.sent.length = 0;
  comingBack.resolve();
  await turns();
  assert.equal(backend.requests.length, 2, 'not at once');
  clock.advance(2000);
  await turns();
  // Nobody asked for it: a phone that only polls would not either.
  assert.equal(backend.requests.length, 3);
  assert.equal(backend.messages().length, 1, 'what is unsent goes out by it');
  clock.advance(60_000);
  await turns();
  assert.equal(backend.requests.length, 3);
});

test('a stanza the server delivers twice is shown once, also after a restart', async () => {
  const { backend, phone, world } = await make();
  const hello = StanzaValue.make(
    { kind: 'message', type: 'chat', id: 'h1', from: Jid.from('mila@x.test/pc') },
    el('body', null, 'hello'),
  );
  await backend.receiver?.stanza(hello);
  await world.crash();
  assert.equal(await phone.code({ name: 'GetList-Request' }), 200);
  await backend.receiver?.stanza(hello);
  const got = await phone.fetch();
  assert.deepEqual(textsOf(got), ['hello']);
  await phone.acknowledge(...got);
  await backend.receiver?.stanza(hello);
  const empty = phone.fetch();
  await turns();
  world.server.clock.advance(8000);
  assert.deepEqual(await empty, []);
});

test('nor is it shown again to a phone that has signed in anew', async () => {
  const { backend, phone, world } = await make();
  const hello = StanzaValue.make(
    { kind: 'message', type: 'chat', id: 'h3', from: Jid.from('mila@x.test/pc') },
    el('body', null, 'hello'),
  );
  await backend.receiver?.stanza(hello);
  const got = await phone.fetch();
  assert.deepEqual(textsOf(got), ['hello']);
  await phone.signIn();
  // It was not acknowledged in the session before: it comes again, under an id of its own.
  const again = await phone.fetch();
  assert.deepEqual(textsOf(again), ['hello']);
  assert.notEqual(again[0]?.id, got[0]?.id);
  await phone.acknowledge(...again);
  await phone.signIn();
  await backend.receiver?.stanza(hello);
  const empty = phone.fetch();
  await turns();
  world.server.clock.advance(8000);
  assert.deepEqual(await empty, []);
});

test('a message is acknowledged to the server only when it is stored', async () => {
  const { backend, world } = await make();
  const { csp } = world.server.store;
  const hello = StanzaValue.make(
    { kind: 'message', id: 'h2', from: Jid.from('mila@x.test/pc') },
    el('body', null, 'hi'),
  );
  const done = Promise.resolve(backend.receiver?.stanza(hello)).then(async () => {
    const [record] = await csp.sessions();
    return (await csp.waiting(phoneKey('otto@away.test', record?.client ?? ''), 'otto@away.test')).length;
  });
  assert.equal(await done, 1);
});

test('a server that ends the session ends the phone’s, with its words', async () => {
  const { backend, phone, world } = await make();
  backend.receiver?.closed({ reason: 'signed-out', text: 'The account was removed.' });
  await turns();
  const status = await phone.ask({ name: 'GetList-Request' });
  assert.deepEqual(status, { name: 'Status', Result: { Code: 601, Description: 'The account was removed.' } });
  assert.deepEqual(await world.server.store.csp.sessions(), []);
});

test('a password changed meanwhile ends the session when the Link is opened again; an unreachable server does not', async () => {
  const { backend, phone, clock } = await make();
  backend.fault = { reason: 'unreachable', text: '' };
  backend.receiver?.closed({ reason: 'lost' });
  for (let tries = 0; tries < 4; tries++) {
    clock.advance(60_000);
    await turns();
  }
  assert.ok(backend.requests.length > 3);
  assert.equal(await phone.code(phone.message('mila@x.test', 'one')), 200, 'kept until the server is back');
  backend.fault = { reason: 'not-authorized', text: '' };
  clock.advance(90_000);
  await turns();
  assert.equal(await phone.code({ name: 'GetList-Request' }), 601);
});

test('Logout closes the Link', async () => {
  const { backend, phone } = await make();
  await phone.ask({ name: 'Logout-Request' });
  await turns();
  assert.equal(backend.isClosed, true);
});
