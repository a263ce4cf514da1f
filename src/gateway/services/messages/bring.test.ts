// Files for phones, where the web or the phone does not do as one would like.

import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { createJimp } from '@jimp/core';
import jpeg from '@jimp/js-jpeg';
import photon from '@silvia-odwyer/photon-node';
import { bad, good, type Outcome } from '../../../base/outcome.ts';
import { android, type Personality, plain, wbxml12 } from '../../../imps/client/personality.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import type { Friend } from '../../suite/friend.ts';
import { inProcess } from '../../suite/in-process.ts';
import { type Handset, World } from '../../suite/world.ts';
import type { Contents, Fetched, WebFault } from '../content/contents.ts';
import { sizeOf } from '../content/fit.ts';

const Jimp = createJimp({ formats: [jpeg] });
const photo = async (edge: number): Promise<Uint8Array> =>
  new Uint8Array(await new Jimp({ width: edge, height: edge, color: 0x336699ff }).getBuffer('image/jpeg'));

let world: World;
let get: (url: string) => Promise<Outcome<Fetched, WebFault>>;
let fetched: string[];
const worlds: World[] = [];

beforeEach(async () => {
  const ground = await inProcess();
  fetched = [];
  get = async () => bad({ reason: 'gone', text: 'its server says 404' });
  const contents: Contents = {
    ...(ground.contents as Contents),
    web: {
      get: async (url) => {
        fetched.push(url);
        return get(url);
      },
      put: async () => bad({ reason: 'temporary', text: 'the server says 500' }),
    },
  };
  world = new World({ ...ground, contents });
  worlds.push(world);
  await world.gateway.start();
});
after(async () => {
  for (const one of worlds) await one.close();
});

const people = async (kind: Personality = plain): Promise<{ mila: Handset; milaJid: Jid; tomas: Friend }> => {
  const milaJid = await world.someone('mila');
  const tomas = await world.friend(await world.someone('tomas'));
  return { mila: await world.phone(milaJid, kind), milaJid, tomas };
};
const share = (from: Friend, to: Jid, name: string): Promise<void> =>
  from.sends(
    `<message to='${to}' type='chat' id='${name}'><body>https://files.test/${name}</body><x xmlns='jabber:x:oob'><url>https://files.test/${name}</url></x></message>`,
  );
/** So often was the web asked. */
const asked = (count: number): Promise<unknown> =>
  world.until(`${count} questions`, () => (fetched.length >= count ? true : undefined));
const octetsOf = ({ ContentData }: { readonly ContentData?: string | Uint8Array | undefined }): Buffer =>
  Buffer.from(String(ContentData), 'base64');

