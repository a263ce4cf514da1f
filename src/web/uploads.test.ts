// HTTP File Upload as an XMPP client meets it: a slot over XMPP, the file over real HTTP.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Fastify from 'fastify';
import type { Client } from '../server/testing/client.ts';
import { type TestServer, testServer } from '../server/testing/server.ts';
import { testUploads } from '../server/testing/uploads.ts';
import type { Uploads, UploadsOptions } from '../server/uploads/service.ts';
import { child, childText, elementsOf, textOf } from '../xml/element.ts';
import { Jid } from '../xmpp/jid.ts';
import { serveUploads } from './uploads.ts';

interface Stage {
  readonly server: TestServer;
  readonly uploads: Uploads;
  readonly directory: string;
  readonly port: number;
  readonly mila: Client;
  /** Asks for a slot; the answer as it came. */
  ask(
    size: number,
    more?: { readonly name?: string; readonly type?: string; readonly as?: Client },
  ): ReturnType<typeof answerOf>;
  slot(
    size: number,
    more?: { readonly name?: string; readonly type?: string },
  ): Promise<{ url: string; token: string }>;
  put(url: string, token: string | undefined, body: Uint8Array<ArrayBuffer>): Promise<Response>;
}

const answerOf = async (server: TestServer, client: Client) => {
  for (let tries = 0; tries < 50; tries++) {
    await server.settle();
    const at = client.received.findIndex(({ kind }) => kind === 'iq');
    if (at >= 0) return client.received.splice(at, 1)[0] as Client['received'][number];
  }
  throw new Error('no answer came');
};

const staged = async (play: (stage: Stage) => Promise<void>, limits: UploadsOptions['limits'] = {}): Promise<void> => {
  const server = testServer();
  const directory = mkdtempSync(join(tmpdir(), 'onesoup-uploads-'));
  const http = Fastify({ forceCloseConnections: true });
  const port = await freePort();
  const uploads = await testUploads(server, { directory, url: `http://127.0.0.1:${port}`, ...(limits && { limits }) });
  await http.register(async (scope) => serveUploads(scope, uploads));
  await http.listen({ port, host: '127.0.0.1' });
  try {
    const mila = await server.signIn('mila');
    const ask: Stage['ask'] = async (size, { name = 'katt.jpg', type = 'image/jpeg', as = mila } = {}) => {
      await as.sends(
        `<iq type='get' id='s' to='upload.home.test'><request xmlns='urn:xmpp:http:upload:0' filename='${name}' size='${size}' content-type='${type}'/></iq>`,
      );
      return answerOf(server, as);
    };
    await play({
      server,
      uploads,
      directory,
      port,
      mila,
      ask,
      async slot(size, more) {
        const slot = (await ask(size, more)).child('slot', 'urn:xmpp:http:upload:0');
        const put = slot && child(slot, 'put');
        const header = put && child(put, 'header');
        assert.ok(slot && put && header, 'a slot');
        assert.equal(header.attrs.name, 'Authorization');
        assert.equal(child(slot, 'get')?.attrs.url, put.attrs.url);
        return { url: put.attrs.url ?? '', token: textOf(header) };
      },
      put: (url, token, body) =>
        fetch(url, {
          method: 'PUT',
          body,
          headers: { ...(token && { authorization: token }), 'content-type': 'image/jpeg' },
        }),
    });
  } finally {
    await http.close();
    await uploads.close();
    await server.close();
    rmSync(directory, { recursive: true });
  }
};

const freePort = async (): Promise<number> => {
  const probe = Fastify();
  await probe.listen({ port: 0, host: '127.0.0.1' });
  const { port } = probe.server.address() as { readonly port: number };
  await probe.close();
  return port;
};

const picture = new Uint8Array(3000).map((_, at) => at % 251);
const until = async (holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 2000 && !holds(); tries++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds());
};
const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((one) => (one.isFile() ? [one.name] : []));

