import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { digestBytes, provesPassword } from '../digest.ts';
import { allLeaves, negotiate } from '../features.ts';
import { isRefused, type Received, type Transaction } from '../message.ts';
import type { Primitive } from '../primitives.ts';
import { readMessage } from '../read-message.ts';
import { answerMessage, result } from '../transaction.ts';
import { writeMessage } from '../write-message.ts';
import { CspClient } from './client.ts';
import { android, type Personality, personalities, plain, strict } from './personality.ts';
import type { CirListener, Post } from './transport.ts';

const statusAnswer = (id: string, code: number): Transaction => ({
  mode: 'Response',
  id,
  content: { name: 'Status', Result: result(code) },
});

/** A server of one account, as small as the client needs: signs in, negotiates, keeps a queue. */
class Server {
  readonly queue: Transaction[] = [];
  readonly asked: Primitive[] = [];
  readonly ids: string[] = [];
  readonly acknowledged: string[] = [];
  failures = 0;
  cir: CirListener | undefined;
  #serial = 0;
  change: (answer: Uint8Array) => Uint8Array = (answer) => answer;
  cirMethods: readonly 'STCP'[] = [];

  give(content: Primitive): void {
    this.queue.push({ mode: 'Request', id: `s${++this.#serial}`, content });
  }

  readonly post: Post = async (body, contentType) => {
    if (this.failures-- > 0) {
      this.#take(body, contentType, () => {});
      throw new Error('connection lost');
    }
    return { status: 200, contentType, body: this.#take(body, contentType, this.change) ?? new Uint8Array() };
  };

  #take(body: Uint8Array, contentType: string, change: (answer: Uint8Array) => unknown): Uint8Array | undefined {
    const read = readMessage(body, contentType);
    assert.ok(read.ok, JSON.stringify(read));
    assert.deepEqual(read.value.notes, []);
    const { message, encoding } = read.value;
    const responses: Transaction[] = [];
    for (const transaction of message.transactions) {
      assert.ok(!isRefused(transaction), JSON.stringify(transaction));
      const { mode, id, content } = transaction;
      const acknowledged = mode === 'Response' ? this.queue.findIndex((waiting) => waiting.id === id) : -1;
      if (acknowledged >= 0) {
        this.acknowledged.push(`${content.name} ${id}`);
        this.queue.splice(acknowledged, 1);
      } else if (content.name === 'MessageDelivered') responses.push(statusAnswer(id, 200));
      else if (mode === 'Request' && content.name !== 'Polling-Request')
        responses.push(this.#answer(transaction, message));
    }
    const transactions = responses.length === 0 ? this.queue.slice(0, 1) : responses;
    const carried = responses.length === 0 ? transactions.length : 0;
    const poll = message.sessionType === 'Inband' && this.queue.length > carried;
    if (transactions.length === 0) return undefined;
    return change(writeMessage(answerMessage(message, transactions, poll), encoding)) as Uint8Array | undefined;
  }

  #answer({ id, content }: Transaction, { version }: Received['message']): Transaction {
    this.asked.push(content);
    this.ids.push(id);
    const say = (answer: Primitive): Transaction => ({ mode: 'Response', id, content: answer });
    switch (content.name) {
      case 'Login-Request': {
        const { ClientID, Password, DigestBytes, DigestSchema } = content;
        const scheme = DigestSchema?.[0] === 'SHA' ? 'SHA' : 'MD5';
        if (Password === undefined && DigestBytes === undefined)
          return say({ name: 'Login-Response', ClientID, Result: result(401), Nonce: 'n0', DigestSchema: scheme });
        const isRight =
          Password === 'pw' ||
          (DigestBytes !== undefined &&
            (provesPassword('MD5', 'n0', 'pw', DigestBytes) || provesPassword('SHA', 'n0', 'pw', DigestBytes)));
        if (!isRight) return say({ name: 'Login-Response', ClientID, Result: result(409) });
        return say({ name: 'Login-Response', ClientID, Result: result(200), SessionID: 'sid-1', KeepAliveTime: 600 });
      }
      case 'ClientCapability-Request': {
        const { SupportedCIRMethod } = content.CapabilityList ?? {};
        const agreed = this.cirMethods.filter((method) => SupportedCIRMethod?.includes(method));
        const cir = agreed.length ? { SupportedCIRMethod: agreed, TCPAddress: '192.0.2.1', TCPPort: 3717 } : {};
        return say({
          name: 'ClientCapability-Response',
          ClientID: content.ClientID,
          CapabilityList: { ...content.CapabilityList, ServerPollMin: 5, ...cir },
          AgreedCapabilityList: { ServerPollMin: 5, ...cir },
        });
      }
      case 'Service-Request':
        return say(negotiate(content, new Set(allLeaves(version)), version).response);
      case 'SendMessage-Request':
        return say({ name: 'SendMessage-Response', Result: result(200), MessageID: `m-${content.ContentData}` });
      case 'GetMessage-Request':
        return say({ name: 'GetMessage-Response', MessageInfo: messageInfo('m9'), ContentData: 'fetched' });
      case 'Logout-Request':
        return version === '1.1' ? say({ name: 'Disconnect', Result: result(200) }) : statusAnswer(id, 200);
      default:
        return statusAnswer(id, 501);
    }
  }
}

