// Pictures and cards of contacts on servers that do as they are told: found by a hash in presence, wrong, missing, slow, many.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { wbxml12 } from '../../../imps/client/personality.ts';
import type { PrimitiveOf, StructureOf } from '../../../imps/primitives.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { scriptedStage } from '../../suite/stage.ts';
import type { Handset } from '../../suite/world.ts';

const mila = Jid.from('mila@home.test');
const stage = scriptedStage();

let seed = 0;
/** Another image each time: what a hash stands for is remembered. */
const image = (): Buffer => {
  const octets = Buffer.alloc(100, ++seed);
  Buffer.from('89504e470d0a1a0a0000000d4948445200000040000000300806000000', 'hex').copy(octets);
  return octets;
};
const idOf = (octets: Buffer): string => createHash('sha1').update(octets).digest('hex');
const contact = (name: string) =>
  stage.server.roster.push(el('item', { jid: `${name}@home.test`, subscription: 'both' }));
const shows = (name: string, ...children: Parameters<typeof Stanza.make>[1][]): Promise<void> =>
  stage.server.delivers(Stanza.make({ kind: 'presence', from: Jid.from(`${name}@home.test/desk`) }, ...children));
const hash = (id: string) => el('x', { xmlns: 'vcard-temp:x:update' }, el('photo', null, id));
const withPhoto = (request: Stanza, octets: Buffer) =>
  request.result(
    el('vCard', { xmlns: 'vcard-temp' }, el('PHOTO', null, el('BINVAL', null, octets.toString('base64')))),
  );

const subscribe = (phone: Handset, names: StructureOf<'PresenceSubList'>, ...users: string[]) =>
  phone.csp.codeFor({
    name: 'SubscribePresence-Request',
    User: users.map((name) => ({ UserID: `wv:${name}@home.test` })),
    PresenceSubList: names,
    AutoSubscribe: false,
  });
const pictured: StructureOf<'PresenceSubList'> = { OnlineStatus: [true], StatusContent: true };
/** What the phone was told last of each, as base64; undefined where it was told that there is none. */
const told = (phone: Handset): Map<string, unknown> => {
  const last = new Map<string, unknown>();
  for (const one of phone.arrived)
    if (one.name === 'PresenceNotification-Request')
      for (const { UserID, PresenceSubList } of one.Presence)
        last.set(String(UserID), (PresenceSubList?.[0]?.StatusContent as StructureOf<'StatusContent'>)?.DirectContent);
  return last;
};
const settle = async (phone: Handset, rounds = 4): Promise<void> => {
  for (let n = 0; n < rounds; n++) {
    await stage.world.ground.pass(1000);
    await phone.csp.poll();
  }
};
const asked = (what: string): number => stage.server.take((one) => one.toXml().includes(what)).length;

test('a hash in presence is a picture in a vCard (XEP-0153); it is fetched once, and again when it is another', async () => {
  let now = image();
  contact('tomas');
  stage.server.answer = (request) => (request.has('vCard', 'vcard-temp') ? withPhoto(request, now) : undefined);
  const phone = await stage.world.phone(mila, wbxml12);
  await shows('tomas', hash(idOf(now)));
  assert.equal(await subscribe(phone, pictured, 'tomas'), 200);
  await settle(phone);
  assert.equal(told(phone).get('wv:tomas@home.test'), now.toString('base64'));
  await shows('tomas', el('status', null, 'here'), hash(idOf(now)));
  await settle(phone);
  assert.equal(asked("<vCard xmlns='vcard-temp'/>"), 1);
  now = image();
  await shows('tomas', hash(idOf(now)));
  await settle(phone);
  assert.equal(told(phone).get('wv:tomas@home.test'), now.toString('base64'));
  assert.equal(asked("<vCard xmlns='vcard-temp'/>"), 1);
  await shows('tomas', hash(''));
  await settle(phone);
  assert.equal(told(phone).get('wv:tomas@home.test'), undefined);
  assert.deepEqual(phone.csp.complaints, []);
});

test('an image that is not what was announced, or none at all, is not shown, and not asked for again', async () => {
  const [announced, other] = [image(), image()];
  const text = Buffer.from('no image');
  contact('tomas');
  contact('nils');
  stage.server.answer = (request) =>
    request.has('vCard', 'vcard-temp') ? withPhoto(request, request.to?.local === 'nils' ? text : other) : undefined;
  const phone = await stage.world.phone(mila, wbxml12);
  await shows('tomas', hash(idOf(announced)));
  await shows('nils', hash(idOf(text)));
  assert.equal(await subscribe(phone, pictured, 'tomas', 'nils'), 200);
  await settle(phone);
  await shows('tomas', el('status', null, 'here'), hash(idOf(announced)));
  await shows('nils', el('status', null, 'here'), hash(idOf(text)));
  await settle(phone);
  assert.deepEqual([...told(phone).values()], [undefined, undefined]);
  assert.equal(told(phone).size, 2);
  assert.equal(asked("<vCard xmlns='vcard-temp'/>"), 2);
});

