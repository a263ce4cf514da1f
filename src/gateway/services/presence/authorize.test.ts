// When the user is asked whether somebody may see them, and when not again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wbxml12 } from '../../../imps/client/personality.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { scriptedStage } from '../../suite/stage.ts';
import type { Handset } from '../../suite/world.ts';

const mila = Jid.from('mila@home.test');
const tomas = Jid.from('tomas@home.test');
const UserID = 'wv:tomas@home.test';

const stage = scriptedStage();

const wishes = async (): Promise<void> => {
  await stage.server.delivers(Stanza.make({ kind: 'presence', type: 'subscribe', from: tomas }));
  await stage.world.ground.pass(50);
};
/** How often the user is asked now; the phone acknowledges each question. */
const asked = async (phone: Handset): Promise<number> => {
  for (let n = 0; n < 4; n++) await phone.csp.poll();
  await stage.world.ground.pass(50);
  return phone.arrived.splice(0).filter(({ name }) => name === 'PresenceAuth-Request').length;
};
const decides = (phone: Handset, Acceptance: boolean) =>
  phone.csp.codeFor({ name: 'PresenceAuth-User', UserID, Acceptance });

test('a request that is repeated before there is an answer is one question', async () => {
  const phone = await stage.world.phone(mila, wbxml12);
  await wishes();
  await wishes();
  assert.equal(await asked(phone), 1);
  await wishes();
  assert.equal(await asked(phone), 0);
  await stage.world.restart();
  await wishes();
  assert.equal(await asked(phone), 0, 'nor after a restart');
});

test('a question that waits is not lost by its repetition', async () => {
  const phone = await stage.world.phone(mila, wbxml12);
  await wishes();
  await wishes();
  await stage.world.restart();
  assert.equal(await asked(phone), 1);
});

test('a question nobody answered is put again at the next sign-in, also when the phone just vanished', async () => {
  const phone = await stage.world.phone(mila, wbxml12);
  await wishes();
  assert.equal(await asked(phone), 1);
  const again = await stage.world.phone(mila, wbxml12);
  await wishes();
  assert.equal(await asked(again), 1);
});

test('after an answer the next request is a new question; a refused one has the user asked once a day', async () => {
  const phone = await stage.world.phone(mila, wbxml12);
  await wishes();
  assert.equal(await asked(phone), 1);
  assert.equal(await decides(phone, true), 200);
  await wishes();
  assert.equal(await asked(phone), 1, 'let in, gone, and back the same day');
  assert.equal(await decides(phone, false), 200);
  await wishes();
  assert.equal(await asked(phone), 1);
  assert.equal(await decides(phone, false), 200);
  await wishes();
  assert.equal(await asked(phone), 0, 'nagging');
});