test('the service says what it is and how large a file may be', () =>
  staged(async ({ server, mila }) => {
    await mila.sends(
      "<iq type='get' id='d' to='upload.home.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    );
    const query = (await answerOf(server, mila)).child('query', 'http://jabber.org/protocol/disco#info');
    assert.ok(query);
    assert.deepEqual(child(query, 'identity')?.attrs, { category: 'store', type: 'file', name: 'Files' });
    assert.ok(elementsOf(query).some(({ attrs }) => attrs.var === 'urn:xmpp:http:upload:0'));
    const form = child(query, 'x', 'jabber:x:data');
    const fields = form ? elementsOf(form).map((one) => [one.attrs.var, childText(one, 'value')]) : [];
    assert.deepEqual(fields, [
      ['FORM_TYPE', 'urn:xmpp:http:upload:0'],
      ['max-file-size', '10485760'],
    ]);
    await mila.sends(
      "<iq type='get' id='i' to='home.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
    );
    const items = (await answerOf(server, mila)).child('query', 'http://jabber.org/protocol/disco#items');
    assert.ok(items && elementsOf(items).some(({ attrs }) => attrs.jid === 'upload.home.test'));
  }));

test('a file goes up once and comes down whole, in part, and not at all when nothing changed', () =>
  staged(async ({ slot, put, port }) => {
    const { url, token } = await slot(picture.length, { name: 'Åsas katt.jpg' });
    assert.match(url, new RegExp(`^http://127.0.0.1:${port}/upload/[A-Za-z0-9]{24}/%C3%85sas%20katt.jpg$`));
    assert.equal((await fetch(url)).status, 404, 'not there yet');
    assert.equal((await put(url, token, picture)).status, 201);
    const got = await fetch(url);
    assert.equal(got.status, 200);
    assert.deepEqual(new Uint8Array(await got.arrayBuffer()), picture);
    const { headers } = got;
    assert.equal(headers.get('content-type'), 'image/jpeg');
    assert.equal(headers.get('content-length'), '3000');
    assert.equal(
      headers.get('content-disposition'),
      `inline; filename="_sas katt.jpg"; filename*=UTF-8''%C3%85sas%20katt.jpg`,
    );
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
    assert.equal(headers.get('access-control-allow-origin'), '*');

    const head = await fetch(url, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length'), (await head.text()).length], [200, '3000', 0]);
    const parts: readonly (readonly [string, number, string | null, number])[] = [
      ['bytes=0-9', 206, 'bytes 0-9/3000', 10],
      ['bytes=2990-', 206, 'bytes 2990-2999/3000', 10],
      ['bytes=-5', 206, 'bytes 2995-2999/3000', 5],
      ['bytes=2999-9999', 206, 'bytes 2999-2999/3000', 1],
      ['bytes=0-1,5-6', 200, null, 3000],
    ];
    for (const [range, status, shown, length] of parts) {
      const part = await fetch(url, { headers: { range } });
      assert.deepEqual(
        [part.status, part.headers.get('content-range'), (await part.arrayBuffer()).byteLength],
        [status, shown, length],
        range,
      );
    }
    const beyond = await fetch(url, { headers: { range: 'bytes=3000-' } });
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, 'bytes */3000']);
    const same = await fetch(url, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
    assert.equal(same.status, 304);
    assert.equal((await put(url, token, picture)).status, 404, 'a slot is for one file');
  }));

test('of several that bring the same file at once one does, and its file stays', () =>
  staged(async ({ slot, put }) => {
    for (let n = 0; n < 5; n++) {
      const { url, token } = await slot(picture.length);
      const statuses = (await Promise.all([0, 1, 2].map(() => put(url, token, picture)))).map(({ status }) => status);
      assert.equal(statuses.filter((status) => status === 201).length, 1, String(statuses));
      assert.deepEqual(new Uint8Array(await (await fetch(url)).arrayBuffer()), picture);
    }
  }));

test('what could hold script is a download, whatever it was called', () =>
  staged(async ({ slot, put }) => {
    for (const [name, type, shown] of [
      ['x.svg', 'image/svg+xml', 'image/svg+xml'],
      ['x.html', 'Text/HTML;charset=utf-8', 'text/html;charset=utf-8'],
      ['../../etc/passwd', 'no type', 'application/octet-stream'],
    ] as const) {
      const { url, token } = await slot(3, { name, type });
      assert.equal((await put(url, token, Uint8Array.of(1, 2, 3))).status, 201);
      const got = await fetch(url);
      assert.match(got.headers.get('content-disposition') ?? '', /^attachment; filename="[^"/]*"/);
      assert.equal(got.headers.get('content-type'), shown);
      await got.arrayBuffer();
    }
  }));

test('only the slot takes a file, only with its token, only of its length; nothing half stays', () =>
  staged(async ({ slot, put, directory, port, uploads }) => {
    const { url, token } = await slot(picture.length);
    assert.equal((await put(url, undefined, picture)).status, 403);
    assert.equal((await put(url, `${token}x`, picture)).status, 403);
    assert.equal((await put(url.replace(/upload\/./, 'upload/_'), token, picture)).status, 403);
    assert.equal((await put(url, token, picture.subarray(1))).status, 400);
    // Without a length: it is seen when it is too long, and when it ends too early.
    for (const octets of [picture.subarray(1), new Uint8Array(4000)]) {
      const chunked = await fetch(url, {
        method: 'PUT',
        headers: { authorization: token },
        body: new Blob([octets]).stream(),
        duplex: 'half',
      } as RequestInit);
      assert.equal(chunked.status, 400);
    }
    // The client hangs up half-way.
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `PUT ${new URL(url).pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Length: ${picture.length}\r\n\r\n`,
        );
        socket.write(picture.subarray(0, 100));
        void until(() => filesIn(directory).length > 0).then(() => socket.destroy());
      });
      socket.once('close', () => resolve());
    });
    await until(() => filesIn(directory).length === 0);
    await uploads.settled();
    assert.deepEqual(filesIn(directory), []);
    assert.equal((await put(url, token, picture)).status, 201, 'the slot is still good');
  }));

