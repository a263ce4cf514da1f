import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { silentLog } from '../base/log.ts';
import { bad, good } from '../base/outcome.ts';
import { createWeb } from './app.ts';
import type { DataChannelRequest } from './csp-endpoint.ts';
import { createMetrics } from './metrics.ts';
import type { SignUp } from './sign-up.ts';

const seen: DataChannelRequest[] = [];
const registered: { name: string; phone: boolean; listed: boolean }[] = [];
let trouble: string | undefined;
let web: FastifyInstance;
let port = 0;

const signUp: SignUp = {
  domain: 'home.test',
  isOpen: true,
  backends: ['other.test'],
  passwordCharactersMin: 6,
  cirTcp: { host: 'home.test', port: 3717 },
  register: async ({ name, phone, listed }) => {
    if (name === 'taken') return bad({ field: 'name', text: 'That name is taken.', status: 409 });
    registered.push({ name, phone, listed });
    return good({ address: `${name}@home.test` });
  },
  link: async ({ address, password }) =>
    password === 'right'
      ? good({ address })
      : bad({ field: 'password', text: 'That is not the password.', status: 401 }),
  unlink: async ({ address }) => good({ address }),
  prove: async () => assert.fail('nobody asked'),
};

before(async () => {
  web = await createWeb({
    dataChannel: async (request) => {
      seen.push(request);
      const body = new TextEncoder().encode(request.body.length > 0 ? 'answer' : '');
      return { status: 200, contentType: request.contentType ?? 'application/vnd.wv.csp.xml', body };
    },
    signUp,
    metrics: createMetrics(false),
    health: async () => trouble,
    bodyBytesMax: 1000,
    trustedProxies: ['127.0.0.1'],
    log: silentLog,
  });
  await web.listen({ host: '127.0.0.1', port: 0 });
  port = (web.server.address() as { port: number }).port;
});
after(() => web.close());

/** What the server writes for these octets; the connection is closed after half a second of silence. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
const at = (path: string): string => `http://127.0.0.1:${port}${path}`;
const form = (fields: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(fields) });

test('CSP bodies reach the data channel as octets, whatever their content type says', async () => {
  for (const type of ['application/vnd.wv.csp.wbxml', 'application/x-www-form-urlencoded', 'text/plain', undefined]) {
    seen.length = 0;
    const answer = await raw(
      `POST /csp HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${type ? `Content-Type: ${type}\r\n` : ''}Content-Length: 4\r\n\r\n\x03\x10j\x00`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 /, String(type));
    assert.match(answer, /\r\ncontent-length: 6\r\n/i);
    assert.deepEqual([...(seen[0]?.body ?? [])], [3, 0x10, 0x6a, 0], String(type));
    assert.equal(seen[0]?.contentType, type);
  }
});

test('a Content-Type that HTTP has no form for is no reason to refuse a phone', async () => {
  for (const [header, seenAs] of [
    ['garbage', 'application/octet-stream'],
    ['application/vnd.wv.csp.wbxml charset=utf-8', 'application/vnd.wv.csp.wbxml'],
    ['application/vnd.wv.csp.wbxml, */*', 'application/vnd.wv.csp.wbxml'],
    ['application/vnd.wv.csp.wbxml; charset', 'application/vnd.wv.csp.wbxml; charset'],
  ]) {
    seen.length = 0;
    const answer = await raw(
      `POST /csp HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: ${header}\r\nContent-Length: 4\r\n\r\n<x/>`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 /, header);
    assert.equal(seen[0]?.contentType, seenAs);
  }
});

test('a CSP content type is served on any path; other posts elsewhere are not found', async () => {
  const headers = { 'content-type': 'application/vnd.wv.csp.xml' };
  const answer = await fetch(at('/'), { method: 'POST', body: '<x/>', headers });
  assert.equal(await answer.text(), 'answer');
  assert.equal((await fetch(at('/imps/server'), { method: 'POST', body: '<x/>', headers })).status, 200);
  assert.equal((await fetch(at('/imps/server'), { method: 'POST', body: '{}' })).status, 404);
});

