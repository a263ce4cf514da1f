// A phone subscribes in the very moment in which its session has a new Link, as one does that asks again after a restart.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain } from '../../../imps/client/personality.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { seen } from '../../suite/shapes.ts';
import { scriptedStage } from '../../suite/stage.ts';

const stage = scriptedStage();
const tomas = Jid.from('tomas@home.test');

test('what it subscribes to is not forgotten by what the new Link brings', async () => {
  const { world, server } = stage;
  server.roster.push(el('item', { jid: tomas.toString(), subscription: 'both' }));
  const phone = await world.phone(Jid.from('mila@home.test'), { ...plain, version: '1.2' });
  await world.ground.pass(15_000);
  // The roster of the new Link comes late: both wait for it.
  let release: (() => Promise<void>) | undefined;
  server.answer = (request) => {
    if (request.type !== 'get' || !request.has('query', 'jabber:iq:roster')) return undefined;
    const roster = request.result(el('query', { xmlns: 'jabber:iq:roster' }, ...server.roster));
    release = () => server.delivers(roster);
    return null;
  };
  await world.restart();
  const subscribed = phone.csp.subscribe({ lists: [`wv:mila/contacts@home.test`] });
  await world.until('it asks for the roster', () => release);
  await world.ground.pass(100);
  await release?.();
  assert.equal(await subscribed, 200);
  await world.ground.pass(5_000);
  await server.delivers(Stanza.make({ kind: 'presence', from: tomas.withResource('desk') }));
  await phone.receives('PresenceNotification-Request', (one) => seen(one, tomas)?.OnlineStatus === true);
  assert.deepEqual(world.troubles, []);
});
