// A client that is not ours, @xmpp/client (xmpp.js), on our responder: STARTTLS, TLS from the first octet, SCRAM, stream
// management and its resumption.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { el } from '../../xml/element.ts';
import { Jid } from '../jid.ts';
import { Stanza } from '../stanza.ts';
import { TestServer, type TestSession, testCertificate, testDomain, until } from './testing.ts';

/** What we use of it; the package has no types. */
interface Client {
  on(event: 'stanza', listener: (stanza: Received) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  send(element: unknown): Promise<void>;
  stop(): Promise<void>;
  /** Its own wrapper around the socket. */
  readonly socket: { readonly socket: { destroy(): void } };
}
const { client, xml } = (await import('@xmpp/client' as string)) as {
  client(options: Readonly<Record<string, string>>): Client;
  xml(name: string, attrs: Readonly<Record<string, string>>, ...children: unknown[]): unknown;
};

// xmpp.js has no option for the authority; the process has.
setDefaultCACertificates([...getCACertificates(), testCertificate]);

interface Received {
  readonly name: string;
  readonly attrs: Readonly<Record<string, string>>;
}

const clients: Client[] = [];
const start = async (server: TestServer, scheme: 'xmpp' | 'xmpps', more: Readonly<Record<string, string>> = {}) => {
  const xmpp = client({
    service: `${scheme}://127.0.0.1:${server.port}`,
    domain: testDomain,
    username: 'mila',
    password: 'secret',
    resource: 'js',
    ...more,
  });
  clients.push(xmpp);
  const received: Received[] = [];
  xmpp.on('stanza', (stanza: Received) => received.push(stanza));
  const errors: Error[] = [];
  xmpp.on('error', (error: Error) => errors.push(error));
  const address = await xmpp.start();
  return { xmpp, received, errors, address: String(address) };
};
const last = (server: TestServer): TestSession => {
  const session = server.sessions.at(-1);
  assert.ok(session);
  return session;
};

describe('xmpp.js', () => {
  const starttls = new TestServer({ requireTls: true });
  const direct = new TestServer({ requireTls: true, isDirectTls: true });
  before(() => Promise.all([starttls.listen(), direct.listen()]));
  after(async () => {
    await Promise.all(clients.map((one) => one.stop()));
    await Promise.all([starttls.close(), direct.close()]);
  });

  for (const [name, server, scheme] of [
    ['STARTTLS', starttls, 'xmpp'],
    ['TLS from the first octet', direct, 'xmpps'],
  ] as const)
    test(`${name}: signs in by SCRAM, sends, receives, acknowledges and leaves`, async () => {
      const { xmpp, received, address } = await start(server, scheme);
      assert.equal(address, 'mila@home.test/js');
      assert.match(server.attempts.at(-1)?.mechanism ?? '', /^SCRAM-SHA-/);
      const session = last(server);
      assert.equal(session.stream.isSecure, true);
      session.handle = (stanza) => {
        if (stanza.kind === 'message') session.stream.send(stanza.with({ from: session.jid, to: session.jid }), 1);
      };
      await xmpp.send(xml('message', { to: 'anna@home.test', id: 'm1' }, xml('body', {}, 'grüß dich 👋 <&>')));
      await until('the echo', () => received.some(({ attrs }) => attrs['id'] === 'm1'));
      assert.equal(
        session.received.find(({ kind }) => kind === 'message')?.inner.includes('grüß dich 👋 &lt;&amp;&gt;'),
        true,
      );
      await until('its acknowledgement', () => session.acks.length === 1);
      await xmpp.stop();
      await until('the end', () => session.end !== undefined);
      assert.equal(session.end?.reason, 'closed-by-client');
    });

  test('a wrong password', async () => {
    const refused = start(starttls, 'xmpp', { password: 'wrong' });
    await assert.rejects(refused, { name: 'SASLError', condition: 'not-authorized' });
  });

  test('comes back after a broken connection and has missed nothing', async () => {
    const { xmpp, received } = await start(starttls, 'xmpp');
    const session = last(starttls);
    await until('stream management', () => session.stream.isManaged);
    xmpp.socket.socket.destroy();
    await until('the detachment', () => session.happened.includes('detached'));
    const from = Jid.from('anna@home.test/x');
    session.stream.send(Stanza.make({ kind: 'message', id: 'missed', from }, el('body', null, 'x')), 1);
    await until('the resumption', () => session.happened.includes('resumed'), 10_000);
    await until('the message', () => received.some(({ attrs }) => attrs['id'] === 'missed'));
    await until('its acknowledgement', () => session.acks.length === 1);
    await xmpp.stop();
  });
});
