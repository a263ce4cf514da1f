// HTTP as odd phones, proxies and WAP gateways write it, over real sockets: a row for each oddity, and what becomes of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { silentLog } from '../base/log.ts';
import { createPhoneDoor } from './app.ts';
import type { DataChannelRequest } from './csp-endpoint.ts';
import { type RawAnswer, type Spoken, speak } from './testing.ts';

const seen: DataChannelRequest[] = [];
const doors: FastifyInstance[] = [];
let port = 0;
/** A door that waits for nobody. */
let hastyPort = 0;

const openDoor = async (requestMs?: number): Promise<number> => {
  const web = createPhoneDoor({
    dataChannel: async (request) => {
      seen.push(request);
      const text = Buffer.from(request.body).toString('latin1');
      const body = Buffer.from(`${text}!`, 'latin1');
      return { status: 200, contentType: 'application/vnd.wv.csp.xml', body };
    },
    bodyBytesMax: 1000,
    trustedProxies: ['127.0.0.3'],
    numberGateways: ['127.0.0.2', '10.9.0.0/16'],
    requestMs,
    log: silentLog,
  });
  doors.push(web);
  await web.listen({ host: '127.0.0.1', port: 0 });
  return (web.server.address() as { port: number }).port;
};
before(async () => {
  port = await openDoor();
  hastyPort = await openDoor(200);
});
after(async () => {
  for (const web of doors) await web.close();
});

