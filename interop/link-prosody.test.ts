// Links to a real Prosody: signing in every way it offers, messages between two users, and sessions that survive a broken
// connection and a restarted process (XEP-0198).

import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { systemRandom } from '../src/base/random.ts';
import { el } from '../src/xml/element.ts';
import { XmppClient } from '../src/xmpp/client/client.ts';
import type { ClientOptions, ServerAddress } from '../src/xmpp/client/options.ts';
import { Jid } from '../src/xmpp/jid.ts';
import type { LinkEnd, LinkResumption } from '../src/xmpp/link.ts';
import { Stanza } from '../src/xmpp/stanza.ts';
import { type Prosody, prepareProsody } from './peers/prosody.ts';

const domain = 'prosody.test';
const mila = Jid.from(`mila@${domain}`);
const anna = Jid.from(`anna@${domain}`);

class Person {
  readonly messages: Stanza[] = [];
  readonly ends: LinkEnd[] = [];
  client!: XmppClient;
  stanza(stanza: Stanza): void {
    if (stanza.kind === 'message') this.messages.push(stanza);
  }
  closed(end: LinkEnd): void {
    this.ends.push(end);
  }
}

const open = async (prosody: Prosody, account: Jid, tls: ServerAddress['tls'], more: Partial<ClientOptions> = {}) => {
  const person = new Person();
  const opened = await XmppClient.open(
    {
      server: {
        domain,
        host: '127.0.0.1',
        port: tls === 'direct' ? prosody.ports.c2sTls : prosody.ports.c2s,
        tls,
        ca: prosody.certificate,
      },
      account,
      password: `${account.local} secret`,
      resource: 'phone',
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      limits: { retryMs: 20 },
      ...more,
    },
    person,
  );
  return { opened, person };
};
const signIn = async (...args: Parameters<typeof open>): Promise<Person> => {
  const { opened, person } = await open(...args);
  assert.ok(opened.ok, `${JSON.stringify(opened)}\n${args[0].output()}`);
  person.client = opened.value;
  return person;
};
const available = Stanza.make({ kind: 'presence' });
const say = (to: Jid, id: string): Stanza =>
  Stanza.make({ kind: 'message', type: 'chat', id, to }, el('body', null, `this is ${id}`));
