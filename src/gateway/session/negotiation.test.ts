// Service-Request as phones write it: trees with gaps, with branches nobody knows, with nothing in them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type CspVersion, namespaces } from '../../imps/version.ts';
import { services } from '../services/index.ts';
import { type Phone, type TestGateway, testGateway } from '../testing/test-gateway.ts';

let world: TestGateway;
before(async () => {
  world = await testGateway({ services });
});
after(() => world.close());

const signedIn = async (version: CspVersion): Promise<Phone> => {
  const phone = world.phone({ user: 'anna', version, clientId: `http://phone.example/${version}` });
  await phone.signIn();
  return phone;
};

/** The answer to a Service-Request with this inside `Functions`, which is left out when undefined. */
const negotiate = async (phone: Phone, functions: string | undefined, all = 'F') => {
  const { version } = phone.options;
  const { csp, trc } = namespaces[version];
  const body = `<WV-CSP-Message xmlns="${csp}"><Session><SessionDescriptor><SessionType>Inband</SessionType><SessionID>${phone.sessionId}</SessionID></SessionDescriptor><Transaction><TransactionDescriptor><TransactionMode>Request</TransactionMode><TransactionID>n1</TransactionID></TransactionDescriptor><TransactionContent xmlns="${trc}"><Service-Request><ClientID><URL>http://phone.example/${version}</URL></ClientID>${functions === undefined ? '' : `<Functions>${functions}</Functions>`}<AllFunctionsRequest>${all}</AllFunctionsRequest></Service-Request></TransactionContent></Transaction></Session></WV-CSP-Message>`;
  const [answer] = phone.read(await phone.post(new TextEncoder().encode(body)));
  assert.equal(answer?.content.name, 'Service-Response', JSON.stringify(answer));
  return answer?.content.name === 'Service-Response' ? answer.content : assert.fail();
};
const may = async (phone: Phone): Promise<Record<string, number>> => ({
  lists: await phone.code({ name: 'GetList-Request' }),
  blocked: await phone.code({ name: 'GetBlockedList-Request' }),
});

for (const version of ['1.1', '1.2', '1.3'] as const) {
  test(`a branch or function nobody knows is passed over, the rest is granted: ${version}`, async () => {
    const phone = await signedIn(version);
    const answer = await negotiate(
      phone,
      '<WVCSPFeat><PresenceFeat><ContListFunc><GCLI/><MYSTERY/></ContListFunc><StrangeFunc/></PresenceFeat><FutureFeat><X/></FutureFeat></WVCSPFeat>',
    );
    assert.equal(answer.Functions, undefined);
    assert.deepEqual(await may(phone), { lists: 200, blocked: 506 });
  });

  test(`a tree without branches, or none at all, is taken for everything: ${version}`, async () => {
    const phone = await signedIn(version);
    await negotiate(phone, '<WVCSPFeat/>');
    assert.deepEqual(await may(phone), { lists: 200, blocked: 200 });
    if (version === '1.1') {
      assert.equal((await negotiate(phone, undefined)).Functions, undefined);
      assert.deepEqual(await may(phone), { lists: 200, blocked: 200 });
    }
  });

  test(`all that is there is told to whoever asks, also beside a narrow wish: ${version}`, async () => {
    const phone = await signedIn(version);
    const tree = '<WVCSPFeat><IMFeat><IMAuthFunc><GLBLU/></IMAuthFunc></IMFeat></WVCSPFeat>';
    const { AllFunctions: all } = await negotiate(phone, tree, 'T');
    const { IMFeat, PresenceFeat, GroupFeat, FundamentalFeat } = all?.WVCSPFeat ?? {};
    assert.ok(IMFeat && PresenceFeat && GroupFeat && FundamentalFeat);
    assert.deepEqual(await may(phone), { lists: 506, blocked: 200 });
  });

  test(`a branch that holds only what nobody knows grants nothing: ${version}`, async () => {
    const phone = await signedIn(version);
    await negotiate(phone, '<WVCSPFeat><PresenceFeat><StrangeFunc/></PresenceFeat></WVCSPFeat>');
    assert.deepEqual(await may(phone), { lists: 506, blocked: 506 });
    assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 200);
    assert.equal(await phone.code(phone.message('wv:mila@home.test', 'hej')), 200, 'messages belong to no function');
  });
}

for (const [family, options] of [
  ['Nokia S60', { clientId: 'WV:IMPEC01$00001@NOK.S60' }],
  ['Motorola', { userAgent: 'MOT-V3/0E.40.3CR MIB/2.2.1' }],
] as const)
  test(`a phone of ${family} is served what it did not ask for`, async () => {
    const phone = world.phone({ user: 'anna', version: '1.1', ...options });
    await phone.signIn();
    await negotiate(phone, '<WVCSPFeat><IMFeat/></WVCSPFeat>');
    assert.deepEqual(await may(phone), { lists: 200, blocked: 200 });
  });

test('what was agreed survives a restart', async () => {
  const phone = await signedIn('1.2');
  await negotiate(phone, '<WVCSPFeat><PresenceFeat><ContListFunc/></PresenceFeat></WVCSPFeat>');
  await world.restart();
  assert.deepEqual(await may(phone), { lists: 200, blocked: 506 });
});