const csp = 'Content-Type: application/vnd.wv.csp.xml\r\n';
const request = (headers = '', body = '<x/>', first = 'POST /csp HTTP/1.1'): string =>
  `${first}\r\nHost: imps.test\r\n${csp}${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
const closing = (headers = '', body = '<x/>', first?: string): string =>
  request(`Connection: close\r\n${headers}`, body, first);

interface Row {
  readonly name: string;
  /** The pieces it travels in. */
  readonly sent: string | readonly string[];
  readonly how?: Spoken;
  readonly toHasty?: boolean;
  /** Bodies that the data channel sees, in order; all are answered 200. */
  readonly bodies?: readonly string[];
  /** Otherwise: what it is refused with. */
  readonly refused?: readonly [status: number, words: RegExp];
  readonly also?: (answers: readonly RawAnswer[]) => void;
}

const one = ['<x/>'];
const rows: readonly Row[] = [
  {
    name: 'HTTP/1.0 without Host and keep-alive: answered, and closed',
    sent: `POST /csp HTTP/1.0\r\n${csp}Content-Length: 4\r\n\r\n<x/>`,
    bodies: one,
    also: ([answer]) => assert.equal(answer?.headers['connection'], 'close'),
  },
  {
    name: 'HTTP/1.0 with Connection: keep-alive: the connection stays open, and says so',
    sent: `POST /csp HTTP/1.0\r\nConnection: Keep-Alive\r\n${csp}Content-Length: 4\r\n\r\n<x/>`.repeat(2),
    how: { answers: 2 },
    bodies: ['<x/>', '<x/>'],
    also: ([answer]) => assert.equal(answer?.headers['connection'], 'keep-alive'),
  },
  { name: 'HTTP/1.1 without Host', sent: closing().replace('Host: imps.test\r\n', ''), bodies: one },
  {
    name: 'several requests in one packet',
    sent: request('', '1') + request('', '2') + closing('', '3'),
    bodies: ['1', '2', '3'],
  },
  {
    name: 'a chunked body, with an extension and a trailer',
    sent: `POST /csp HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${csp}Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n<x\r\n2\r\n/>\r\n0\r\nX-Late: 1\r\n\r\n`,
    bodies: one,
  },
  {
    name: 'Expect: 100-continue: the body comes when it was asked for',
    sent: [closing('Expect: 100-continue\r\n', '<x/>').slice(0, -4), '<x/>'],
    how: { everyMs: 30 },
    bodies: one,
  },
  { name: 'an expectation nobody knows is passed over', sent: closing('Expect: 200-maybe\r\n'), bodies: one },
  {
    name: 'an absolute URI, as to a proxy: its host counts',
    sent: closing('', '<x/>', 'POST http://chat.test:5280/csp HTTP/1.1'),
    bodies: one,
    also: () => assert.equal(seen[0]?.headers['host'], 'chat.test:5280'),
  },
  { name: 'an absolute URI without a path', sent: closing('', '<x/>', 'POST http://chat.test HTTP/1.1'), bodies: one },
  { name: 'any path, with a CSP type', sent: closing('', '<x/>', 'POST /%zz/../imps?x=%GG HTTP/1.1'), bodies: one },
  {
    name: 'the address in capitals, with doubled slashes and a query, without a type',
    sent: closing('', '<x/>', 'POST //CSP//?v=1 HTTP/1.1').replace(csp, ''),
    bodies: one,
  },
  {
    name: 'headers of phones and WAP gateways',
    sent: closing(
      `User-Agent: ${'Nokia6230/2.0 (03.06) Profile/MIDP-2.0 '.repeat(100)}\r\nVia: 1.1 wapgw (Nokia WAP Gateway 4.1/ECD/4.1.5), HTTP/1.1 proxy\r\n` +
        'X-WAP-Profile: "http://nds1.nds.nokia.com/uaprof/N6230r200.xml"\r\nX-WAP-Profile-Diff: 1;<?xml version="1.0"?>\r\nX-WAP-Client-SDU-Size: 3000\r\nBearer-Indication: 11\r\n' +
        'Accept: */*, application/vnd.wv.csp.wbxml\r\nAccept-Charset: utf-8;q=0.9, *\r\nProxy-Connection: keep-alive\r\nCookie: $Version=0; a=b\r\nX-Odd: \xe9\r\n:',
    ).replace('\r\n:', '\r\n'),
    bodies: one,
    also: () => assert.match(seen[0]?.userAgent ?? '', /^Nokia6230/),
  },
  { name: 'many headers, and the same one twice', sent: closing('X-A: 1\r\n'.repeat(150)), bodies: one },
  { name: 'two Host headers', sent: closing('Host: other.test\r\n'), bodies: one },
  {
    name: 'a type with odd parameters',
    sent: closing().replace('.xml\r\n', '.xml; charset="utf-8";; v=1.2 ; x\r\n'),
    bodies: one,
  },
  { name: 'no type', sent: closing().replace(csp, ''), bodies: one },
  {
    name: 'a wrong type',
    sent: closing().replace(csp, 'Content-Type: application/x-www-form-urlencoded\r\n'),
    bodies: one,
  },
  {
    name: 'an Upgrade nobody asked for',
    sent: closing().replace('close', 'Upgrade, close').replace(csp, `Upgrade: h2c\r\n${csp}`),
    bodies: one,
  },
  {
    name: 'Accept-Encoding: the answer is not coded',
    sent: closing('Accept-Encoding: gzip, deflate, br\r\n'),
    bodies: one,
  },
  { name: 'empty lines before the request', sent: `\r\n\r\n${closing()}`, bodies: one },
  { name: 'a line end after the body', sent: `${request()}\r\n${closing()}`, bodies: ['<x/>', '<x/>'] },
  { name: 'octets behind the last body', sent: `${closing()}\0`, bodies: one },
  { name: 'one octet a packet', sent: [...closing()], how: { everyMs: 0 }, bodies: one },
  { name: 'the phone closes its side once it has asked', sent: request(), how: { halfClose: true }, bodies: one },
  { name: 'an empty body', sent: closing('', ''), bodies: [''] },
  {
    name: 'cut in the middle: no effect',
    sent: request().slice(0, -2),
    how: { halfClose: true },
    refused: [400, /EOF/],
  },
  {
    name: 'cut in the headers: no effect',
    sent: request().slice(0, 60),
    how: { halfClose: true },
    refused: [400, /EOF/],
  },
  {
    name: 'a body without a length',
    sent: closing().replace('Content-Length: 4\r\n', ''),
    refused: [411, /needs a Content-Length/],
  },
  { name: 'two lengths', sent: closing('Content-Length: 4\r\n'), refused: [400, /Duplicate Content-Length/] },
  {
    name: 'a length and chunks, which hide a second request',
    sent: closing('Transfer-Encoding: chunked\r\n'),
    refused: [400, /Transfer-Encoding/],
  },
  { name: 'a method in small letters', sent: closing('', '<x/>', 'post /csp HTTP/1.1'), refused: [400, /method/] },
  { name: 'folded headers', sent: closing('X-A: one\r\n two\r\n'), refused: [400, /whitespace/] },
  { name: 'lines that end in LF alone', sent: closing().replaceAll('\r', ''), refused: [400, /CRLF/] },
  { name: 'a blank before the colon', sent: closing('X-A : 1\r\n'), refused: [400, /header/] },
  { name: 'control characters in a header', sent: closing('X-A: a\x01b\r\n'), refused: [400, /header value/] },
  { name: 'TLS on the port without', sent: '\x16\x03\x01\x00\x41\x01\x00\x00\x3d\x03\x01', refused: [400, /method/] },
  { name: 'too many headers', sent: closing(`X-A: ${'a'.repeat(20_000)}\r\n`), refused: [431, /16384/] },
  { name: 'too large a body', sent: closing('', 'x'.repeat(1001)), refused: [413, /too large/] },
  {
    name: 'too large a body in chunks',
    sent: `POST /csp HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n0\r\n\r\n`,
    refused: [413, /too large/],
  },
  {
    name: 'a body announced too large is not waited for',
    sent: request('', '').replace('Length: 0', 'Length: 2000'),
    refused: [413, /too large/],
  },
  {
    name: 'GET, from people who look what is there',
    sent: closing('', '', 'GET /csp HTTP/1.1'),
    refused: [405, /phones POST to it/],
  },
  { name: 'other methods', sent: closing('', '', 'OPTIONS /csp HTTP/1.1'), refused: [405, /phones POST to it/] },
  { name: 'another path', sent: closing('', '', 'GET /metrics HTTP/1.1'), refused: [404, /\/csp/] },
  {
    name: 'headers that never end',
    sent: [request().slice(0, 60), 'X', 'Y', 'Z'],
    how: { everyMs: 150 },
    toHasty: true,
    refused: [408, /too long/],
  },
  {
    name: 'a body that never ends',
    sent: [request('', 'xxxxxxxx').slice(0, -6), 'x', 'x', 'x'],
    how: { everyMs: 150 },
    toHasty: true,
    refused: [408, /too long/],
  },
];

for (const { name, sent, how, toHasty, bodies, refused, also } of rows)
  test(name, { timeout: 10_000 }, async () => {
    seen.length = 0;
    const answers = await speak(toHasty ? hastyPort : port, typeof sent === 'string' ? [sent] : sent, how);
    for (const answer of answers) assert.equal(answer.version, 'HTTP/1.1');
    assert.deepEqual(
      seen.map(({ body }) => Buffer.from(body).toString('latin1')),
      bodies ?? [],
    );
    if (bodies)
      assert.deepEqual(
        answers.map(({ status, body }) => [status, body]),
        bodies.map((body) => [200, `${body}!`]),
      );
    else {
      const [status, words] = refused ?? [0, /./];
      assert.equal(answers.length, 1);
      assert.equal(answers[0]?.status, status);
      assert.match(answers[0]?.body ?? '', words);
      assert.match(answers[0]?.headers['content-type'] ?? '', /^text\/plain/);
    }
    also?.(answers);
  });

test('what was whole is answered, and then what comes behind it is refused', { timeout: 10_000 }, async () => {
  for (const behind of ['\0', 'GARBAGE', 'post /csp HTTP/1.1\r\n\r\n']) {
    const answers = await speak(port, [`${request()}${request()}${behind}`]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 400],
    );
  }
});

test('HEAD is answered like GET, without a body', async () => {
  const [answer] = await speak(port, [closing('', '', 'HEAD /csp HTTP/1.1')]);
  assert.equal(answer, undefined, 'the length it tells is that of a body which does not come');
  assert.equal((await fetch(`http://127.0.0.1:${port}/csp`, { method: 'HEAD' })).status, 405);
});

