// XEP-0114 on the server: a component's domain, connected and not; what comes back when it goes; who may connect.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { Log } from '../../base/log.ts';
import { silentLog } from '../../base/log.ts';
import { handshakeOf } from '../../xmpp/component/handshake.ts';
import { stanzaFromText } from '../../xmpp/stanza-text.ts';
import type { Client } from '../testing/client.ts';
import { inWorld, sms } from './testing.ts';

const errorOf = (client: Client): string =>
  client.received
    .map((one) => one.toXml())
    .filter((text) => text.includes("type='error'"))
    .join('\n');

test('chat both ways, an IQ each way, and the list of services', () =>
  inWorld(
    async (world) => {
      const mila = await world.signIn('mila');
      await mila.sends('<presence/>');
      const peer = await world.connect();
      mila.received.length = 0;
      await mila.sends(`<message to='123@${sms}' id='1' type='chat'><body>hi</body></message>`);
      await peer.takes(
        /<message from='mila@home.test\/phone' to='123@sms.home.test' type='chat' id='1'><body>hi<\/body>/,
      );
      peer.says(`<message from='123@${sms}/x' to='mila@home.test' id='2' type='chat'><body>hello</body></message>`);
      await world.settle();
      await mila.receives(
        `<message from='123@${sms}/x' to='mila@home.test' id='2' type='chat'><body>hello</body></message>`,
      );
      await mila.sends(`<iq type='get' id='3' to='${sms}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`);
      await peer.takes(/<iq from='mila@home.test\/phone' to='sms.home.test' type='get' id='3'>.*<\/iq>/);
      peer.says(`<iq from='${sms}' to='mila@home.test/phone' type='result' id='3'><query xmlns='x'/></iq>`);
      await world.settle();
      await mila.receives(`<iq from='${sms}' to='mila@home.test/phone' type='result' id='3'><query xmlns='x'/></iq>`);
      peer.says(`<iq from='${sms}' to='home.test' type='get' id='4'><ping xmlns='urn:xmpp:ping'/></iq>`);
      await peer.takes(/<iq from='home.test' to='sms.home.test' type='result' id='4'\/>/);
      await mila.sends(
        "<iq type='get' id='5' to='home.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
      );
      await mila.receives(
        `<iq type='result' id='5' from='home.test' to='mila@home.test/phone'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='${sms}' name='Short messages'/></query></iq>`,
      );
    },
    { name: 'Short messages' },
  ));

test('while it is away the domain is ours all the same, and whoever writes to it is told so', () =>
  inWorld(async (world) => {
    assert(world.server.isOurs(sms));
    assert.throws(() => world.server.addService({ domain: sms, deliver() {} }), RangeError);
    const mila = await world.signIn('mila');
    for (const stanza of [
      `<message to='123@${sms}' id='1' type='chat'><body>hi</body></message>`,
      `<iq type='get' id='2' to='${sms}'><query xmlns='x'/></iq>`,
      `<presence to='room@${sms}/mila' id='3'/>`,
    ])
      await mila.sends(stanza);
    await world.settle();
    const kinds = mila.received.map((one) => [one.kind, one.id, one.child('error')?.attrs.type]);
    assert.deepEqual(kinds, [
      ['message', '1', 'wait'],
      ['iq', '2', 'wait'],
      ['presence', '3', 'wait'],
    ]);
    assert.equal(errorOf(mila).match(/remote-server-timeout/g)?.length, 3);
    // Errors, answers and goodbyes are not answered.
    mila.received.length = 0;
    await mila.sends(
      `<message to='1@${sms}' type='error'/><iq to='${sms}' type='result' id='4'/><presence to='room@${sms}/mila' type='unavailable'/>`,
    );
    await mila.receivesNothing();
  }));