const ids = (stanzas: readonly Stanza[]) => stanzas.map(({ id }) => id);
const until = async (what: string, isSo: () => boolean): Promise<void> => {
  for (const end = Date.now() + 10_000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (Date.now() > end) throw new Error(`waited for ${what}`);
};

const suite = (name: string, options: Parameters<typeof prepareProsody>[0], body: (prosody: () => Prosody) => void) =>
  describe(name, () => {
    let prosody: Prosody;
    before(async () => {
      prosody = await prepareProsody({ domain, ...options });
      await prosody.addUser('mila', 'mila secret');
      await prosody.addUser('anna', 'anna secret');
      await prosody.start();
    });
    after(() => prosody.remove());
    body(() => prosody);
  });

suite('Prosody', {}, (prosody) => {
  for (const tls of ['required', 'direct', 'optional', 'off'] as const)
    test(`signs in with tls: ${tls}`, async () => {
      const { client, ends } = await signIn(prosody(), mila, tls);
      assert.equal(client.jid.toString(), `mila@${domain}/phone`);
      assert.equal(client.isManaged, true);
      await client.send(available);
      await client.close();
      assert.deepEqual(ends, [{ reason: 'closed' }]);
    });

  for (const mechanism of ['SCRAM-SHA-1', 'PLAIN'] as const)
    test(`signs in by ${mechanism}, and not with a wrong password`, async () => {
      const { client } = await signIn(prosody(), mila, 'required', { mechanisms: [mechanism] });
      await client.close();
      const { opened } = await open(prosody(), mila, 'required', { mechanisms: [mechanism], password: 'wrong' });
      assert.equal(!opened.ok && opened.fault.reason, 'not-authorized');
    });

  test('does not trust a certificate of unknown making', async () => {
    const server = { domain, host: '127.0.0.1', port: prosody().ports.c2s, tls: 'required' } as const;
    const { opened } = await open(prosody(), mila, 'required', { server });
    assert.equal(!opened.ok && opened.fault.reason, 'tls-required');
  });

  test('carries messages both ways, and acknowledges them', async () => {
    const a = await signIn(prosody(), mila, 'required');
    const b = await signIn(prosody(), anna, 'required');
    await Promise.all([a.client.send(available), b.client.send(available)]);
    const sent: Promise<void>[] = [];
    for (let i = 0; i < 50; i++) {
      sent.push(a.client.send(say(b.client.jid, `a${i}`)));
      sent.push(b.client.send(say(a.client.jid, `b${i}`)));
    }
    await Promise.all(sent);
    await until('all messages', () => a.messages.length === 50 && b.messages.length === 50);
    assert.deepEqual(
      ids(a.messages),
      Array.from({ length: 50 }, (_, i) => `b${i}`),
    );
    await Promise.all([a.client.close(), b.client.close()]);
  });

  test('a broken connection loses nothing and shows nothing twice', async () => {
    let socket: Socket | undefined;
    const a = await signIn(prosody(), mila, 'required', {
      connect: (host, port) => (socket = connect({ host, port })),
    });
    const b = await signIn(prosody(), anna, 'required');
    await Promise.all([a.client.send(available), b.client.send(available)]);
    const sent: Promise<void>[] = [];
    for (let round = 0; round < 3; round++) {
      await until('being back', () => a.client.isOnline);
      for (let i = 0; i < 10; i++) {
        sent.push(a.client.send(say(b.client.jid, `a${round}-${i}`)));
        sent.push(b.client.send(say(a.client.jid, `b${round}-${i}`)));
      }
      if (round === 1) await new Promise((resolve) => setImmediate(resolve));
      socket?.resetAndDestroy();
    }
    await Promise.all(sent);
    await until('all messages', () => a.messages.length >= 30 && b.messages.length >= 30);
    const expected = (who: string) =>
      [0, 1, 2].flatMap((round) => Array.from({ length: 10 }, (_, i) => `${who}${round}-${i}`));
    assert.deepEqual(ids(a.messages), expected('b'));
    assert.deepEqual(ids(b.messages), expected('a'));
    await Promise.all([a.client.close(), b.client.close()]);
  });

  test('a restarted process goes on with the session', async () => {
    const a = await signIn(prosody(), mila, 'required');
    const b = await signIn(prosody(), anna, 'required');
    await Promise.all([a.client.send(available), b.client.send(available)]);
    await b.client.send(say(a.client.jid, 'before'));
    await until('the message', () => a.messages.length === 1);
    const resume = await a.client.detach();
    assert.ok(resume);
    await b.client.send(say(a.client.jid, 'meanwhile'));
    const again = await signIn(prosody(), mila, 'required', {
      resume: JSON.parse(JSON.stringify(resume)) as LinkResumption,
    });
    assert.equal(again.client.wasResumed, true);
    await until('the message', () => again.messages.length === 1);
    assert.deepEqual(ids(again.messages), ['meanwhile']);
    await again.client.send(say(b.client.jid, 'after'));
    await until('the answer', () => b.messages.length === 1);
    await Promise.all([again.client.close(), b.client.close()]);
    const late = await signIn(prosody(), mila, 'required', { resume });
    assert.equal(late.client.wasResumed, false);
    await late.client.close();
  });

  test('another client takes the resource: replaced', async () => {
    const first = await signIn(prosody(), mila, 'required');
    const second = await signIn(prosody(), mila, 'required');
    // Prosody gives the second another resource or ends the first, as configured; by default the first is ended.
    await until('the end of the first', () => first.ends.length === 1);
    assert.equal(first.ends[0]?.reason, 'replaced');
    await second.client.close();
  });

  test('a server that restarts has forgotten the session: the Link is lost, and a new one opens', async () => {
    const { client, ends } = await signIn(prosody(), mila, 'required', { limits: { retryMs: 20, retryMsMax: 200 } });
    await client.send(available);
    await prosody().stop();
    await until('the client to notice', () => !client.isOnline);
    assert.equal(ends.length, 0);
    await prosody().start();
    await until('the end', () => ends.length === 1);
    assert.equal(ends[0]?.reason, 'lost');
    const again = await signIn(prosody(), mila, 'required');
    await again.client.close();
  });
});

suite('Prosody without stream management', { without: ['smacks'] }, (prosody) => {
  test('send resolves after a round trip', async () => {
    const a = await signIn(prosody(), mila, 'required');
    const b = await signIn(prosody(), anna, 'required');
    assert.equal(a.client.isManaged, false);
    await Promise.all([a.client.send(available), b.client.send(available)]);
    await Promise.all(Array.from({ length: 20 }, (_, i) => a.client.send(say(b.client.jid, `${i}`))));
    await until('all messages', () => b.messages.length === 20);
    assert.equal(a.client.unackedCount, 0);
    assert.equal(a.client.resumption(), undefined);
    a.client.dropConnection();
    await until('the end', () => a.ends.length === 1);
    assert.equal(a.ends[0]?.reason, 'lost');
    await b.client.close();
  });
});

suite('Prosody with TLS 1.2', { isTls12Only: true }, (prosody) => {
  test('signs in by SCRAM-SHA-1-PLUS, bound to the connection', async () => {
    const { client } = await signIn(prosody(), mila, 'required', { mechanisms: ['SCRAM-SHA-1-PLUS'] });
    await client.close();
  });
});
