import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { el } from '../../xml/element.ts';
import { type TestGateway, testGateway, textsOf } from '../testing/test-gateway.ts';

const cleanups: TestGateway[] = [];
after(async () => {
  for (const one of cleanups) await one.close();
});
const make = async (options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> => {
  const made = await testGateway(options);
  cleanups.push(made);
  return made;
};
const say = (to: string, id: string, text: string): string =>
  `<message to='${to}' id='${id}' type='chat'><body>${text}</body></message>`;

test('an unknown session is no session; the phone hears it in its own words', async () => {
  const world = await make();
  for (const version of ['1.1', '1.2', '1.3'] as const) {
    const phone = world.phone({ user: 'anna', version });
    phone.sessionId = 'NoSuchSession1234567890ABC';
    assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 604);
    phone.sessionId = 'x';
    assert.equal(await phone.code({ name: 'GetList-Request' }), 604);
  }
});

test('GetSPInfo is answered with and without a session, everything else needs one', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna' });
  assert.equal((await phone.askFor({ name: 'GetSPInfo-Request' }, 'GetSPInfo-Response')).Name, 'onesoup');
  assert.equal(await phone.code({ name: 'GetList-Request' }), 604);
  await phone.signIn();
  assert.equal((await phone.askFor({ name: 'GetSPInfo-Request' }, 'GetSPInfo-Response')).Name, 'onesoup');
});

test('Logout: Disconnect in 1.1, Status later; asked again it is answered again', async () => {
  const world = await make();
  for (const [version, name] of [
    ['1.1', 'Disconnect'],
    ['1.2', 'Status'],
    ['1.3', 'Status'],
  ] as const) {
    const phone = world.phone({ user: 'anna', version });
    await phone.signIn();
    for (const _ of [1, 2]) {
      const answer = await phone.ask({ name: 'Logout-Request' }, 'out');
      assert.deepEqual(answer, { name, Result: { Code: 200 } });
    }
    assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 604);
  }
  await world.server.settle();
  assert.deepEqual(await world.server.store.csp.sessions(), []);
});

test('KeepAliveTime is granted within bounds, and told when it is not what was asked', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna' });
  assert.equal((await phone.signIn({ Password: 'secret', TimeToLive: 86400 })).KeepAliveTime, 7200);
  const short = await phone.askFor({ name: 'KeepAlive-Request', TimeToLive: 10 }, 'KeepAlive-Response');
  assert.deepEqual([short.Result.Code, short.KeepAliveTime], [200, 300]);
  const fine = await phone.askFor({ name: 'KeepAlive-Request', TimeToLive: 600 }, 'KeepAlive-Response');
  assert.deepEqual([fine.Result.Code, fine.KeepAliveTime], [200, undefined]);
});

test('a silent phone is signed out after its time and a grace, a phone that is heard is not', async () => {
  const world = await make();
  const { clock } = world.server;
  const phone = world.phone({ user: 'anna' });
  await phone.signIn({ Password: 'secret', TimeToLive: 300 });
  for (let count = 0; count < 3; count++) {
    clock.advance(350_000);
    assert.equal(await phone.code({ name: 'GetList-Request' }), 200);
  }
  clock.advance(361_000);
  await world.server.settle();
  assert.equal(world.gateway.sessions().length, 0);
  assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 600);
  assert.deepEqual(await world.server.store.csp.sessions(), []);
});

test('Service negotiation names what is refused, and nothing where nothing is', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna', version: '1.1' });
  await phone.signIn();
  const negotiate = (Functions: object, isAllAsked: boolean) =>
    phone.askFor(
      { name: 'Service-Request', Functions: { WVCSPFeat: Functions }, AllFunctionsRequest: isAllAsked },
      'Service-Response',
    );
  const granted = await negotiate({ IMFeat: { IMReceiveFunc: { NEWM: true } } }, false);
  assert.deepEqual(granted, { name: 'Service-Response', ClientID: { URL: 'http://phone.example/1' } });
  const refused = await negotiate({ IMFeat: { IMReceiveFunc: { NEWM: true } }, GroupFeat: true }, true);
  assert.deepEqual(refused.Functions, { WVCSPFeat: { GroupFeat: true } });
  assert.deepEqual(refused.AllFunctions?.WVCSPFeat?.FundamentalFeat, { ServiceFunc: true });
});

test('capabilities: no wake-up channel is agreed to that is not up', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna', version: '1.1' });
  await phone.signIn();
  const ask = () =>
    phone.askFor(
      {
        name: 'ClientCapability-Request',
        ClientID: { URL: 'http://phone.example/1' },
        CapabilityList: {
          ClientType: 'MOBILE_PHONE',
          InitialDeliveryMethod: 'P',
          AnyContent: true,
          AcceptedContentLength: 20_000,
          SupportedBearer: ['HTTP'],
          MultiTrans: 3,
          ParserSize: 65_536,
          SupportedCIRMethod: ['WAPSMS', 'STCP', 'SUDP'],
          UDPPort: 3717,
          ServerPollMin: 8,
        },
      },
      'ClientCapability-Response',
    );
  const without = (await ask()).CapabilityList;
  assert.deepEqual(without?.SupportedCIRMethod, undefined);
  assert.equal(without?.TCPPort, undefined);
  assert.deepEqual([without?.MultiTrans, without?.ParserSize, without?.ServerPollMin], [3, 65_536, 10]);
  const port = await world.gateway.listenCirTcp({ host: '127.0.0.1', port: 0 });
  const withTcp = (await ask()).CapabilityList;
  assert.deepEqual(
    [withTcp?.SupportedCIRMethod, withTcp?.TCPAddress, withTcp?.TCPPort],
    [['STCP'], 'imps.example', port],
  );
});