test('what it had not read when its connection broke comes back, in order; what it had read does not', () =>
  inWorld(async (world) => {
    const mila = await world.signIn('mila');
    const peer = await world.connect();
    await mila.sends(`<message to='123@${sms}' id='read' type='chat'><body>1</body></message>`);
    await world.settle();
    peer.answersPings = false;
    const sending = ['2', '3', '4'].map((id) =>
      mila.sends(`<message to='123@${sms}' id='${id}' type='chat'><body>${id}</body></message>`),
    );
    await peer.takes(/id='4'/);
    assert.deepEqual(mila.received, []);
    peer.drop();
    await Promise.all(sending);
    await world.settle();
    assert.deepEqual(
      mila.received.map(({ id, type }) => `${type} ${id}`),
      ['error 2', 'error 3', 'error 4'],
    );
    assert(!world.components.isConnected(sms));
    // It comes back, and takes what is sent from then on.
    const again = await world.connect();
    await mila.sends(`<message to='123@${sms}' id='5' type='chat'><body>5</body></message>`);
    await again.takes(/id='5'/);
  }));

test('subscription, presence and probes of a contact behind the component; it is gone when the component is', () =>
  inWorld(async (world) => {
    const mila = await world.signIn('mila');
    await mila.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>");
    const peer = await world.connect();
    await mila.sends(`<presence type='subscribe' to='123@${sms}'/>`);
    await peer.takes(/<presence from='mila@home.test' to='123@sms.home.test' type='subscribe'\/>/);
    mila.received.length = 0;
    peer.says(
      `<presence from='123@${sms}' to='mila@home.test' type='subscribed'/><presence from='123@${sms}/gw' to='mila@home.test'><status>there</status></presence>`,
    );
    await world.settle();
    await mila.receives(
      `<presence from='123@${sms}' to='mila@home.test' type='subscribed'/>
       <iq type='set' id='*' to='mila@home.test/phone'><query xmlns='jabber:iq:roster' ver='*'><item jid='123@${sms}' subscription='to'/></query></iq>
       <presence from='123@${sms}/gw' to='mila@home.test'><status>there</status></presence>`,
    );
    // The component asks back, and hears mila's presence from then on.
    peer.says(`<presence from='123@${sms}' to='mila@home.test' type='subscribe'/>`);
    await world.settle();
    await mila.sends(`<presence type='subscribed' to='123@${sms}'/>`);
    await peer.takes(/type='subscribed'/);
    await peer.takes(/<presence from='mila@home.test\/phone' to='123@sms.home.test'\/>/);
    peer.says(`<presence from='${sms}' to='mila@home.test' type='probe'/>`);
    await peer.takes(/<presence from='mila@home.test' to='sms.home.test' type='unsubscribed'\/>/);
    peer.says(`<presence from='123@${sms}' to='mila@home.test' type='probe'/>`);
    await peer.takes(/<presence from='mila@home.test\/phone' to='123@sms.home.test'\/>/);
    mila.received.length = 0;

    // Gone for good: after the grace time nobody is shown any more.
    peer.drop();
    await world.settle();
    for (let minute = 0; minute < 70; minute++) {
      world.server.clock.advance(60_000);
      await world.settle();
    }
    await mila.receives(`<presence from='123@${sms}/gw' to='mila@home.test' type='unavailable'/>`);
    // Back again: it is asked, within two minutes, and shown.
    const again = await world.connect();
    for (let step = 0; step < 13; step++) {
      world.server.clock.advance(10_000);
      await world.settle();
    }
    await again.takes(/<presence from='mila@home.test' to='123@sms.home.test' type='probe'\/>/);
    again.says(`<presence from='123@${sms}/gw' to='mila@home.test'/>`);
    await world.settle();
    await mila.receives(`<presence from='123@${sms}/gw' to='mila@home.test'/>`);
  }));

