// Who is sent what of the user's presence and personal events, stanza by stanza, and what happens where a server refuses.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wbxml12 } from '../../../imps/client/personality.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import { type Element, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { scriptedStage } from '../../suite/stage.ts';
import type { Handset } from '../../suite/world.ts';

const mila = Jid.from('mila@home.test');
const pubsub = 'http://jabber.org/protocol/pubsub';
const stage = scriptedStage();

const watcher = (name: string) =>
  stage.server.roster.push(el('item', { jid: `${name}@home.test`, subscription: 'both' }));
const allow = (phone: Handset, names: StructureOf<'PresenceSubList'>, users: string[], DefaultList = false) =>
  phone.csp.codeFor({
    name: 'CreateAttributeList-Request',
    PresenceSubList: names,
    UserID: users.map((name) => `wv:${name}@home.test`),
    DefaultList,
  });
const feel = (phone: Handset, word: string | undefined) =>
  phone.csp.codeFor({
    name: 'UpdatePresence-Request',
    PresenceSubList: {
      StatusMood: word === undefined ? { Qualifier: false } : { Qualifier: true, PresenceValue: word },
    },
  });
/** Presence sent since the last look: to whom, with which status. */
const presences = async (): Promise<string[]> => {
  await stage.world.ground.pass(50);
  return stage.server
    .take((one) => one.kind === 'presence' && one.type === undefined)
    .map((one) => `${one.to?.local ?? 'all'}: ${one.child('status')?.children.join('') ?? '-'}`);
};
/** Requests to the user's own nodes since the last look, in short. */
const requests = async (): Promise<string[]> => {
  for (let n = 0; n < 4; n++) await stage.world.ground.pass(50);
  const short = (one: Element): string => {
    const model = JSON.stringify(one).match(/"(whitelist|presence)"/)?.[1];
    const members = one.children.flatMap((child) =>
      typeof child === 'string' || child.name !== 'affiliation'
        ? []
        : [`${child.attrs.jid?.split('@')[0]}=${child.attrs.affiliation}`],
    );
    const content = JSON.stringify(one).match(/"(happy|sad|bored)"/)?.[1];
    return [one.name, model, ...members, content].filter(Boolean).join(' ');
  };
  return stage.server
    .take((one) => one.type === 'set' && (one.has('pubsub', pubsub) || one.has('pubsub', `${pubsub}#owner`)))
    .flatMap(
      (one) => one.elements[0]?.children.flatMap((child) => (typeof child === 'string' ? [] : [short(child)])) ?? [],
    );
};
/** The server has personal eventing; `refused` are requests of the owner that it does not take. */
const pep = (refused: (request: Stanza) => Stanza | undefined = () => undefined): void => {
  stage.server.identities = [el('identity', { category: 'pubsub', type: 'pep' })];
  stage.server.answer = (request) =>
    request.has('pubsub', `${pubsub}#owner`) ? (refused(request) ?? request.result()) : undefined;
};

test('what every entry shows is broadcast; the rest goes to those who may see it, and again when they come', async () => {
  for (const name of ['tomas', 'nils', 'maja']) watcher(name);
  const phone = await stage.world.phone(mila, wbxml12);
  await phone.csp.publish('AVAILABLE', 'one');
  assert.deepEqual(await presences(), ['all: one']);
  assert.equal(await allow(phone, { OnlineStatus: [true] }, ['nils']), 200);
  assert.deepEqual(await presences(), ['all: -', 'tomas: one', 'maja: one']);
  await phone.csp.publish('AVAILABLE', 'two');
  assert.deepEqual(await presences(), ['tomas: two', 'maja: two']);
  await phone.csp.publish('DISCREET', 'two');
  assert.deepEqual(await presences(), ['all: -', 'tomas: two', 'maja: two']);
  // Another client of Tomas' is told by the server what all are told; a change of one that was there is no occasion.
  const comes = (resource: string) =>
    stage.server.delivers(Stanza.make({ kind: 'presence', from: Jid.from(`tomas@home.test/${resource}`) }));
  await comes('desk');
  assert.deepEqual(await presences(), ['tomas: two']);
  await comes('desk');
  assert.deepEqual(await presences(), []);
  await comes('laptop');
  assert.deepEqual(await presences(), ['tomas: two']);
  // He may see no more than Nils from now on: he is told.
  assert.equal(await allow(phone, { OnlineStatus: [true] }, ['tomas']), 200);
  assert.deepEqual(await presences(), ['tomas: -']);
  await stage.world.restart();
  assert.deepEqual((await presences()).slice(-2), ['all: -', 'maja: two']);
});

test('a node is for those who may see what it says, and is made so before anything is in it', async () => {
  pep();
  for (const name of ['tomas', 'nils']) watcher(name);
  const phone = await stage.world.phone(mila, wbxml12);
  await feel(phone, 'HAPPY');
  assert.deepEqual(await requests(), ['publish happy']);
  assert.equal(await allow(phone, { OnlineStatus: [true] }, ['nils']), 200);
  assert.deepEqual(await requests(), ['configure whitelist', 'affiliations tomas=member', 'publish happy']);
  await feel(phone, 'SAD');
  assert.deepEqual(await requests(), ['publish sad']);
  // The next session knows what was made of the node.
  await phone.csp.signOut();
  const again = await stage.world.phone(mila, wbxml12);
  await feel(again, 'BORED');
  assert.deepEqual(await requests(), ['publish bored']);
  assert.equal(
    await again.csp.codeFor({ name: 'DeleteAttributeList-Request', UserID: ['wv:nils@home.test'], DefaultList: false }),
    200,
  );
  assert.deepEqual(await requests(), ['configure presence', 'affiliations tomas=none', 'publish bored']);
  await feel(again, undefined);
  assert.deepEqual(await requests(), ['publish']);
});

test('a node that is not there is made; nobody may see: nothing is said', async () => {
  pep((request) => (request.toXml().includes('<configure') ? request.error('item-not-found') : undefined));
  watcher('tomas');
  watcher('nils');
  const phone = await stage.world.phone(mila, wbxml12);
  assert.equal(await allow(phone, { OnlineStatus: [true] }, [], true), 200);
  await feel(phone, 'HAPPY');
  assert.deepEqual(await requests(), []);
  assert.equal(await allow(phone, { OnlineStatus: [true], StatusMood: true }, ['tomas']), 200);
  assert.deepEqual(await requests(), [
    'configure whitelist',
    'create',
    'configure whitelist',
    'affiliations tomas=member',
    'publish happy',
  ]);
});

test('a server that does not keep a node from anybody is not told what is not for all', async () => {
  pep((request) => request.error('feature-not-implemented'));
  watcher('tomas');
  watcher('nils');
  const phone = await stage.world.phone(mila, wbxml12);
  assert.equal(await allow(phone, { OnlineStatus: [true] }, ['nils']), 200);
  await feel(phone, 'HAPPY');
  assert.deepEqual(await requests(), ['configure whitelist', 'publish']);
  assert.equal(stage.world.troubles.length, 1, stage.world.troubles.join());
});