test('two hundred contacts’ pictures are fetched four at a time, and nobody waits for the slow', async () => {
  const names = Array.from({ length: 200 }, (_, n) => `c${n}`);
  const images = new Map(names.map((name) => [name, image()]));
  let under = 0;
  let most = 0;
  for (const name of names) contact(name);
  stage.server.answer = (request) => {
    if (!request.has('vCard', 'vcard-temp')) return undefined;
    // The first never answers.
    if (request.to?.local === 'c0') return null;
    most = Math.max(most, ++under);
    queueMicrotask(() => under--);
    return withPhoto(request, images.get(request.to?.local ?? '') ?? assert.fail());
  };
  const phone = await stage.world.phone(mila, wbxml12);
  for (const name of names) await shows(name, hash(idOf(images.get(name) ?? assert.fail())));
  assert.equal(await subscribe(phone, pictured, ...names), 200);
  for (let n = 0; n < 200 && [...told(phone).values()].filter(Boolean).length < 199; n++) await settle(phone, 1);
  assert.equal([...told(phone).values()].filter(Boolean).length, 199);
  assert.ok(most <= 4, `${most} at a time`);
  assert.deepEqual(phone.csp.complaints, []);
});

test('GetPresence waits for what it has to fetch, but not for ever', async () => {
  const now = image();
  contact('tomas');
  contact('nils');
  stage.server.answer = (request) => {
    if (!request.has('vCard', 'vcard-temp')) return undefined;
    return request.to?.local === 'nils' ? null : withPhoto(request, now);
  };
  const phone = await stage.world.phone(mila, wbxml12);
  await shows('tomas', hash(idOf(now)));
  const get = (name: string) =>
    phone.csp.request(
      { name: 'GetPresence-Request', User: [{ UserID: `wv:${name}@home.test` }], PresenceSubList: pictured },
      'GetPresence-Response',
    );
  const content = (answer: PrimitiveOf<'GetPresence-Response'>) =>
    answer.Presence?.[0]?.PresenceSubList?.[0]?.StatusContent as StructureOf<'StatusContent'> | undefined;
  assert.equal(content(await get('tomas'))?.DirectContent, now.toString('base64'));
  await shows('nils', hash(idOf(image())));
  const slow = get('nils');
  for (let n = 0; n < 4; n++) await stage.world.ground.pass(1000);
  assert.deepEqual(content(await slow), { Qualifier: false });
});

test('what the phone says of a picture’s types and size chooses among the forms there are', async () => {
  const large = image();
  contact('tomas');
  const phone = await stage.world.phone(mila, { ...wbxml12, parserSize: 4000 });
  const info = (attrs: Record<string, string>) => el('info', attrs);
  const metadata = (...infos: ReturnType<typeof info>[]) =>
    Stanza.make(
      { kind: 'message', type: 'headline', from: Jid.from('tomas@home.test') },
      el(
        'event',
        { xmlns: 'http://jabber.org/protocol/pubsub#event' },
        el(
          'items',
          { node: 'urn:xmpp:avatar:metadata' },
          el('item', { id: 'x' }, el('metadata', { xmlns: 'urn:xmpp:avatar:metadata' }, ...infos)),
        ),
      ),
    );
  await shows('tomas');
  const id = idOf(large);
  await stage.server.delivers(
    metadata(
      info({ id, bytes: '100000', type: 'image/png' }),
      info({ id: '0'.repeat(40), bytes: '300000', type: 'image/gif', url: 'https://pictures.test/tomas.gif' }),
    ),
  );
  const get = () =>
    phone.csp.request(
      { name: 'GetPresence-Request', User: [{ UserID: 'wv:tomas@home.test' }], PresenceSubList: pictured },
      'GetPresence-Response',
    );
  const answer = await get();
  assert.deepEqual(answer.Presence?.[0]?.PresenceSubList?.[0]?.StatusContent, {
    Qualifier: true,
    ReferredContent: 'https://pictures.test/tomas.gif',
    ContentType: 'image/gif',
  });
  // Too large by its own account: it is not even fetched.
  assert.equal(asked('urn:xmpp:avatar:data'), 0);
  await stage.server.delivers(metadata(info({ id, bytes: '100000', type: 'image/png', url: 'javascript:alert(1)' })));
  assert.deepEqual((await get()).Presence?.[0]?.PresenceSubList?.[0]?.StatusContent, { Qualifier: false });
});