test('a second connection is refused, or takes the place of the first, as configured', async () => {
  await inWorld(async (world) => {
    const first = await world.connect();
    const second = world.peer();
    second.opens(sms);
    const id = /\bid='([^']+)'/.exec(await second.takes(/<stream:stream [^>]*>/))?.[1] ?? '';
    second.says(`<handshake>${handshakeOf(id, 'secret')}</handshake>`);
    await second.takes(/<stream:error><conflict /);
    const mila = await world.signIn('mila');
    await mila.sends(`<message to='123@${sms}' id='1'><body>x</body></message>`);
    await first.takes(/id='1'/);
  });
  await inWorld(
    async (world) => {
      const first = await world.connect();
      const second = await world.connect();
      await first.takes(/<stream:error><conflict .*<\/stream:stream>/);
      first.drop();
      await world.settle();
      assert(world.components.isConnected(sms));
      const mila = await world.signIn('mila');
      await mila.sends(`<message to='123@${sms}' id='1'><body>x</body></message>`);
      await second.takes(/id='1'/);
    },
    { onConflict: 'replace' },
  );
});

test('whoever guesses the secret waits longer and longer; the secret is in no log', async () => {
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    info: (fields, message) => void lines.push(JSON.stringify({ ...fields, message })),
    warn: (fields, message) => void lines.push(JSON.stringify({ ...fields, message })),
  };
  await inWorld(
    async (world) => {
      const waits: number[] = [];
      for (let guess = 0; guess < 8; guess++) {
        const peer = world.peer();
        peer.opens(sms);
        await peer.takes(/<stream:stream [^>]*>/);
        peer.says(`<handshake>${'0'.repeat(40)}</handshake>`);
        await world.settle();
        let waited = 0;
        while (!/<not-authorized /.test(peer.text) && waited < 20_000) {
          world.server.clock.advance(500);
          waited += 500;
          await world.settle();
        }
        assert.match(peer.text, /<not-authorized /);
        waits.push(waited);
      }
      assert.deepEqual(waits, [0, 0, 0, 500, 1000, 2000, 4000, 8000]);
      assert.equal(lines.filter((line) => line.includes('component refused')).length, 8);
      assert(!lines.join().includes('swordfish'));
    },
    { secret: 'swordfish' },
    { log },
  );
});

test('a thousand strangers cost little, and the component that is connected stays', () =>
  inWorld(async (world) => {
    const peer = await world.connect();
    const strangers = Array.from({ length: 1_000 }, () => world.peer());
    await world.settle();
    // In memory they all come from one address.
    assert.equal(strangers.filter(({ far }) => !far.destroyed).length, 40);
    const mila = await world.signIn('mila');
    await mila.sends(`<message to='123@${sms}' id='1'><body>x</body></message>`);
    await peer.takes(/id='1'/);
    world.server.clock.advance(15_000);
    await world.settle();
    world.server.clock.advance(10_000);
    await world.settle();
    assert.equal(strangers.filter(({ far }) => !far.destroyed).length, 0);
    await world.connect('wrong');
  }));

test('over sockets: a port, a component on it, and an end in good order', () =>
  inWorld(async (world) => {
    const listener = await world.components.listen({ host: '127.0.0.1', port: 0 });
    await assert.rejects(world.components.listen({ host: '127.0.0.1', port: listener.port }), { code: 'EADDRINUSE' });
    const socket = connect(listener.port, '127.0.0.1');
    socket.setEncoding('utf8');
    let text = '';
    const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(text);
        if (found) return found;
        text += (await once(socket, 'data', { signal: AbortSignal.timeout(5_000) }))[0];
      }
    };
    socket.write(
      `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='${sms}'>`,
    );
    const [, id = ''] = await until(/<stream:stream [^>]*\bid='([^']+)'[^>]*>/);
    socket.write(`<handshake>${handshakeOf(id, 'secret')}</handshake>`);
    await until(/<handshake\/>/);
    assert(world.components.isConnected(sms));
    const closing = world.components.close();
    await until(/<stream:error><system-shutdown .*<\/stream:stream>/);
    socket.end('</stream:stream>');
    await closing;
    assert(!world.server.isOurs(sms));
    await assert.rejects(once(connect(listener.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
  }));