test('who connects and says nothing is let go', { timeout: 10_000 }, async () => {
  const answers = await speak(hastyPort, []);
  assert.deepEqual(
    answers.map(({ status }) => status).filter((status) => status !== 408),
    [],
  );
});

test("a phone's number is believed from an operator's gateways only, and reaches nobody as a header", async () => {
  const { connect } = await import('node:net');
  for (const [name, value] of [
    ['X-MSISDN', '46700000001'],
    ['x-up-calling-line-id', '+46 700 000 001'],
    ['X-Network-MSISDN', 'tel:46700000001'],
  ]) {
    const ask = async (localAddress: string, more = ''): Promise<DataChannelRequest | undefined> => {
      seen.length = 0;
      const open = () => connect({ port, host: '127.0.0.1', localAddress });
      await speak(port, [closing(`${name}: ${value}\r\n${more}`)], {}, open);
      return seen[0];
    };
    const asked = [
      [await ask('127.0.0.2'), '46700000001'],
      // Through a web proxy of ours, which says where the request came from.
      [await ask('127.0.0.3', 'X-Forwarded-For: 10.9.1.2\r\n'), '46700000001'],
      [await ask('127.0.0.1'), undefined],
      [await ask('127.0.0.1', 'X-Forwarded-For: 10.9.1.2\r\n'), undefined],
      [await ask('127.0.0.3', 'X-Forwarded-For: 192.0.2.1\r\n'), undefined],
    ] as const;
    for (const [request, number] of asked) {
      assert.ok(request);
      assert.equal(request.msisdn, number);
      assert.ok(!Object.keys(request.headers).some((header) => /msisdn|calling/.test(header)));
    }
  }
});

