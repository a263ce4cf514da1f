// Pictures with real parts: onesoup as it is installed, a friend on slixmpp who uploads as apps do, phones over HTTP.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createJimp } from '@jimp/core';
import png from '@jimp/js-png';
import { sizeOf } from '../src/gateway/services/content/fit.ts';
import { type Personality, strict, wbxml12 } from '../src/imps/client/personality.ts';
import type { PrimitiveOf } from '../src/imps/primitives.ts';
import { type Onesoup, prepareOnesoup } from './peers/onesoup.ts';
import { makePhone, type Phone } from './peers/phone.ts';
import { type Friend, hasSlixmpp, startFriend } from './peers/slixmpp.ts';

const Jimp = createJimp({ formats: [png] });

const next = async (phone: Phone): Promise<PrimitiveOf<'NewMessage'>> => {
  for await (const { content } of phone.arrivals()) if (content.name === 'NewMessage') return content;
  throw new Error('the phone was signed out');
};

describe('pictures between slixmpp and phones', { skip: !hasSlixmpp() }, () => {
  let onesoup: Onesoup;
  let friend: Friend;
  before(async () => {
    onesoup = await prepareOnesoup({ domain: 'home.test' });
    await onesoup.start();
    await onesoup.addUser('tomas', 'secret');
    for (const name of ['mila', 'nils']) await onesoup.addUser(name, 'secret', { phone: true });
    friend = await startFriend('tomas@home.test', 'secret', onesoup.ports.c2s);
  });
  after(async () => {
    await friend?.kill();
    await onesoup?.remove();
  });

  const phone = async (user: string, personality: Personality): Promise<Phone> => {
    const made = makePhone(onesoup.csp, { user: `wv:${user}@home.test`, password: 'secret', personality });
    await made.start();
    return made;
  };

  test('what the friend uploads is made to fit the phone', async () => {
    using mila = await phone('mila', strict);
    const directory = join(onesoup.directory, 'friend');
    mkdirSync(directory);
    const file = join(directory, 'Midsommar på ön.png');
    const image = new Jimp({ width: 1200, height: 600, color: 0x3366ccff });
    image.scan((x, y, at) => {
      image.bitmap.data[at] = (x + y) % 256;
    });
    writeFileSync(file, await image.getBuffer('image/png'));
    const arrives = next(mila);
    const [got] = await Promise.all([
      arrives,
      friend.do({ do: 'share', to: 'mila@home.test', path: file, type: 'image/png' }),
    ]);
    assert.match(got.MessageInfo.ContentType ?? '', /^image\/(jpeg|png)$/);
    const octets = Buffer.from(String(got.ContentData), 'base64');
    assert.deepEqual(sizeOf(octets), { width: 640, height: 320 });
    assert.deepEqual(mila.complaints, []);
  });

  test('what a phone sends is there for the friend, also after a restart', async () => {
    using nils = await phone('nils', wbxml12);
    const octets = Buffer.from(await new Jimp({ width: 20, height: 10, color: 0xff0000ff }).getBuffer('image/png'));
    const ContentData = octets.toString('base64');
    const answer = await nils.request(
      {
        name: 'SendMessage-Request',
        DeliveryReport: true,
        MessageInfo: {
          ContentType: 'image/png',
          ContentEncoding: 'BASE64',
          ContentSize: ContentData.length,
          Recipient: { User: [{ UserID: 'wv:tomas@home.test' }] },
          Sender: { User: { UserID: 'wv:nils@home.test' } },
        },
        ContentData,
      },
      'SendMessage-Response',
    );
    assert.equal(answer.Result.Code, 200, answer.Result.Description);
    const shown = await friend.events.until('a picture', (one) => one.event === 'message' && one['link'] !== null);
    assert.equal(shown['body'], shown['link']);
    const link = String(shown['link']);
    const look = async (): Promise<void> => {
      const file = await fetch(link);
      assert.equal(file.headers.get('content-type'), 'image/png');
      assert.deepEqual(Buffer.from(await file.arrayBuffer()), octets);
    };
    await look();
    await onesoup.stop('SIGKILL');
    await onesoup.start();
    await look();
  });
});
