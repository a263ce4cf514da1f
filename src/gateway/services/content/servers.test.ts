// Servers and senders that do not do as they should: upload services that give no slot, or one with more in it than a slot
// has; pictures that are only named.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { silentMeter } from '../../../base/meter.ts';
import { bad, good } from '../../../base/outcome.ts';
import { plain } from '../../../imps/client/personality.ts';
import { child, type Element, el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { ScriptedServer } from '../../suite/scripted.ts';
import { World } from '../../suite/world.ts';
import { contentEvents } from './events.ts';
import { turns } from './turns.ts';
import { noWeb } from './web/own.ts';

const mila = Jid.from('mila@home.test');
const tomas = Jid.from('tomas@home.test/desk');
const uploads = 'urn:xmpp:http:upload:0';
const discoItems = 'http://jabber.org/protocol/disco#items';
const discoInfo = 'http://jabber.org/protocol/disco#info';
const worlds: World[] = [];
after(async () => {
  for (const one of worlds) await one.close();
});

interface Put {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

const staged = async () => {
  const server = new ScriptedServer();
  const puts: Put[] = [];
  const world = new World({
    ...(await server.open()),
    contents: {
      web: {
        ...noWeb,
        async put(url, headers) {
          puts.push({ url, headers });
          return good(undefined);
        },
      },
      pictures: { fit: async () => bad('unreadable') },
      bytesMax: 100_000,
      turns: turns(1),
      events: contentEvents(silentMeter),
    },
  });
  worlds.push(world);
  return { server, puts, world, phone: await world.phone(mila, plain) };
};

/** An upload service at upload.home.test whose slots are as given. */
const serving =
  (slot: (request: Stanza) => Stanza | null, fileMax?: number) =>
  (request: Stanza): Stanza | null | undefined => {
    const to = request.to?.toString();
    if (request.has('query', discoItems) && to === 'home.test')
      return request.result(el('query', { xmlns: discoItems }, el('item', { jid: 'upload.home.test' })));
    if (request.has('query', discoInfo) && to === 'upload.home.test')
      return request.result(
        el(
          'query',
          { xmlns: discoInfo },
          el('feature', { var: uploads }),
          fileMax === undefined
            ? undefined
            : el(
                'x',
                { xmlns: 'jabber:x:data', type: 'result' },
                el('field', { var: 'max-file-size' }, el('value', null, String(fileMax))),
              ),
        ),
      );
    return request.has('request', uploads) ? slot(request) : undefined;
  };

const slotOf = (...inside: Element[]): Element => el('slot', { xmlns: uploads }, ...inside);

const codeOf = async (stage: Awaited<ReturnType<typeof staged>>): Promise<number> => {
  const ContentData = Buffer.alloc(9000, 1).toString('base64');
  const sent = stage.phone.csp.request(
    {
      name: 'SendMessage-Request',
      DeliveryReport: false,
      MessageInfo: {
        ContentType: 'image/gif',
        ContentEncoding: 'BASE64',
        ContentSize: ContentData.length,
        Recipient: { User: [{ UserID: 'wv:tomas@home.test' }] },
      },
      ContentData,
    },
    'SendMessage-Response',
  );
  let isOver = false;
  const code = sent
    .then(({ Result }) => Result.Code)
    .finally(() => {
      isOver = true;
    });
  for (let tries = 0; tries < 100 && !isOver; tries++) await stage.world.ground.pass(500);
  return code;
};

test('only the headers of a slot are sent, and each on one line', async () => {
  const stage = await staged();
  stage.server.answer = serving((request) =>
    request.result(
      slotOf(
        el(
          'put',
          { url: 'https://files.test/put' },
          el('header', { name: 'Authorization' }, 'Bearer x\r\nHost: elsewhere'),
          el('header', { name: 'Cookie' }, 'a=b'),
          el('header', { name: 'Host' }, 'elsewhere.test'),
          el('header', { name: 'Content-Length' }, '1'),
        ),
        el('get', { url: 'https://files.test/get.gif' }),
      ),
    ),
  );
  assert.equal(await codeOf(stage), 200);
  assert.deepEqual(stage.puts, [
    { url: 'https://files.test/put', headers: { Authorization: 'Bearer xHost: elsewhere', Cookie: 'a=b' } },
  ]);
  const [message] = stage.server.take(({ kind }) => kind === 'message');
  assert.ok(message?.has('x', 'jabber:x:oob'));
});

test('a refusal says whose fault it is', async () => {
  const refusals: readonly (readonly [number, (request: Stanza) => Stanza | null, number?])[] = [
    [432, (request) => request.error('not-acceptable', { extra: el('file-too-large', { xmlns: uploads }) })],
    [432, (request) => request.error('internal-server-error'), 100],
    [507, (request) => request.error('resource-constraint')],
    [503, (request) => request.error('forbidden')],
    [503, (request) => request.result(slotOf())],
    [503, (request) => request.result(slotOf(el('put', { url: 'https://files.test/put' })))],
    [504, () => null],
  ];
  for (const [code, slot, fileMax] of refusals) {
    const stage = await staged();
    stage.server.answer = serving(slot, fileMax);
    assert.equal(await codeOf(stage), code, `${slot}`);
    assert.deepEqual(
      stage.server.take(({ kind }) => kind === 'message'),
      [],
      'nothing was sent',
    );
    assert.deepEqual(stage.puts, []);
  }
});

test('a server without an upload service, or one that says nothing of itself, has none', async () => {
  const stage = await staged();
  assert.equal(await codeOf(stage), 415);
  stage.server.answer = (request) => (request.has('query', discoItems) ? null : undefined);
  assert.equal(await codeOf(stage), 415);
  // When there is one later, it is found.
  stage.server.answer = serving((request) =>
    request.result(slotOf(el('put', { url: 'https://f.test/p' }), el('get', { url: 'https://f.test/g' }))),
  );
  assert.equal(await codeOf(stage), 200);
});

test('a picture that is only named is asked of its sender', async () => {
  const gif = Buffer.from('GIF89a\x01\x00\x01\x00\x00\x00\x00;', 'latin1');
  const cid = 'sha1+1@bob.xmpp.org';
  for (const isGiven of [true, false]) {
    const { server, world, phone } = await staged();
    server.answer = (request) => {
      const asked = request.elements.find(({ xmlns }) => xmlns === 'urn:xmpp:bob');
      if (!asked) return undefined;
      assert.equal(request.to?.toString(), tomas.toString());
      assert.equal(asked.attrs.cid, cid);
      return isGiven
        ? request.result(el('data', { xmlns: 'urn:xmpp:bob', cid, type: 'image/gif' }, gif.toString('base64')))
        : request.error('item-not-found');
    };
    const html = el(
      'html',
      { xmlns: 'http://jabber.org/protocol/xhtml-im' },
      el('body', { xmlns: 'http://www.w3.org/1999/xhtml' }, el('img', { src: `cid:${cid}`, alt: 'katt' })),
    );
    await server.delivers(
      Stanza.make({ kind: 'message', type: 'chat', id: 'b', from: tomas }, el('body', null, 'katt'), html),
    );
    if (isGiven) {
      const got = await phone.receives('NewMessage', ({ MessageInfo }) => MessageInfo.ContentType === 'image/gif');
      assert.deepEqual(Buffer.from(String(got.ContentData), 'base64'), gif);
    } else {
      await phone.receives('NewMessage', ({ ContentData }) => /its sender does not give it/.test(String(ContentData)));
      const [refusal] = await world.until('a refusal', () => {
        const found = server.take(({ type }) => type === 'error');
        return found.length > 0 ? found : undefined;
      });
      const error = refusal?.child('error');
      assert.ok(error && child(error, 'not-acceptable', 'urn:ietf:params:xml:ns:xmpp-stanzas'));
    }
  }
});
