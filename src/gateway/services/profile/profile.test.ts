// CSP 1.3 "Public profile": between two phones, over our own server; and what goes wrong, over one that does as it is told.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { codeOf } from '../../../imps/client/strict.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { inProcess } from '../../suite/in-process.ts';
import { phones } from '../../suite/personalities.ts';
import { ScriptedServer } from '../../suite/scripted.ts';
import { wv } from '../../suite/shapes.ts';
import { type Handset, World } from '../../suite/world.ts';

const kind = phones.find(({ version }) => version === '1.3');
assert(kind);
let world: World;
before(async () => {
  world = new World(await inProcess());
});
after(() => world.close());

const update = (phone: Handset, who: Jid, properties: Record<string, string>, clears = false) =>
  phone.csp.codeFor({
    name: 'UpdatePublicProfile-Request',
    ...(clears && { ClearPublicProfile: true }),
    PublicProfile: { UserID: wv(who), Property: Object.entries(properties).map(([Name, Value]) => ({ Name, Value })) },
  });
const profiles = async (phone: Handset, ...who: Jid[]) => {
  const answer = await phone.csp.request(
    { name: 'GetPublicProfile-Request', UserID: who.map(wv) },
    'GetPublicProfile-Response',
  );
  const of = new Map(
    (answer.PublicProfile ?? []).map(({ UserID, Property = [] }) => [
      UserID,
      Object.fromEntries(Property.map(({ Name, Value }) => [Name, Value])),
    ]),
  );
  return { code: answer.Result.Code, of: who.map((one) => of.get(wv(one))), details: answer.Result.DetailedResult };
};

test('a profile is written on one phone and read on another', async () => {
  const [milaJid, tomasJid] = [await world.someone('mila'), await world.someone('tomas')];
  const mila = await world.phone(milaJid, kind);
  const tomas = await world.phone(tomasJid, kind);
  assert.equal(await update(mila, milaJid, { PP_CITY: 'Turku', PP_AGE: '42', PP_FRIENDLY_NAME: 'Mila' }), 200);
  assert.equal(await update(mila, milaJid, { PP_CITY: 'Åbo', PP_AGE: '' }), 200);
  const seen = await profiles(tomas, milaJid, tomasJid);
  assert.deepEqual(seen, { code: 200, of: [{ PP_FRIENDLY_NAME: 'Mila', PP_CITY: 'Åbo' }, {}], details: undefined });
  assert.equal(await update(mila, milaJid, { PP_INTENTION: 'fishing' }, true), 200);
  assert.deepEqual((await profiles(tomas, milaJid)).of, [{ PP_INTENTION: 'fishing' }]);
  assert.deepEqual(mila.csp.complaints, []);
});

test('somebody else’s profile, a property nobody knows, a user nobody is', async () => {
  const [milaJid, tomasJid] = [await world.someone('mila'), await world.someone('tomas')];
  const mila = await world.phone(milaJid, kind);
  assert.equal(await update(mila, tomasJid, { PP_CITY: 'Turku' }), 427);
  assert.equal(await update(mila, milaJid, { PP_SHOE_SIZE: '41' }), 702);
  assert.equal(await mila.csp.codeFor({ name: 'UpdatePublicProfile-Request' }), 402);
  const answer = await mila.csp.request({
    name: 'GetPublicProfile-Request',
    UserID: [wv(milaJid), `wv:nobody.at.all@${milaJid.domain}`],
  });
  assert.equal(codeOf(answer), 201);
});

test('a vCard that could not be read is not overwritten', async () => {
  const server = new ScriptedServer();
  const other = new World(await server.open());
  const milaJid = await other.someone('mila');
  const phone = await other.phone(milaJid, kind);
  server.answer = (request) => (request.has('vCard', 'vcard-temp') ? null : undefined);
  const code = update(phone, milaJid, { PP_CITY: 'Turku' });
  for (let n = 0; n < 3; n++) await other.ground.pass(10_000);
  assert.equal(await code, 504);
  assert.deepEqual(
    server.take((one) => one.has('vCard', 'vcard-temp')).map(({ type }) => type),
    ['get'],
  );
  await other.close();
});
