// Pictures with real parts: onesoup as it is installed, a friend on slixmpp who uploads as apps do, phones over HTTP.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createJimp } from '@jimp/core';
import png from '@jimp/js-png';
import { sizeOf } from '../src/gateway/services/content/fit.ts';
import { type Personality, strict, wbxml12 } from '../src/imps/client/personality.ts';
import { onesoupSide, password } from './federation/sides.ts';
import { canServeNames } from './peers/dns.ts';
import { startNetwork } from './peers/network.ts';
import { type Onesoup, prepareOnesoup } from './peers/onesoup.ts';
import { makePhone, type Phone } from './peers/phone.ts';
import { type Friend, hasSlixmpp, startFriend } from './peers/slixmpp.ts';

const Jimp = createJimp({ formats: [png] });

const send = (from: Phone, to: string, ContentType: string, octets: Uint8Array) => {
  const ContentData = Buffer.from(octets).toString('base64');
  return from.request(
    {
      name: 'SendMessage-Request',
      DeliveryReport: true,
      MessageInfo: {
        ContentType,
        ContentEncoding: 'BASE64',
        ContentSize: ContentData.length,
        Recipient: { User: [{ UserID: to }] },
      },
      ContentData,
    },
    'SendMessage-Response',
  );
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
    await friend.do({ do: 'share', to: 'mila@home.test', path: file, type: 'image/png' });
    const got = await mila.next('NewMessage', undefined, 30_000);
    assert.match(
      got.MessageInfo.ContentType ?? '',
      /^image\/(jpeg|png)$/,
      `${String(got.ContentData).slice(0, 300)}\n${onesoup.output().slice(-3000)}`,
    );
    const octets = Buffer.from(String(got.ContentData), 'base64');
    assert.deepEqual(sizeOf(octets), { width: 640, height: 320 });
    assert.deepEqual(mila.complaints, []);
  });

  test('what a phone sends is there for the friend, also after a restart', async () => {
    using nils = await phone('nils', wbxml12);
    const octets = Buffer.from(await new Jimp({ width: 20, height: 10, color: 0xff0000ff }).getBuffer('image/png'));
    const answer = await send(nils, 'wv:tomas@home.test', 'image/png', octets);
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

const cannot = !canServeNames() && 'only root may serve names on port 53 and make mount namespaces';

test('phones on two servers', { skip: cannot, timeout: 120_000 }, async () => {
  await using network = await startNetwork();
  const manner = { trust: 'certificates', reach: 'direct' } as const;
  // Here every server is on loopback.
  const extra = { gateway: { content: { networks: ['127.0.0.0/8'] } } };
  const north = await onesoupSide(network, manner, { domain: 'north.test', extra });
  const south = await onesoupSide(network, manner, { domain: 'south.test', extra });
  const phones: Phone[] = [];
  const phoneOn = async ({ server }: typeof north, name: string): Promise<Phone> => {
    await server.addUser(name, password, { phone: true });
    const phone = makePhone(server.csp, { user: `wv:${name}@${server.domain}`, password, personality: wbxml12 });
    phones.push(phone);
    await phone.start('MD5');
    return phone;
  };
  try {
    await Promise.all([north.start(), south.start()]);
    const ann = await phoneOn(north, 'ann');
    const bob = await phoneOn(south, 'bob');
    const octets = Uint8Array.from({ length: 20_000 }, (_, at) => (at * at) % 251);
    const type = 'application/vnd.wap.mms-message';
    assert.equal((await send(ann, 'wv:bob@south.test', type, octets)).Result.Code, 200);
    const got = await bob.next('NewMessage', undefined, 30_000);
    assert.equal(got.MessageInfo.ContentType, type);
    assert.equal(got.MessageInfo.Sender?.User?.UserID, 'wv:ann@north.test');
    assert.deepEqual(Buffer.from(String(got.ContentData), 'base64'), Buffer.from(octets));

    const modern = await send(ann, 'wv:bob@south.test', 'image/webp', octets);
    const told = await bob.next('NewMessage', undefined, 30_000);
    assert.match(String(told.ContentData), /\/picture\.webp\n\(image\/webp, 20 kB: this phone cannot show it\)$/);
    const report = await ann.next('DeliveryReport-Request', undefined, 30_000);
    assert.equal(report.MessageInfo.MessageID, modern.MessageID);
    assert.deepEqual([report.Result.Code, report.MessageInfo.ContentType], [415, 'image/webp']);
    assert.deepEqual([...ann.complaints, ...bob.complaints], []);
  } finally {
    for (const phone of phones) phone[Symbol.dispose]();
    await north.remove();
    await south.remove();
  }
});
