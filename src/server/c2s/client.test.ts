// A client that others wrote, over TLS: sign-in, roster, presence, messages both ways with an in-process session.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import tls, { createSecureContext } from 'node:tls';
// @ts-expect-error: the package has no types.
import { xml, client as xmppClient } from '@xmpp/client';
import { generate } from 'selfsigned';
import { RawClient } from '../testing/raw-client.ts';
import { type TestServer, testServer } from '../testing/server.ts';

interface XmppClient {
  on(event: string, listener: (stanza: Received) => void): void;
  start(): Promise<{ toString(): string }>;
  stop(): Promise<void>;
  send(element: unknown): Promise<void>;
}
type Received = {
  is(name: string): boolean;
  attrs: Record<string, string>;
  getChildText(name: string): string | null;
  toString(): string;
};

const pems = await generate([{ name: 'commonName', value: 'home.test' }], {
  keySize: 2048,
  extensions: [
    { name: 'basicConstraints', cA: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'home.test' },
        { type: 2, value: 'localhost' },
      ],
    },
  ],
});
tls.setDefaultCACertificates([pems.cert]);

const running = async (
  isDirectTls: boolean,
  work: (server: TestServer, service: string) => Promise<void>,
): Promise<void> => {
  const server = testServer({ registration: 'open' });
  const { port } = await server.listenC2s({
    host: '127.0.0.1',
    port: 0,
    tls: createSecureContext({ key: pems.private, cert: pems.cert }),
    isDirectTls,
    fakeSaltSecret: new Uint8Array(16),
    limits: { closeMs: 200 },
  });
  try {
    await work(server, `${isDirectTls ? 'xmpps' : 'xmpp'}://localhost:${port}`);
  } finally {
    await server.close();
  }
};

/** The client, stopped at the end of the test whatever happens. */
const using = async (options: object, work: (xmpp: XmppClient) => Promise<void>): Promise<void> => {
  const xmpp: XmppClient = xmppClient({ domain: 'home.test', username: 'anna', ...options });
  xmpp.on('error', () => {});
  try {
    await work(xmpp);
  } finally {
    await xmpp.stop();
  }
};

const next = (xmpp: XmppClient, wanted: (stanza: Received) => boolean): Promise<Received> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing of the kind came')), 5_000);
    xmpp.on('stanza', (stanza: Received) => {
      if (!wanted(stanza)) return;
      clearTimeout(timer);
      resolve(stanza);
    });
  });

for (const isDirectTls of [false, true])
  test(`@xmpp/client over ${isDirectTls ? 'direct TLS' : 'STARTTLS'} chats with an in-process session`, () =>
    running(isDirectTls, async (server, service) => {
      await server.addAccount('anna');
      const phone = await server.signIn('mila', 'phone');
      await phone.sends('<presence/>');
      phone.received.length = 0;

      await using({ service, password: 'secret', resource: 'laptop' }, async (xmpp) => {
        const address = await xmpp.start();
        assert.equal(address.toString(), 'anna@home.test/laptop');
        await xmpp.send(xml('presence'));
        await xmpp.send(
          xml('message', { to: 'mila@home.test', type: 'chat', id: 'm1' }, xml('body', {}, 'hello mila')),
        );
        const pong = next(xmpp, (stanza) => stanza.is('iq') && stanza.attrs.id === 'p');
        await xmpp.send(xml('iq', { type: 'get', id: 'p', to: 'home.test' }, xml('ping', { xmlns: 'urn:xmpp:ping' })));
        assert.equal((await pong).attrs.type, 'result');
        await phone.receives(
          "<message from='anna@home.test/laptop' to='mila@home.test' type='chat' id='m1'><body>hello mila</body></message>",
        );
        const answer = next(xmpp, (stanza) => stanza.is('message'));
        await phone.sends("<message to='anna@home.test/laptop' type='chat' id='m2'><body>hello anna</body></message>");
        const message = await answer;
        assert.equal(message.getChildText('body'), 'hello anna');
        assert.equal(message.attrs.from, 'mila@home.test/phone');
      });
    }));

test('@xmpp/client with a wrong password is refused', () =>
  running(true, async (server, service) => {
    await server.addAccount('anna');
    await using({ service, password: 'wrong' }, (xmpp) => assert.rejects(xmpp.start(), /not-authorized/));
  }));

test('before TLS nothing but TLS is offered, and nobody registers', () =>
  running(false, async (server, service) => {
    const stranger = await RawClient.connect(Number(new URL(service).port));
    stranger.open();
    const features = await stranger.until(/<stream:features>.*<\/stream:features>/);
    assert.match(features, /<stream:features><starttls [^>]*><required\/><\/starttls><\/stream:features>$/);
    stranger.send(
      "<iq type='set' id='1' to='home.test'><query xmlns='jabber:iq:register'><username>nora</username><password>secret</password></query></iq>",
    );
    await stranger.until(/<not-authorized/);
    assert.equal(await server.store.accounts.count(), 0);
    stranger.drop();
  }));