test('an empty answer is 200 with Content-Length 0, never chunked', async () => {
  const answer = await raw('POST /csp HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.match(answer, /\r\ncontent-length: 0\r\n/i);
  assert.doesNotMatch(answer, /transfer-encoding/i);
});

test('HTTP/1.0 and Expect: 100-continue', async () => {
  const type = 'Content-Type: application/vnd.wv.csp.xml\r\n';
  assert.match(await raw(`POST /csp HTTP/1.0\r\n${type}Content-Length: 4\r\n\r\n<x/>`), /200 OK[\s\S]*answer$/);
  const expecting = await raw(
    `POST /csp HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\n${type}Content-Length: 4\r\n\r\n<x/>`,
  );
  assert.match(expecting, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test('a chunked request body is put together; one over the limit gets 413', async () => {
  seen.length = 0;
  await raw(
    'POST /csp HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n<x\r\n2\r\n/>\r\n0\r\n\r\n',
  );
  assert.equal(Buffer.from(seen[0]?.body ?? []).toString(), '<x/>');
  assert.equal((await fetch(at('/csp'), { method: 'POST', body: 'x'.repeat(1001) })).status, 413);
});

test('the address of a phone behind a trusted proxy is the forwarded one', async () => {
  seen.length = 0;
  await fetch(at('/csp'), { method: 'POST', body: '<x/>', headers: { 'x-forwarded-for': '192.0.2.7' } });
  assert.equal(seen[0]?.remoteAddress, '192.0.2.7');
});

test('signing up: the form, its errors, and the settings to type', async () => {
  const page = await (await fetch(at('/register'))).text();
  assert.match(page, /<form method="post" action="\/register">/);
  assert.doesNotMatch(page, /<script/);
  const differ = await fetch(at('/register'), form({ name: 'ann', password: 'secret', again: 'secert', phone: 'yes' }));
  assert.equal(differ.status, 400);
  assert.match(await differ.text(), /role="alert">The two passwords differ/);
  assert.equal(
    (await fetch(at('/register'), form({ name: 'taken', password: 'secret', again: 'secret' }))).status,
    409,
  );
  const made = await fetch(at('/register'), form({ name: 'ann', password: 'secret', again: 'secret', phone: 'yes' }));
  assert.equal(made.status, 201);
  const text = await made.text();
  assert.match(text, new RegExp(`<dd>http://127.0.0.1:${port}/csp</dd>`));
  assert.match(text, /<dd>ann<\/dd>/);
  assert.doesNotMatch(text, /secret/);
  assert.deepEqual(registered, [{ name: 'ann', phone: true, listed: false }]);
  await fetch(at('/register'), form({ name: 'bo', password: 'secret', again: 'secret', listed: 'yes' }));
  assert.deepEqual(registered[1], { name: 'bo', phone: false, listed: true });
});

test("what a stranger typed is escaped, and a strange Host header does not get into the page's settings", async () => {
  const sent = await fetch(at('/register'), form({ name: '"><script>x', password: 'a', again: 'b' }));
  assert.doesNotMatch(await sent.text(), /<script/);
  const fields = 'name=bob&password=secret&again=secret';
  const answer = await raw(
    `POST /register HTTP/1.1\r\nHost: evil"><b>\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${fields.length}\r\n\r\n${fields}`,
  );
  assert.doesNotMatch(answer, /evil/);
});

test('linking an account of another server', async () => {
  const wrong = await fetch(at('/link'), form({ address: 'mila@other.test', password: 'no', do: 'link' }));
  assert.equal(wrong.status, 401);
  assert.match(await wrong.text(), /value="mila@other.test"/);
  const right = await fetch(at('/link'), form({ address: 'mila@other.test', password: 'right', do: 'link' }));
  assert.match(await right.text(), /<dd>wv:mila@other.test<\/dd>/);
  const gone = await fetch(at('/link'), form({ address: 'mila@other.test', password: 'right', do: 'unlink' }));
  assert.match(await gone.text(), /no longer kept/);
});

test('/healthz says what is wrong; /metrics is text for Prometheus', async () => {
  assert.equal((await fetch(at('/healthz'))).status, 200);
  trouble = 'the store does not answer';
  const sick = await fetch(at('/healthz'));
  assert.deepEqual([sick.status, await sick.text()], [503, 'the store does not answer\n']);
  trouble = undefined;
  assert.match((await fetch(at('/metrics'))).headers.get('content-type') ?? '', /^text\/plain/);
});

test('metrics count under their labels', async () => {
  const metrics = createMetrics(false);
  metrics.meter.counter('onesoup_test_total', 'A test.', ['outcome']).add({ outcome: 'good' }, 2);
  metrics.meter.gauge('onesoup_test_now', 'A test.', () => 7);
  const text = await metrics.text();
  assert.match(text, /onesoup_test_total\{outcome="good"\} 2/);
  assert.match(text, /onesoup_test_now 7/);
});