test('an upload that stalls is given up', () =>
  staged(async ({ slot, server, port, directory, uploads }) => {
    const { url, token } = await slot(100);
    const answered = new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `PUT ${new URL(url).pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Length: 100\r\n\r\nabc`,
        );
      });
      socket.on('data', (piece) => {
        text += piece;
      });
      socket.once('close', () => resolve(text));
    });
    await until(() => filesIn(directory).length > 0);
    for (let tries = 0; tries < 400; tries++) {
      server.clock.advance(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.match(await answered, /^HTTP\/1\.1 408 /);
    await uploads.settled();
    assert.deepEqual(filesIn(directory), []);
  }));

/** Sends so many octets every second of simulated time, up to so many; the answer's first line, or none within four minutes. */
const trickle = async (
  { port, server }: Stage,
  { url, token }: { readonly url: string; readonly token: string },
  size: number,
  perSecond: number,
): Promise<string> => {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {}); // It is ended from the other side.
  socket.on('data', (piece) => {
    text += piece;
    socket.end();
  });
  socket.write(
    `PUT ${new URL(url).pathname} HTTP/1.1\r\nHost: x\r\nAuthorization: ${token}\r\nContent-Length: ${size}\r\n\r\n`,
  );
  for (let at = 0, sent = 0; at < 240 && text === ''; at++) {
    const piece = Math.min(perSecond, size - sent);
    sent += piece;
    if (piece > 0) await new Promise((resolve) => socket.write(new Uint8Array(piece), resolve));
    // What was written has arrived before a second passes.
    await new Promise((resolve) => setTimeout(resolve, 4));
    server.clock.advance(1000);
  }
  socket.end();
  await closed;
  return text.split('\r\n')[0] ?? '';
};

test('an upload slower than the least speed is given up and told so; one that keeps it is not', () =>
  staged(
    async (stage) => {
      const { slot, put, uploads, directory, server } = stage;
      const slow = await slot(100_000);
      assert.match(await trickle(stage, slow, 100_000, 60), /^HTTP\/1\.1 408 /);
      await uploads.settled();
      assert.deepEqual(filesIn(directory), []);
      assert.equal((await put(slow.url, slow.token, new Uint8Array(100_000))).status, 201, 'the slot is still good');
      const brings = async (size: number, piece: number, everyMs: number) => {
        const given = await slot(size);
        const pieces = async function* () {
          for (let left = size; left > 0; left -= piece) {
            await new Promise<void>((resolve) => server.clock.after(everyMs, resolve));
            yield new Uint8Array(Math.min(piece, left));
          }
        };
        let isOver = false;
        const id = uploads.idIn(given.url) ?? '';
        const done = uploads.receive(id, given.token.replace('Bearer ', ''), undefined, pieces()).finally(() => {
          isOver = true;
        });
        while (!isOver) {
          await new Promise((resolve) => setImmediate(resolve));
          server.clock.advance(1000);
        }
        return done;
      };
      // The last piece may be as small as it is.
      assert.deepEqual(await brings(13_001, 130, 1000), { ok: true, value: undefined });
      // Every 20 seconds: of the times of 30 that are looked at, some have two bursts and some have one.
      assert.deepEqual(await brings(40_000, 2400, 20_000), { ok: true, value: undefined });
      assert.deepEqual(
        await brings(40_000, 1800, 20_000),
        { ok: false, fault: 'slow' },
        'in bursts, but less than 100',
      );
    },
    { bytesPerSecondMin: 100 },
  ));

