// Somebody at a terminal client that people use (profanity) signs in over TLS and chats with a phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wbxml12 } from '../src/imps/client/personality.ts';
import { prepareOnesoup } from './peers/onesoup.ts';
import { makePhone } from './peers/phone.ts';
import { hasProfanity, startProfanity } from './peers/profanity.ts';

const skip = hasProfanity() || process.env['CI'] ? false : 'profanity or tmux is not installed';

test('profanity and a phone chat; the contact list shows the phone come and go', { skip }, async (t) => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  t.after(() => onesoup.remove());
  await onesoup.start();
  await onesoup.addUser('ann', 'ann has soup', { phone: true });
  await onesoup.addUser('bob', 'bob has bread');

  const bob = await startProfanity('bob@home.test', 'bob has bread', onesoup.ports.c2s);
  t.after(() => bob.end());
  await bob.shows(/logged in successfully/);
  await bob.shows(/\[TLS\]/);

  using phone = makePhone(onesoup.csp, { user: 'ann', password: 'ann has soup', personality: wbxml12 });
  await phone.start('MD5');

  await bob.type('/roster add ann@home.test Ann');
  await bob.type('/sub request ann@home.test');
  const asked = await phone.next('PresenceAuth-Request');
  assert.equal(asked.UserID, 'wv:bob@home.test');
  assert.equal(await phone.codeFor({ name: 'PresenceAuth-User', UserID: 'wv:bob@home.test', Acceptance: true }), 200);
  await phone.publish('AVAILABLE', 'on the train');
  await bob.shows(/Ann \(phone-\w+\) is online, "on the train"/);

  await phone.sendText('wv:bob@home.test', 'soup is ready');
  await bob.type('/msg ann@home.test');
  await bob.shows(/soup is ready/);
  await bob.type('bring bread');
  const message = await phone.next('NewMessage', ({ ContentData }) => ContentData === 'bring bread');
  assert.match(JSON.stringify(message.MessageInfo.Sender), /wv:bob@home\.test/);

  await phone.signOut();
  await bob.shows(/Ann \[offline\]/);
  assert.deepEqual(phone.complaints, []);
});
