// Our client and our responder with each other, over loopback sockets.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { el } from '../../xml/element.ts';
import { Jid } from '../jid.ts';
import { type LinkEnd, LinkLostError, type LinkResumption } from '../link.ts';
import { type Mechanism, mechanisms } from '../sasl/mechanisms.ts';
import { Stanza } from '../stanza.ts';
import { TestServer, testAuthentication, testCertificate, testDomain, until } from '../stream/testing.ts';
import { XmppClient } from './client.ts';
import { c2sLinks } from './link.ts';
import type { ClientLimits, ServerAddress } from './options.ts';

const account = Jid.from(`mila@${testDomain}`);
const say = (id: string, body = id): Stanza =>
  Stanza.make({ kind: 'message', type: 'chat', id, to: Jid.from('anna@home.test') }, el('body', null, body));

interface Person {
  readonly client: XmppClient;
  readonly received: Stanza[];
  readonly ends: LinkEnd[];
  take: (stanza: Stanza) => void | Promise<void>;
}

const open = (
  server: TestServer,
  more: {
    tls?: ServerAddress['tls'];
    ca?: string;
    insecure?: boolean;
    password?: string;
    mechanisms?: readonly Mechanism[];
    resume?: LinkResumption;
    limits?: Partial<ClientLimits>;
    account?: Jid;
  } = {},
) => {
  const { tls = 'required', ca = testCertificate, insecure, password = 'secret', limits, ...rest } = more;
  const person: Omit<Person, 'client'> = { received: [], ends: [], take: () => {} };
  return XmppClient.open(
    {
      server: {
        domain: testDomain,
        host: '127.0.0.1',
        port: server.port,
        tls,
        ...(ca !== '' && { ca }),
        ...(insecure !== undefined && { insecure }),
      },
      account,
      password,
      resource: 'phone',
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      limits: { retryMs: 10, ...limits },
      ...rest,
    },
    {
      stanza: (stanza) => {
        person.received.push(stanza);
        return person.take(stanza);
      },
      closed: (end) => void person.ends.push(end),
    },
  ).then((opened) => ({ opened, person }));
};

const signIn = async (server: TestServer, more: Parameters<typeof open>[1] = {}): Promise<Person> => {
  const { opened, person } = await open(server, more);
  assert.ok(opened.ok, JSON.stringify(opened));
  return Object.assign(person, { client: opened.value });
};
const ids = (stanzas: readonly Stanza[]) => stanzas.map(({ id }) => id);
const lastSession = (server: TestServer) => {
  const session = server.sessions.at(-1);
  assert.ok(session);
  return session;
};