describe('fetching', () => {
  test('what cannot be had now is tried again, and told when that does not help', async () => {
    const { mila, milaJid, tomas } = await people();
    get = async () => bad({ reason: 'temporary', text: 'its server says 503' });
    await share(tomas, milaJid, 'a.jpg');
    await asked(1);
    await mila.receivesNo('NewMessage');
    const octets = await photo(20);
    get = async () => good({ octets, type: 'image/jpeg' });
    await world.ground.pass(6000);
    assert.deepEqual(octetsOf(await mila.receives('NewMessage')), Buffer.from(octets));
    assert.equal(fetched.length, 2);

    get = async () => bad({ reason: 'temporary', text: 'its server says 503' });
    await share(tomas, milaJid, 'b.jpg');
    for (const count of [3, 4, 5, 6]) {
      await asked(count);
      await world.ground.pass(120_000);
    }
    const told = await mila.receives('NewMessage');
    assert.equal(told.ContentData, 'https://files.test/b.jpg\n(a file: it cannot be fetched)');
    await tomas.receives('a report', (one) => one.type === 'error' && one.id === 'b.jpg');
    assert.equal(fetched.length, 6, 'and it is not asked for ever');
  });

  test('messages behind a file that does not come are not held up', async () => {
    const { mila, milaJid, tomas } = await people();
    get = async () => bad({ reason: 'temporary', text: 'slow' });
    await share(tomas, milaJid, 'a.jpg');
    await tomas.sends(`<message to='${milaJid}' type='chat' id='t'><body>hej</body></message>`);
    assert.equal((await mila.receives('NewMessage')).ContentData, 'hej');
    // Nor does the phone learn of what it could not fetch.
    const list = await mila.csp.request({ name: 'GetMessageList-Request' }, 'GetMessageList-Response');
    assert.equal(list.MessageInfo?.length ?? 0, 0);
  });

  test('only so many wait for a phone in full; the others are fetched when it has taken those', async () => {
    const { mila, milaJid, tomas } = await people();
    const octets = await photo(20);
    get = async () => good({ octets, type: 'image/jpeg' });
    for (let n = 0; n < 6; n++) await share(tomas, milaJid, `${n}.jpg`);
    await asked(2);
    for (let n = 0; n < 10; n++) await world.ground.pass(100);
    assert.equal(fetched.length, 2);
    for (let n = 0; n < 6; n++) await mila.receives('NewMessage');
    assert.deepEqual(
      fetched,
      [0, 1, 2, 3, 4, 5].map((n) => `https://files.test/${n}.jpg`),
    );
    await mila.receivesNo('NewMessage');
  });

  /** Servers called silent.test give no answer for as long as they are waited for. */
  const withSilence = (octets: Uint8Array): void => {
    get = (url) =>
      new URL(url).hostname === 'silent.test'
        ? new Promise((resolve) => {
            world.ground.clock.after(20_000, () =>
              resolve(bad({ reason: 'temporary', text: 'its server is too slow' })),
            );
          })
        : Promise.resolve(good({ octets, type: 'image/jpeg' }));
  };
  const link = (from: Friend, to: Jid, url: string): Promise<void> =>
    from.sends(
      `<message to='${to}' type='chat' id='${url}'><body>${url}</body><x xmlns='jabber:x:oob'><url>${url}</url></x></message>`,
    );

  test('a hundred links of a stranger that lead nowhere delay nobody else’s picture', async () => {
    const { mila, milaJid, tomas } = await people();
    const stranger = await world.friend(await world.someone('stranger'));
    const others = await Promise.all(['anna', 'otto', 'karin', 'lars'].map((name) => world.someone(name)));
    const phones = await Promise.all(others.map((one) => world.phone(one, plain)));
    const octets = await photo(20);
    withSilence(octets);
    for (let n = 0; n < 100; n++)
      await link(stranger, [milaJid, ...others][n % 5] as Jid, `https://silent.test/${n}.jpg`);
    await asked(1);
    const start = world.ground.clock.mono();
    for (const to of [milaJid, ...others]) await share(tomas, to, 'a.jpg');
    for (const phone of [mila, ...phones])
      assert.deepEqual(octetsOf(await phone.receives('NewMessage')), Buffer.from(octets));
    assert.ok(world.ground.clock.mono() - start < 20_000, 'before a single one of the others was given up');
    assert.equal(fetched.filter((url) => url.startsWith('https://silent.test/')).length, 1, 'which have their share');
  });

  test('strangers on somebody’s own server delay a picture by one turn of each, however many links they send', async () => {
    const { mila, milaJid, tomas } = await people();
    const octets = await photo(20);
    withSilence(octets);
    for (let n = 0; n < 3; n++) {
      const stranger = await world.friend(await world.someone('stranger'));
      for (let at = 0; at < 5; at++) await link(stranger, milaJid, `https://silent.test/${n}-${at}.jpg`);
    }
    await asked(1);
    // Tomas is on the same server as they are: when each of those who had none before him had one, he has his.
    await share(tomas, milaJid, 'a.jpg');
    for (let n = 0; n < 61; n++) await world.ground.pass(1000);
    assert.deepEqual(octetsOf(await mila.receives('NewMessage')), Buffer.from(octets));
  });

  test('a phone is given pictures of all who send it some, not first all of one', async () => {
    const { mila, milaJid, tomas } = await people();
    const stranger = await world.friend(await world.someone('stranger'));
    const octets = await photo(20);
    withSilence(octets);
    for (let n = 0; n < 30; n++) await link(stranger, milaJid, `https://files.test/s${n}.jpg`);
    await asked(2);
    await share(tomas, milaJid, 'a.jpg');
    const from: (string | undefined)[] = [];
    for (let n = 0; n < 5; n++)
      from.push((await mila.receives('NewMessage')).MessageInfo.Sender?.User?.UserID.replace(/\d.*/, ''));
    assert.ok(from.includes('wv:tomas'), from.join());
  });

  test('a phone that signs out while a file is fetched gets it the next time, and nobody asks for it for ever', async () => {
    const { mila, milaJid, tomas } = await people();
    const octets = await photo(20);
    const given = Promise.withResolvers<Outcome<Fetched, WebFault>>();
    get = () => given.promise;
    await share(tomas, milaJid, 'a.jpg');
    await asked(1);
    await mila.csp.signOut();
    given.resolve(good({ octets, type: 'image/jpeg' }));
    for (let n = 0; n < 20; n++) await world.ground.pass(1000);
    assert.equal(fetched.length, 1);
    const again = await world.phone(milaJid);
    assert.deepEqual(octetsOf(await again.receives('NewMessage')), Buffer.from(octets));
    assert.equal(fetched.length, 2);
  });

  test('a phone is told of more files than it has fetched', async () => {
    const { mila, milaJid, tomas } = await people();
    const octets = await photo(20);
    get = async () => good({ octets, type: 'image/jpeg' });
    assert.equal(await mila.csp.codeFor({ name: 'SetDeliveryMethod-Request', DeliveryMethod: 'N' }), 200);
    for (let n = 0; n < 4; n++) await share(tomas, milaJid, `${n}.jpg`);
    for (let n = 0; n < 4; n++) await mila.receives('MessageNotification');
  });

  test('a file that is awaited is awaited after a restart', async () => {
    const { mila, milaJid, tomas } = await people();
    get = async () => bad({ reason: 'temporary', text: 'slow' });
    await share(tomas, milaJid, 'a.jpg');
    await asked(1);
    const octets = await photo(20);
    get = async () => good({ octets, type: 'image/jpeg' });
    await world.restart();
    assert.deepEqual(octetsOf(await mila.receives('NewMessage')), Buffer.from(octets));
  });

  test('the file must be the one that was promised', async () => {
    const { mila, milaJid, tomas } = await people();
    const octets = await photo(20);
    get = async () => good({ octets, type: 'image/jpeg' });
    await tomas.sends(
      `<message to='${milaJid}' type='chat' id='x'><body>https://files.test/x.jpg</body>` +
        "<file-sharing xmlns='urn:xmpp:sfs:0'><file xmlns='urn:xmpp:file:metadata:0'><media-type>image/jpeg</media-type>" +
        "<hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>AAAA</hash></file><sources>" +
        "<url-data xmlns='http://jabber.org/protocol/url-data' target='https://files.test/x.jpg'/></sources></file-sharing></message>",
    );
    const told = await mila.receives('NewMessage');
    assert.match(String(told.ContentData), /it is not the file that was sent\)$/);
  });
});