test('accounts with many files on their way leave places to others', () =>
  staged(
    async ({ server, uploads, ask }) => {
      const never: AsyncIterable<Uint8Array> = {
        [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
      };
      const begun: Promise<string>[] = [];
      const put = async (as: Client) => {
        const given = (await ask(1000, { as })).child('slot', 'urn:xmpp:http:upload:0');
        const at = given && child(given, 'put');
        const header = at && child(at, 'header');
        const id = uploads.idIn(at?.attrs.url ?? '');
        assert.ok(id && header);
        const done = uploads.receive(id, textOf(header).replace('Bearer ', ''), 1000, never);
        const outcome = done.then((one) => (one.ok ? 'stored' : one.fault));
        begun.push(outcome);
        return Promise.race([outcome, new Promise<string>((resolve) => setTimeout(() => resolve('begun'), 50))]);
      };
      const greedy = await server.signIn('greedy');
      const first = [await put(greedy), await put(greedy), await put(greedy), await put(greedy), await put(greedy)];
      assert.deepEqual(first, ['begun', 'begun', 'begun', 'busy', 'busy'], 'half of the places');
      assert.equal(await put(await server.signIn('anna')), 'begun');
      const otto = await server.signIn('otto');
      assert.deepEqual([await put(otto), await put(otto)], ['begun', 'busy']);
      assert.equal(await put(await server.signIn('karin')), 'begun');
      assert.equal(await put(await server.signIn('lars')), 'busy', 'all are taken');
      server.clock.advance(30_000);
      assert.deepEqual((await Promise.all(begun)).filter((one) => one === 'stalled').length, 6);
    },
    { receivingMax: 6 },
  ));

test('a download that nobody reads is given up', () =>
  staged(
    async ({ slot, put, port }) => {
      // More than sockets hold for a reader.
      const large = new Uint8Array(9_000_000);
      const { url, token } = await slot(large.length);
      assert.equal((await put(url, token, large)).status, 201);
      const socket = connect({ port, host: '127.0.0.1' });
      socket.pause();
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.on('error', () => {}); // It is ended from the other side.
      socket.write(`GET ${new URL(url).pathname} HTTP/1.1\r\nHost: home.test\r\n\r\n`);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      let read = 0;
      socket.on('data', (piece) => {
        read += piece.length;
      });
      socket.resume();
      await closed;
      assert.ok(read > 0 && read < large.length, String(read));
    },
    { stalledMs: 300 },
  ));

test('limits: one file, one account, pace, strangers; each refusal says what it is', () =>
  staged(
    async ({ server, ask, slot, put }) => {
      const large = await ask(1001);
      const error = large.child('error');
      assert.ok(error && child(error, 'not-acceptable', 'urn:ietf:params:xml:ns:xmpp-stanzas'));
      const tooLarge = child(error, 'file-too-large', 'urn:xmpp:http:upload:0');
      assert.equal(tooLarge && childText(tooLarge, 'max-file-size'), '1000');
      const { url, token } = await slot(1000);
      assert.equal((await put(url, token, new Uint8Array(1000))).status, 201);
      const full = (await ask(501)).child('error');
      assert.ok(full && child(full, 'resource-constraint', 'urn:ietf:params:xml:ns:xmpp-stanzas'));
      assert.ok((await ask(10)).child('slot', 'urn:xmpp:http:upload:0'));
      const fast = (await ask(10)).child('error');
      assert.match((fast && child(fast, 'retry', 'urn:xmpp:http:upload:0')?.attrs.stamp) ?? '', /^2009-06-12T/);
      server.clock.advance(1000);
      assert.ok((await ask(10)).child('slot', 'urn:xmpp:http:upload:0'), 'a moment later there is one');
      assert.equal((await ask(0)).type, 'error');
    },
    { fileMax: 1000, accountMax: 1500, slotsBurst: 3, slotsPerSecond: 1 },
  ));

test('files go when their time is over, and with their account', () =>
  staged(
    async ({ server, slot, put, uploads, directory }) => {
      const first = await slot(3);
      assert.equal((await put(first.url, first.token, Uint8Array.of(1, 2, 3))).status, 201);
      await slot(3);
      server.clock.advance(60_000);
      const second = await slot(3);
      assert.equal((await put(second.url, second.token, Uint8Array.of(4, 5, 6))).status, 201);
      server.clock.advance(24 * 60 * 60_000 - 30_000);
      assert.equal((await fetch(first.url)).status, 404);
      assert.equal((await fetch(second.url)).status, 200);
      await uploads.sweep();
      await uploads.settled();
      assert.equal(filesIn(directory).length, 1);
      assert.equal(await server.store.uploads.size(), 3, 'the slot that was never filled went too');
      await server.accounts('home.test').remove(Jid.from('mila@home.test'));
      await server.settle();
      await uploads.settled();
      assert.equal((await fetch(second.url)).status, 404);
      assert.deepEqual(filesIn(directory), []);
    },
    { keptMs: 24 * 60 * 60_000 },
  ));