describe('signing in', () => {
  const server = new TestServer();
  before(() => server.listen());
  after(() => server.close());

  for (const mechanism of mechanisms) {
    test(`STARTTLS and ${mechanism}`, async () => {
      const { client, ends } = await signIn(server, { mechanisms: [mechanism] });
      assert.equal(client.jid.toString(), 'mila@home.test/phone');
      assert.equal(client.isManaged, true);
      assert.equal(server.attempts.at(-1)?.mechanism, mechanism);
      assert.equal(lastSession(server).stream.isSecure, true);
      await client.close();
      assert.deepEqual(ends, [{ reason: 'closed' }]);
      await until('the end', () => lastSession(server).end !== undefined);
      assert.equal(lastSession(server).end?.reason, 'closed-by-client');
      assert.equal(lastSession(server).received.at(-1)?.type, 'unavailable');
    });
  }

  test('the strongest mechanism is taken, and a wrong password is a wrong password in each', async () => {
    const { client } = await signIn(server);
    assert.equal(server.attempts.at(-1)?.mechanism, 'SCRAM-SHA-256-PLUS');
    await client.close();
    for (const mechanism of mechanisms)
      for (const who of ['mila', 'nobody']) {
        const wrong = { password: 'wrong', mechanisms: [mechanism], account: Jid.from(`${who}@${testDomain}`) };
        const { opened } = await open(server, wrong);
        assert.deepEqual(opened, { ok: false, fault: { reason: 'not-authorized', text: 'not-authorized' } });
      }
  });

  test('a disabled account says so to who knows the password', async () => {
    const gone = Jid.from(`gone@${testDomain}`);
    const right = await open(server, { account: gone });
    assert.equal(!right.opened.ok && right.opened.fault.reason, 'account-disabled');
    const wrong = await open(server, { account: gone, password: 'wrong' });
    assert.equal(!wrong.opened.ok && wrong.opened.fault.reason, 'not-authorized');
  });

  test('without TLS, where both allow it; the password itself where both allow that, too', async () => {
    const { client } = await signIn(server, { tls: 'off' });
    assert.equal(lastSession(server).stream.isSecure, false);
    assert.equal(server.attempts.at(-1)?.mechanism, 'SCRAM-SHA-256');
    await client.close();
    const strict = new TestServer({ authentication: { ...testAuthentication, allowsPlainWithoutTls: false } });
    await strict.listen();
    const { opened } = await open(strict, { tls: 'off', mechanisms: ['PLAIN'] });
    assert.equal(!opened.ok && opened.fault.reason, 'no-common-mechanism');
    await strict.close();
    // On a server that takes it, 'off' says that the network is a closed one.
    const shown = await signIn(server, { tls: 'off', mechanisms: ['PLAIN'] });
    await shown.client.close();
  });

  test('a certificate that does not hold', async () => {
    const { opened } = await open(server, { ca: '' });
    assert.equal(!opened.ok && opened.fault.reason, 'tls-required');
    const { client } = await signIn(server, { ca: '', insecure: true });
    await client.close();
    const optional = await signIn(server, { ca: '', tls: 'optional' });
    assert.equal(lastSession(server).stream.isSecure, true);
    await optional.client.close();
    // TLS of unknown hands: the password is proven, not shown.
    const shown = await open(server, { ca: '', tls: 'optional', mechanisms: ['PLAIN'] });
    assert.equal(!shown.opened.ok && shown.opened.fault.reason, 'no-common-mechanism');
  });

  test('nobody there', async () => {
    const empty = new TestServer();
    const port = await empty.listen();
    await empty.close();
    empty.port = port;
    const { opened } = await open(empty);
    assert.equal(!opened.ok && opened.fault.reason, 'unreachable');
  });

  test('a Link to another server takes the password only', async () => {
    const links = c2sLinks({
      server: { domain: testDomain, host: '127.0.0.1', port: server.port, tls: 'required', ca: testCertificate },
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
    const receiver = { stanza() {}, closed() {} };
    const trusted = await links.open({ account, resource: 'p', credentials: { kind: 'trusted' } }, receiver);
    assert.equal(!trusted.ok && trusted.fault.reason, 'credentials-needed');
    const link = await links.open(
      { account, resource: 'p', credentials: { kind: 'password', password: 'secret' } },
      receiver,
    );
    assert.ok(link.ok);
    await link.value.close();
  });
});

test('TLS from the first octet', async () => {
  const server = new TestServer({ isDirectTls: true, requireTls: true });
  await server.listen();
  const { client } = await signIn(server, { tls: 'direct' });
  assert.equal(server.attempts.at(-1)?.mechanism, 'SCRAM-SHA-256-PLUS');
  await client.close();
  await server.close();
});

describe('stanzas', () => {
  const server = new TestServer();
  before(() => server.listen());
  after(() => server.close());

  test('arrive in order both ways; send resolves when the server has them safe, not earlier', async () => {
    const { client, received } = await signIn(server);
    const session = lastSession(server);
    const gates: (() => void)[] = [];
    session.handle = () => new Promise<void>((resolve) => gates.push(resolve));
    const done: string[] = [];
    for (const id of ['1', '2', '3']) void client.send(say(id)).then(() => done.push(id));
    await until('the first', () => gates.length === 1);
    assert.deepEqual(ids(session.received), ['1']); // one at a time
    assert.deepEqual(done, []);
    gates[0]?.();
    await until('the second', () => gates.length === 2);
    gates[1]?.();
    await until('the third', () => gates.length === 3);
    gates[2]?.();
    await until('all', () => done.length === 3);
    assert.deepEqual(done, ['1', '2', '3']);
    session.handle = () => {};

    for (let i = 0; i < 100; i++) session.stream.send(say(`${i}`), i);
    await until('the acknowledgements', () => session.acks.length === 100);
    assert.deepEqual(
      ids(received),
      Array.from({ length: 100 }, (_, i) => `${i}`),
    );
    assert.deepEqual(
      session.acks,
      Array.from({ length: 100 }, (_, i) => i),
    );
    assert.equal(session.stream.unackedCount, 0);
    await client.close();
  });

  test('are acknowledged by the client only when the receiver has them safe', async () => {
    const person = await signIn(server);
    const session = lastSession(server);
    let release = (): void => {};
    person.take = () => new Promise<void>((resolve) => (release = resolve));
    session.stream.send(say('a'), 1);
    session.stream.send(say('b'), 2);
    await until('the first', () => person.received.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(session.acks, []);
    release();
    await until('the second', () => person.received.length === 2);
    release();
    await until('the acknowledgement', () => session.acks.length === 2);
    await person.client.close();
  });
});

describe('a connection breaks', () => {
  const server = new TestServer();
  before(() => server.listen());
  after(() => server.close());

  test('both sides go on where they were: nothing lost, nothing twice', async () => {
    const person = await signIn(server);
    const { client } = person;
    const session = lastSession(server);
    const sent: Promise<void>[] = [];
    let next = 0;
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 20; i++) {
        sent.push(client.send(say(`${next}`)));
        session.stream.send(say(`${next}`), next);
        next++;
      }
      await until('being back', () => client.isOnline);
      if (round % 2) await new Promise((resolve) => setImmediate(resolve));
      client.dropConnection();
      await until('the detachment', () => session.happened.filter((one) => one === 'detached').length === round + 1);
      await until('the resumption', () => session.happened.filter((one) => one === 'resumed').length === round + 1);
    }
    await Promise.all(sent);
    await until('all', () => session.acks.length === next);
    const expected = Array.from({ length: next }, (_, i) => `${i}`);
    assert.deepEqual(ids(session.received), expected);
    assert.deepEqual(ids(person.received), expected);
    assert.equal(server.sessions.at(-1), session);
    await client.close();
  });

  test('while a stanza is being handled: it is not handled twice', async () => {
    const { client } = await signIn(server);
    const session = lastSession(server);
    let release = (): void => {};
    session.handle = () => new Promise<void>((resolve) => (release = resolve));
    const sent = client.send(say('slow'));
    await until('it to be handled', () => session.received.length === 1);
    client.dropConnection();
    await until('the loss', () => session.happened.length > 0);
    // Time enough for the client to come back on loopback: the resumption waits for the stanza.
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(session.happened, ['detached']);
    release();
    await sent;
    assert.deepEqual(ids(session.received), ['slow']);
    session.handle = () => {};
    await client.close();
  });

  test('a stanza the receiver could not take comes again', async () => {
    const person = await signIn(server);
    const session = lastSession(server);
    let isBroken = true;
    person.take = async () => {
      if (isBroken) throw new Error('the disk is full');
    };
    session.stream.send(say('a'), 1);
    session.stream.send(say('b'), 2);
    await until('the failure', () => session.happened.includes('detached'));
    assert.deepEqual(session.acks, []);
    isBroken = false;
    await until('the acknowledgement', () => session.acks.length === 2);
    assert.deepEqual(ids(person.received).slice(-2), ['a', 'b']);
    assert.equal(ids(person.received).lastIndexOf('a') > 0, true);
    await person.client.close();
  });

  test('a process restarts: the next one goes on with the session, and sends again only what did not arrive', async () => {
    const person = await signIn(server);
    const session = lastSession(server);
    await person.client.send(say('0'));
    session.handle = () => new Promise<void>((resolve) => setTimeout(resolve, 30));
    const lost: string[] = [];
    for (const id of ['1', '2']) person.client.send(say(id)).catch((error) => lost.push(`${id} ${error.name}`));
    await until('the first', () => session.received.length === 2);
    const resume = await person.client.detach();
    assert.ok(resume);
    assert.deepEqual(lost, ['1 LinkLostError', '2 LinkLostError']);
    assert.deepEqual(person.ends.length, 1);
    session.stream.send(say('meanwhile'), 7);
    session.handle = () => {};

    const kept = JSON.parse(JSON.stringify(resume)) as LinkResumption;
    const restarted = await signIn(server, { resume: kept });
    assert.equal(restarted.client.wasResumed, true);
    assert.equal(restarted.client.jid.toString(), 'mila@home.test/phone');
    // The outbox does not know which of the two arrived.
    await Promise.all([
      restarted.client.send(say('1')),
      restarted.client.send(say('2')),
      restarted.client.send(say('3')),
    ]);
    assert.deepEqual(ids(session.received), ['0', '1', '2', '3']);
    await until('the message', () => restarted.received.length === 1);
    assert.deepEqual(ids(restarted.received), ['meanwhile']);
    await until('its acknowledgement', () => session.acks.length === 1);
    await restarted.client.close();

    // Too late: a new session, which still learns what arrived in the old one.
    const late = await signIn(server, { resume: kept });
    assert.equal(late.client.wasResumed, false);
    await late.client.send(say('1'));
    assert.deepEqual(ids(lastSession(server).received), []);
    await late.client.close();
  });

  test('the server does not come back: what was not acknowledged is rejected', async () => {
    const alone = new TestServer({ limits: { resumeMs: 2_000 } });
    await alone.listen();
    const { client, ends } = await signIn(alone, { limits: { retryMs: 400 } });
    const sent = client.send(say('x'));
    const rejected = assert.rejects(sent, LinkLostError);
    client.dropConnection();
    await alone.close();
    await rejected;
    assert.equal(ends[0]?.reason, 'lost');
  });

  test('how the server ends it', async () => {
    const cases = [
      [{ condition: 'conflict' }, 'replaced'],
      [{ condition: 'not-authorized' }, 'signed-out'],
      [{ condition: 'system-shutdown' }, 'lost'],
      [undefined, 'signed-out'],
    ] as const;
    for (const [error, reason] of cases) {
      const { ends } = await signIn(server);
      const session = lastSession(server);
      await session.stream.close(error);
      assert.equal(session.end?.reason, 'closed-by-server');
      await until('the end', () => ends.length === 1);
      assert.equal(ends[0]?.reason, reason);
    }
  });
});
