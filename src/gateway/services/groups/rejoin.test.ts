// After a restart: a room whose server is not back yet when the gateway is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../../../imps/client/personality.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { scriptedStage } from '../../suite/stage.ts';
import type { Handset } from '../../suite/world.ts';

const stage = scriptedStage();
const room = Jid.from('club@rooms.away.test/Mila');
const muc = 'http://jabber.org/protocol/muc';
const isEntering = (one: Stanza): boolean =>
  one.kind === 'presence' && one.has('x', muc) && one.to?.equals(room) === true;

/** The room's last word to whoever comes in (XEP-0045 §7.2.2). */
const welcome = (from = room): Stanza =>
  Stanza.make(
    { kind: 'presence', from },
    el(
      'x',
      { xmlns: `${muc}#user` },
      el('item', { affiliation: 'none', role: 'participant' }),
      el('status', { code: '110' }),
    ),
  );

/** A phone that was in the room before the gateway was restarted. */
const backAgain = async (): Promise<Handset> => {
  const { world, server } = stage;
  server.answer = (request) =>
    request.to?.domain.startsWith('rooms.') && request.has('query', `http://jabber.org/protocol/disco#info`)
      ? request.result(
          el(
            'query',
            { xmlns: 'http://jabber.org/protocol/disco#info' },
            el('identity', { category: 'conference', type: 'text' }),
            el('feature', { var: muc }),
          ),
        )
      : undefined;
  const phone = await world.phone(Jid.from('mila@home.test'), { ...plain, version: '1.2' });
  const GroupID = 'wv:/club@rooms.away.test';
  const joined = phone.csp.codeFor({
    ...{ name: 'JoinGroup-Request', GroupID, ScreenName: { SName: 'Mila', GroupID } },
    ...{ JoinedRequest: false, SubscribeNotification: false },
  });
  await world.until('it goes in', () => server.take(isEntering)[0]);
  await server.delivers(welcome());
  assert.equal(await joined, 200);
  await world.restart();
  await world.until('it goes in again', () => server.take(isEntering)[0]);
  return phone;
};

test('it is asked again until it answers, and the phone notices nothing', async () => {
  const phone = await backAgain();
  const { world, server } = stage;
  await world.ground.pass(20_000);
  await world.ground.pass(11_000);
  assert.equal(server.take(isEntering).length, 1, 'asked again');
  await server.delivers(welcome());
  await phone.receivesNo('LeaveGroup-Response');
  assert.deepEqual(world.troubles, []);
});

test('one that never answers is left, and the phone is told', async () => {
  const phone = await backAgain();
  const { world } = stage;
  for (let minutes = 0; minutes < 75; minutes++) {
    await world.ground.pass(60_000);
    await phone.csp.poll();
  }
  await phone.receives('LeaveGroup-Response');
  assert.deepEqual(world.troubles, []);
});

/** Another room, whose server is there. */
const open = Jid.from('lounge@rooms.home.test/Mila');
const isEnteringOpen = (one: Stanza): boolean =>
  one.kind === 'presence' && one.has('x', muc) && one.to?.equals(open) === true;

test('one that has yet to answer when the Link is lost again is asked by the next', { timeout: 30_000 }, async () => {
  const phone = await backAgain();
  const { world, server } = stage;
  server.loses();
  await world.until('it is asked once more', () => server.take(isEntering)[0]);
  await server.delivers(welcome());
  await phone.receivesNo('LeaveGroup-Response');
  await world.ground.pass(60_000);
  assert.deepEqual(server.take(isEntering), [], 'it is in');
  assert.deepEqual(world.troubles, []);
});

test('one that does not answer is not forgotten by another restart', { timeout: 30_000 }, async () => {
  const phone = await backAgain();
  const { world, server } = stage;
  await world.ground.pass(20_000);
  await world.ground.pass(5000);
  // Another one is entered meanwhile: what is kept of rooms is written anew.
  const GroupID = 'wv:/lounge@rooms.home.test';
  const joined = phone.csp.codeFor({
    ...{ name: 'JoinGroup-Request', GroupID, ScreenName: { SName: 'Mila', GroupID } },
    ...{ JoinedRequest: false, SubscribeNotification: false },
  });
  await world.until('it goes in', () => server.take(isEnteringOpen)[0]);
  await server.delivers(welcome(open));
  assert.equal(await joined, 200);
  await world.restart();
  await world.until('it goes into the first', () => server.take(isEntering)[0]);
  await world.until('it goes into the second', () => server.take(isEnteringOpen)[0]);
  assert.deepEqual(world.troubles, []);
});

test('one that put the phone out is not entered again after a restart', { timeout: 30_000 }, async () => {
  const phone = await backAgain();
  const { world, server } = stage;
  await server.delivers(welcome());
  await server.delivers(
    Stanza.make(
      { kind: 'presence', type: 'unavailable', from: room },
      el(
        'x',
        { xmlns: `${muc}#user` },
        el('item', { affiliation: 'none', role: 'none' }),
        el('status', { code: '110' }),
        el('status', { code: '307' }),
      ),
    ),
  );
  await phone.receives('LeaveGroup-Response');
  await world.restart();
  await phone.csp.codeFor({ name: 'GetList-Request' });
  await world.ground.pass(30_000);
  assert.deepEqual(server.take(isEntering), []);
  assert.deepEqual(world.troubles, []);
});

test('one that is left while its server is away is not entered when it is back', { timeout: 30_000 }, async () => {
  const phone = await backAgain();
  const { world, server } = stage;
  await world.ground.pass(20_000);
  await world.ground.pass(5000);
  const GroupID = 'wv:/club@rooms.away.test';
  assert.equal(await phone.csp.codeFor({ name: 'LeaveGroup-Request', GroupID }), 200);
  server.take(isEntering);
  await world.ground.pass(60_000);
  await world.restart();
  await phone.csp.codeFor({ name: 'GetList-Request' });
  await world.ground.pass(30_000);
  assert.deepEqual(server.take(isEntering), []);
  assert.deepEqual(world.troubles, []);
});