test('so many connections from one address, and no more, until one closes', { timeout: 10_000 }, async () => {
  const { connect } = await import('node:net');
  const warned: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, words: string) => void warned.push(words) };
  const web = createPhoneDoor({
    dataChannel: async ({ body }) => ({ status: 200, body }),
    bodyBytesMax: 1000,
    trustedProxies: ['127.0.0.3'],
    connectionsPerAddressMax: 2,
    log,
  });
  doors.push(web);
  await web.listen({ host: '127.0.0.1', port: 0 });
  const { port } = web.server.address() as { port: number };
  const open = (localAddress: string) => connect({ port, host: '127.0.0.1', localAddress });
  const isServed = async (localAddress: string): Promise<boolean> =>
    (await speak(port, [closing()], { answers: 1 }, () => open(localAddress))).length === 1;
  const held = [open('127.0.0.1'), open('127.0.0.1')];
  for (const socket of held) await new Promise((resolve) => socket.once('connect', resolve));
  assert.equal(await isServed('127.0.0.1'), false);
  assert.equal(await isServed('127.0.0.1'), false);
  assert.deepEqual(warned, ['too many HTTP connections from one address'], 'said once');
  assert.equal(await isServed('127.0.0.2'), true, 'another address');
  for (let n = 0; n < 3; n++) assert.equal(await isServed('127.0.0.3'), true, 'a proxy of ours');
  held.pop()?.destroy();
  for (let tries = 0; !(await isServed('127.0.0.1')); tries++) assert.ok(tries < 1000, 'when one has closed');
  for (const socket of held) socket.destroy();
});

test('where files may take long, messages may not', { timeout: 10_000 }, async () => {
  const web = createPhoneDoor({
    dataChannel: async ({ body }) => ({ status: 200, body }),
    bodyBytesMax: 1000,
    trustedProxies: [],
    requestMs: 60_000,
    messageMs: 200,
    log: silentLog,
  });
  doors.push(web);
  await web.listen({ host: '127.0.0.1', port: 0 });
  const { port } = web.server.address() as { port: number };
  const slow = await speak(port, [request('', 'xxxx').slice(0, -3), 'x', 'x'], { everyMs: 150 });
  assert.deepEqual(
    slow.map(({ status, body }) => [status, body]),
    [[408, 'The request took too long to arrive.\n']],
  );
  const quick = await speak(port, [request(), request()], { answers: 2, everyMs: 250 });
  assert.deepEqual(
    quick.map(({ status }) => status),
    [200, 200],
    'a connection that rests between requests is not late',
  );
});
