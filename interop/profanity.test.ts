// Somebody at a terminal client that people use (profanity) signs in over TLS and chats with a phone.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

test('profanity sends a file to a phone by HTTP File Upload, and shows what the phone sends', { skip }, async (t) => {
  const onesoup = await prepareOnesoup({ domain: 'home.test' });
  t.after(() => onesoup.remove());
  await onesoup.start();
  await onesoup.addUser('ann', 'ann has soup', { phone: true });
  await onesoup.addUser('bob', 'bob has bread');
  const bob = await startProfanity('bob@home.test', 'bob has bread', onesoup.ports.c2s);
  t.after(() => bob.end());
  await bob.shows(/logged in successfully/);
  using phone = makePhone(onesoup.csp, { user: 'ann', password: 'ann has soup', personality: wbxml12 });
  await phone.start('MD5');

  const card = 'BEGIN:VCARD\nVERSION:3.0\nFN:Bob Bread\nTEL:+4612345\nEND:VCARD\n';
  const file = join(onesoup.directory, 'bob.vcf');
  writeFileSync(file, card);
  await bob.type('/msg ann@home.test');
  await bob.type(`/sendfile ${file}`);
  const got = await phone.next('NewMessage', undefined, 30_000);
  assert.match(got.MessageInfo.ContentType ?? '', /^text\/(x-)?vcard/i);
  assert.equal(got.ContentData, card);

  const octets = Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1');
  const ContentData = octets.toString('base64');
  const answer = await phone.request(
    {
      name: 'SendMessage-Request',
      DeliveryReport: false,
      MessageInfo: {
        ContentType: 'image/gif',
        ContentEncoding: 'BASE64',
        ContentSize: ContentData.length,
        Recipient: { User: [{ UserID: 'wv:bob@home.test' }] },
      },
      ContentData,
    },
    'SendMessage-Response',
  );
  assert.equal(answer.Result.Code, 200);
  await bob.shows(/\/upload\/\w+\/picture\.gif/);
  assert.deepEqual(phone.complaints, []);
});