test('a second sign-in of the same phone replaces the first, and what waited goes on', async () => {
  const world = await make();
  const mila = await world.server.signIn('mila');
  const first = world.phone({ user: 'anna' });
  await first.signIn();
  await mila.sends(say('anna@home.test', 'a1', 'hello'));
  await world.server.settle();
  const second = world.phone({ user: 'anna' });
  await second.signIn();
  assert.equal(await first.code({ name: 'KeepAlive-Request' }), 604);
  assert.deepEqual(textsOf(await second.fetch()), ['hello']);
  assert.equal(world.gateway.sessions().length, 1);
  assert.equal((await world.server.store.csp.sessions()).length, 1);
});

test('another ClientID is another phone beside the first; beyond the limit the oldest is signed out', async () => {
  const world = await make({
    settings: { limits: { ...(await import('../settings.ts')).defaultSettings.limits, sessionsPerAccountMax: 2 } },
  });
  const phones = ['a', 'b', 'c'].map((clientId) => world.phone({ user: 'anna', clientId }));
  for (const phone of phones) {
    await phone.signIn();
    world.server.clock.advance(1000);
  }
  const [a, b, c] = phones as [(typeof phones)[0] & {}, (typeof phones)[0] & {}, (typeof phones)[0] & {}];
  assert.equal(await b.code({ name: 'KeepAlive-Request' }), 200);
  assert.equal(await c.code({ name: 'KeepAlive-Request' }), 200);
  // Forced sign-out: Disconnect when it polls, with nothing to say to its acknowledgement; 601 to all else.
  const [disconnect] = await a.fetch();
  assert.equal(disconnect?.content.name, 'Disconnect');
  assert.deepEqual(disconnect?.mode, 'Request');
  assert.deepEqual(await a.acknowledge(disconnect), []);
  assert.equal(await a.code({ name: 'GetList-Request' }), 601);
});

test('a session survives a restart: its requests, its agreements, its queue, its slots', async () => {
  for (const how of ['restart', 'crash'] as const) {
    const world = await make();
    const mila = await world.server.signIn('mila');
    await mila.sends('<presence/>');
    const phone = world.phone({ user: 'anna' });
    await phone.signIn();
    await phone.ask({ name: 'CreateList-Request', ContactList: 'wv:anna/pals' });
    await phone.ask(phone.message('mila', 'one'));
    await mila.sends(say('anna@home.test', 'a1', 'before'));
    await world.server.settle();
    const [handedOut] = await phone.fetch();
    assert.deepEqual(textsOf([handedOut].flatMap((one) => one ?? [])), ['before']);
    await world[how]();
    await mila.sends(say('anna@home.test', 'a2', 'after'));
    await world.server.settle();
    // The acknowledgement of what was handed out before settles it; what came since is next.
    const [next] = await phone.acknowledge(...(handedOut ? [handedOut] : []));
    assert.deepEqual(textsOf([next].flatMap((one) => one ?? [])), ['after'], how);
    assert.notEqual(next?.id, handedOut?.id);
    assert.deepEqual(await phone.acknowledge(...(next ? [next] : [])), []);
    const sent = await phone.askFor(phone.message('mila', 'two'), 'SendMessage-Response');
    assert.equal(sent.MessageID, 'm2', 'a kept slot');
    await world.server.settle();
    assert.deepEqual(
      mila.received.filter((one) => one.kind === 'message').map((one) => one.child('body')?.children.join('')),
      ['one', 'two'],
    );
    assert.deepEqual(world.troubles, []);
  }
});

test('a backend user comes back with the SessionID alone: nobody else can open the sealed password', async () => {
  const world = await make();
  const phone = world.phone({ user: 'otto@away.test' });
  await phone.signIn();
  const [record] = await world.server.store.csp.sessions();
  assert.equal(record?.state.includes('secret'), false);
  await world.restart();
  assert.equal(world.gateway.sessions()[0]?.hasLink, false, 'nothing can be opened before the phone is heard');
  assert.equal(await phone.code({ name: 'GetPresence-Request', User: [{ UserID: 'wv:otto' }] }), 200);
  assert.equal(world.gateway.sessions()[0]?.hasLink, true);
});

test('an IQ nobody serves is refused; one that is answered reaches who asked', async () => {
  const world = await make();
  const mila = await world.server.signIn('mila');
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  assert.equal(await phone.code({ name: 'GetPresence-Request', User: [{ UserID: 'wv:anna' }] }), 200);
  const resource = (await world.server.store.csp.sessions()).map(({ state }) => JSON.parse(state).resource)[0];
  await mila.sends(`<iq type='get' id='q1' to='anna@home.test/${resource}'><query xmlns='urn:example:unknown'/></iq>`);
  await world.server.settle();
  const answer = mila.received.find(({ kind, id }) => kind === 'iq' && id === 'q1');
  assert.equal(answer?.type, 'error');
  assert.ok(
    answer
      ?.child('error')
      ?.children.some((one) => typeof one !== 'string' && one.name === el('service-unavailable').name),
  );
});

test('a service that breaks costs its own request, not the session', async () => {
  const world = await make();
  const phone = world.phone({ user: 'anna' });
  await phone.signIn();
  assert.equal(await phone.code({ name: 'Search-Request', SearchLimit: 1 }), 500);
  assert.equal(world.troubles.length, 1);
  assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 200);
});