const messageInfo = (MessageID: string) => ({
  MessageID,
  ContentType: 'text/plain',
  ContentSize: 2,
  Recipient: { User: [{ UserID: 'wv:ann@home.test' }] },
  Sender: { User: { UserID: 'wv:bob@home.test' } },
});
const newMessage = (MessageID: string, ContentData: string): Primitive => ({
  name: 'NewMessage',
  MessageInfo: messageInfo(MessageID),
  ContentData,
});

const client = (server: Server, clock: SimulatedClock, personality: Personality, more = {}): CspClient =>
  new CspClient({
    post: server.post,
    clock,
    random: seededRandom(1),
    user: 'ann',
    password: 'pw',
    personality,
    digest: digestBytes,
    ...more,
  });

/** Lets what is under way come to rest: the fake server answers in microtasks. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

for (const personality of Object.values(personalities))
  for (const scheme of ['PWD', 'MD5', 'SHA'] as const)
    test(`${personality.name} signs in by ${scheme}, negotiates, sends, receives, signs out`, async () => {
      const server = new Server();
      const phone = client(server, new SimulatedClock(), personality);
      await phone.start(scheme);
      assert.equal(await phone.sendText('wv:bob@home.test', 'hi'), 'm-hi');
      server.give(newMessage('m1', 'one'));
      server.give(newMessage('m2', 'two'));
      server.give({
        name: 'PresenceNotification-Request',
        Presence: [{ UserID: 'wv:bob@home.test', PresenceSubList: [{}] }],
      });
      await phone.poll();
      assert.equal((await phone.next('NewMessage')).ContentData, 'one');
      assert.equal(
        (await phone.next('NewMessage', ({ ContentData }) => ContentData === 'two')).MessageInfo.MessageID,
        'm2',
      );
      await phone.next('PresenceNotification-Request');
      assert.deepEqual(server.acknowledged, ['MessageDelivered s1', 'MessageDelivered s2', 'Status s3']);
      await phone.signOut();
      assert.deepEqual(phone.complaints, []);
    });

test('a wrong password is refused with its code', async () => {
  const phone = client(new Server(), new SimulatedClock(), plain, { password: 'no' });
  await assert.rejects(phone.signIn(), { code: 409 });
  await assert.rejects(phone.signIn('MD5'), { code: 409 });
});

test('polling keeps the pace that was agreed', async () => {
  const server = new Server();
  const clock = new SimulatedClock();
  const phone = client(server, clock, plain);
  await phone.start();
  await settle();
  server.give(newMessage('m1', 'one'));
  const arrived = phone.next('NewMessage');
  clock.advance(4_900);
  await settle();
  assert.deepEqual(server.acknowledged, []);
  clock.advance(200);
  assert.equal((await arrived).ContentData, 'one');
  phone.drop();
  assert.equal(clock.armed, 0);
});

test('a lost answer: the plain phone repeats under the same id, Android under a new one, Nokia gives up', async () => {
  for (const [personality, ids] of [
    [plain, ['4', '4']],
    [android, ['4', '5']],
  ] as const) {
    const server = new Server();
    const clock = new SimulatedClock();
    const phone = client(server, clock, personality);
    await phone.signIn();
    await phone.negotiate();
    server.failures = 1;
    const sent = phone.sendText('bob', 'x');
    await settle();
    clock.advance(1000);
    assert.equal(await sent, 'm-x');
    assert.deepEqual(server.ids.slice(-2), ids);
  }
  const server = new Server();
  const phone = client(server, new SimulatedClock(), strict);
  await phone.signIn();
  server.failures = 1;
  await assert.rejects(phone.sendText('bob', 'x'), /no HTTP answer/);
});

test('keep-alive goes out after silence', async () => {
  const server = new Server();
  const clock = new SimulatedClock();
  const phone = client(server, clock, strict, { cir: {} });
  await phone.signIn();
  clock.advance(239_000);
  await settle();
  assert.ok(!server.asked.some(({ name }) => name === 'KeepAlive-Request'));
  clock.advance(2_000);
  await settle();
  assert.ok(server.asked.some(({ name }) => name === 'KeepAlive-Request'));
  phone.drop();
});

test('the CIR connection wakes the phone; the strict one loses a WVCI behind an OK', async () => {
  for (const [personality, isLost] of [
    [plain, false],
    [strict, true],
  ] as const) {
    const server = new Server();
    server.cirMethods = ['STCP'];
    const lines: string[] = [];
    let listener: CirListener | undefined;
    const phone = client(server, new SimulatedClock(), personality, {
      cir: {
        tcp: async (_host: string, _port: number, given: CirListener) => {
          listener = given;
          return {
            send: (line: string) => {
              lines.push(line);
              queueMicrotask(() => given.data('OK\r\n'));
            },
            close: () => {},
          };
        },
      },
    });
    await phone.start();
    await settle();
    assert.ok(phone.hasCir);
    assert.deepEqual(lines, ['HELO sid-1\r\n']);
    server.give(newMessage('m1', 'one'));
    listener?.data(`WVCI ${personality.version} ${phone.cookie}\r\n`);
    assert.equal((await phone.next('NewMessage')).ContentData, 'one');
    const pinged = phone.ping();
    listener?.data(`OK\r\nWVCI ${personality.version} ${phone.cookie}\r\n`);
    await pinged;
    await settle();
    assert.equal(phone.complaints.length, isLost ? 1 : 0);
    phone.drop();
  }
});

test('a lost CIR connection is opened again, and polled without meanwhile', async () => {
  const server = new Server();
  server.cirMethods = ['STCP'];
  const clock = new SimulatedClock();
  const listeners: CirListener[] = [];
  let answers: 'OK' | 'closed' | 'refused' = 'OK';
  const phone = client(server, clock, plain, {
    cir: {
      tcp: async (_host: string, _port: number, given: CirListener) => {
        if (answers === 'refused') throw new Error('connection refused');
        listeners.push(given);
        const say = answers === 'OK' ? () => given.data('OK\r\n') : () => given.closed();
        return { send: () => queueMicrotask(say), close: () => {} };
      },
    },
  });
  await phone.start();
  assert.ok(phone.hasCir);
  answers = 'refused';
  listeners[0]?.closed();
  await settle();
  assert.ok(!phone.hasCir);
  clock.advance(3_000);
  await settle();
  answers = 'closed';
  clock.advance(9_000);
  await settle();
  assert.ok(!phone.hasCir);
  answers = 'OK';
  clock.advance(27_000);
  await settle();
  assert.ok(phone.hasCir);
  phone.drop();
  assert.equal(clock.armed, 0);
});

test('a CIR channel that cannot be opened at sign-in: the phone polls', async () => {
  const server = new Server();
  server.cirMethods = ['STCP'];
  const tcp = () => Promise.reject(new Error('connection refused'));
  const phone = client(server, new SimulatedClock(), plain, { cir: { tcp } });
  await phone.start();
  assert.ok(!phone.hasCir);
  assert.deepEqual(phone.complaints, ['connection refused']);
  phone.drop();
});

test('a message that was only announced is fetched and acknowledged', async () => {
  const server = new Server();
  const phone = client(server, new SimulatedClock(), plain);
  await phone.signIn();
  assert.equal((await phone.fetchMessage('m9')).ContentData, 'fetched');
  assert.deepEqual(phone.complaints, []);
});

test('a forced disconnect ends the session', async () => {
  const server = new Server();
  const phone = client(server, new SimulatedClock(), plain);
  await phone.signIn();
  server.give({ name: 'Disconnect', Result: result(601) });
  await phone.poll();
  assert.equal((await phone.next('Disconnect')).Result.Code, 601);
  assert.equal(phone.ended?.code, 601);
  await assert.rejects(phone.poll(), { code: 601 });
});

test('arrivals come in order until the session ends', async () => {
  const server = new Server();
  const phone = client(server, new SimulatedClock(), plain);
  await phone.signIn();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { content } of phone.arrivals()) seen.push(content.name);
  })();
  server.give(newMessage('m1', 'one'));
  await phone.poll();
  server.give({ name: 'Disconnect', Result: result(601) });
  await phone.poll();
  await reading;
  assert.deepEqual(seen, ['NewMessage', 'Disconnect']);
});

test('what follows a request does not take its answer away', async () => {
  const server = new Server();
  const phone = client(server, new SimulatedClock(), strict);
  await phone.signIn();
  server.give(newMessage('m1', 'one'));
  const sent = phone.sendText('bob', 'x');
  await sent;
  server.failures = 5;
  await settle();
  assert.deepEqual(phone.complaints, ['no HTTP answer']);
});

test('a request seen before is dropped', async () => {
  const server = new Server();
  const phone = client(server, new SimulatedClock(), strict);
  await phone.signIn();
  server.queue.push({ mode: 'Request', id: 's1', content: newMessage('m1', 'one') });
  await phone.poll();
  server.queue.push({ mode: 'Request', id: 's1', content: newMessage('m1', 'one') });
  await phone.poll();
  assert.deepEqual(phone.complaints, ['request s1 was seen before: dropped']);
});

test('Android reads the last run of a text only, and the last transaction of a message', async () => {
  const server = new Server();
  const phone = client(server, new SimulatedClock(), android);
  await phone.signIn();
  server.give(newMessage('m1', 'fish & chips'));
  await phone.poll();
  assert.equal((await phone.next('NewMessage')).ContentData, 'chips');
  const two = [newMessage('m2', 'two'), newMessage('m3', 'three')].map((content, at) => ({
    mode: 'Request' as const,
    id: `x${at}`,
    content,
  }));
  server.give(newMessage('m9', 'x'));
  server.change = () =>
    writeMessage({ version: '1.2', sessionType: 'Inband', sessionId: 'sid-1', transactions: two }, 'xml');
  const polled = phone.poll();
  server.queue.length = 1;
  await settle();
  server.change = (answer) => answer;
  await polled;
  assert.equal((await phone.next('NewMessage')).ContentData, 'three');
  assert.ok(phone.complaints.includes('only the last transaction was taken'));
});