test('one that speaks for our users, or for another component, is thrown out', () =>
  inWorld(async (world) => {
    const anna = await world.signIn('anna');
    await anna.sends('<presence/>');
    anna.received.length = 0;
    for (const from of ['mila@home.test', 'home.test', 'x@away.test', `sms.home.test.evil.test`]) {
      const peer = await world.connect();
      peer.says(`<message from='${from}' to='anna@home.test'><body>x</body></message>`);
      await peer.takes(/<stream:error><invalid-from /);
      peer.drop();
      await world.settle();
    }
    await anna.receivesNothing();
  }));

test('one component writes to another, and to itself; errors do not go round in circles', () =>
  inWorld(async (world) => {
    const peer = await world.connect();
    peer.says(`<message from='${sms}' to='1@${sms}' id='1'><body>x</body></message>`);
    await peer.takes(/<message from='sms.home.test' to='1@sms.home.test' id='1'>/);
    peer.says(`<message from='1@${sms}' to='nobody@home.test' id='2'><body>x</body></message>`);
    await peer.takes(/<message from='nobody@home.test' to='1@sms.home.test' type='error' id='2'>/);
    peer.says(`<message from='1@${sms}' to='x@elsewhere.test' id='3'><body>x</body></message>`);
    await peer.takes(
      /<message from='x@elsewhere.test' to='1@sms.home.test' type='error' id='3'>.*remote-server-not-found/,
    );
  }));

test('it talks to other servers, and they to it', () =>
  inWorld(async (world) => {
    const carried: string[] = [];
    world.server.federate({
      async carry(stanza, isBroadcast) {
        carried.push(`${isBroadcast} ${stanza.toXml()}`);
      },
    });
    const peer = await world.connect();
    const text = `<message from='7@${sms}' to='carl@elsewhere.test' id='1'><body>x</body></message>`;
    peer.says(text);
    await world.settle();
    assert.deepEqual(carried, [`false ${text}`]);
    // Only the server itself says what comes from elsewhere; that its sender is who he says was checked there.
    void world.server.route(
      stanzaFromText(`<message from='carl@elsewhere.test' to='7@${sms}' id='2'><body>y</body></message>`),
    );
    await peer.takes(/<message from='carl@elsewhere.test' to='7@sms.home.test' id='2'><body>y<\/body><\/message>/);
    peer.drop();
    await world.settle();
    await world.server.route(
      stanzaFromText(`<message from='carl@elsewhere.test' to='7@${sms}' id='3'><body>z</body></message>`),
    );
    assert.match(
      carried[1] ?? '',
      /^false <message from='7@sms.home.test' to='carl@elsewhere.test' type='error' id='3'>/,
    );
  }));

test('the user’s own stream goes on when the component does not answer', () =>
  inWorld(async (world) => {
    const mila = await world.signIn('mila');
    const peer = await world.connect();
    peer.answersPings = false;
    void mila.sends(`<message to='123@${sms}' id='1' type='chat'><body>x</body></message>`);
    await peer.takes(/id='1'/);
    const anna = await world.signIn('anna');
    await anna.sends('<presence/>');
    anna.received.length = 0;
    await mila.sends("<message to='anna@home.test' id='2' type='chat'><body>y</body></message>");
    await anna.receives(
      "<message from='mila@home.test/phone' to='anna@home.test' id='2' type='chat'><body>y</body></message>",
    );
  }));

test('a component can be slow: order holds, and nothing is lost', () =>
  inWorld(async (world) => {
    const mila = await world.signIn('mila');
    const peer = await world.connect();
    peer.sleeps();
    const sending: Promise<void>[] = [];
    for (let n = 0; n < 200; n++)
      sending.push(mila.sends(`<message to='123@${sms}' id='m${n}'><body>x</body></message>`));
    await world.settle();
    peer.wakesUp();
    await Promise.all(sending);
    await peer.takes(/id='m199'/).then((text) =>
      assert.deepEqual(
        [...text.matchAll(/id='m(\d+)'/g)].map(([, n]) => Number(n)),
        Array.from({ length: 200 }, (_, n) => n),
      ),
    );
    await mila.receivesNothing();
  }));