describe('phones', () => {
  test('a WebP of an app arrives as a JPEG, whatever its server calls it', async () => {
    const { mila, milaJid, tomas } = await people();
    const octets = new photon.PhotonImage(new Uint8Array(50 * 30 * 4).fill(99), 50, 30).get_bytes_webp();
    for (const [name, type] of [
      ['a.webp', 'image/webp'],
      ['b.webp', 'application/octet-stream'],
    ] as const) {
      get = async () => good({ octets, type });
      await share(tomas, milaJid, name);
      const got = await mila.receives('NewMessage');
      assert.equal(got.MessageInfo.ContentType, 'image/jpeg');
      assert.deepEqual(sizeOf(octetsOf(got)), { width: 50, height: 30 });
    }
  });

  test('COMPAT RAZR V3: JPEGs of 100 by 100 pixels', async () => {
    const v3: Personality = { ...plain, userAgent: 'MOT-V3/0E.40.3CR MIB/2.2.1' };
    const { mila, milaJid, tomas } = await people(v3);
    const octets = await photo(300);
    get = async () => good({ octets, type: 'image/jpeg' });
    await share(tomas, milaJid, 'a.jpg');
    const got = await mila.receives('NewMessage');
    assert.equal(got.MessageInfo.ContentType, 'image/jpeg');
    assert.deepEqual(sizeOf(octetsOf(got)), { width: 100, height: 100 });
  });

  test("what was made fit for one phone is made fit anew for its user's next", async () => {
    const { mila, milaJid, tomas } = await people(wbxml12);
    const octets = await photo(30);
    get = async () => good({ octets, type: 'image/jpeg' });
    await share(tomas, milaJid, 'a.jpg');
    await asked(1);
    for (let n = 0; n < 10; n++) await world.ground.pass(100);
    await mila.csp.signOut();
    const next = await world.phone(milaJid, android);
    const told = await next.receives('NewMessage');
    assert.match(String(told.ContentData), /^https:\/\/files\.test\/a\.jpg\n\(.*this phone cannot show it\)$/);
  });
});

describe('sending', () => {
  test('an upload that fails is not acknowledged; what is small goes without', async () => {
    const { mila, tomas } = await people();
    const send = async (length: number) => {
      const ContentData = Buffer.alloc(length, 7).toString('base64');
      const answer = await mila.csp.request(
        {
          name: 'SendMessage-Request',
          DeliveryReport: false,
          MessageInfo: {
            ContentType: 'image/gif',
            ContentEncoding: 'BASE64',
            ContentSize: ContentData.length,
            Recipient: { User: [{ UserID: `wv:${tomas.link.jid.bare}` }] },
          },
          ContentData,
        },
        'SendMessage-Response',
      );
      return answer.Result.Code;
    };
    assert.equal(await send(9000), 503);
    assert.equal(await send(3000), 200);
    const within = await tomas.receives('a picture', (one) => one.has('data', 'urn:xmpp:bob'));
    assert.ok(within.has('html', 'http://jabber.org/protocol/xhtml-im'));
    assert.deepEqual(
      tomas.received.filter(({ kind }) => kind === 'message'),
      [],
    );
  });
});
