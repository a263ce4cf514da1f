// What a server (or whoever is in between) may do to a client of ours while it signs in.

import assert from 'node:assert/strict';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { Jid } from '../jid.ts';
import { XmppClient } from './client.ts';
import type { ServerAddress } from './options.ts';

const header =
  "<?xml version='1.0'?><stream:stream from='home.test' id='1' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
const sasl = "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'";
const offer = (inner: string): string => `${header}<stream:features>${inner}</stream:features>`;
const scram = `<mechanisms ${sasl}><mechanism>SCRAM-SHA-1</mechanism></mechanisms>`;
const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/** Answers each thing the client says with the next line; returns what came of it. */
const meet = async (lines: readonly (string | Uint8Array)[], tls: ServerAddress['tls'] = 'off', waitMs = 0) => {
  const clock = new SimulatedClock();
  const [ours, theirs] = duplexPair();
  const heard: string[] = [];
  let next = 0;
  theirs.on('error', () => {});
  theirs.on('data', (chunk: Buffer) => {
    heard.push(chunk.toString());
    const line = lines[next++];
    if (line !== undefined) theirs.write(line);
    else if (waitMs === 0) theirs.end();
  });
  const opening = XmppClient.open(
    {
      server: { domain: 'home.test', host: '', port: 0, tls },
      account: Jid.from('mila@home.test'),
      password: 'secret',
      resource: 'x',
      clock,
      random: systemRandom,
      log: silentLog,
      connect: (): Duplex => ours,
    },
    { stanza() {}, closed() {} },
  );
  if (waitMs > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    clock.advance(waitMs);
  }
  const opened = await opening;
  assert.equal(opened.ok, false);
  return { fault: opened.ok ? undefined : opened.fault, heard: heard.join('') };
};

test('TLS is required, and somebody takes the offer away', async () => {
  const { fault, heard } = await meet([offer(scram)], 'required');
  assert.equal(fault?.reason, 'tls-required');
  assert.equal(heard.includes('<auth'), false);
});

test('clear text that follows <proceed/> is not taken for what comes in TLS', async () => {
  const proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
  const { fault } = await meet([offer(starttls), proceed + offer(scram)], 'required');
  assert.equal(fault?.reason, 'tls-required');
});

test('the connection breaks under the TLS handshake: that is the network, not the server; other octets are the server', async () => {
  const proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
  assert.equal((await meet([offer(starttls), proceed], 'required')).fault?.reason, 'unreachable');
  assert.equal((await meet([offer(starttls), proceed, 'no TLS at all'], 'required')).fault?.reason, 'tls-required');
});

test('<success/> without a proof that the server knows the password', async () => {
  for (const success of [`<success ${sasl}/>`, `<success ${sasl}>dj1BQUFB</success>`, `<success ${sasl}>*</success>`]) {
    const { fault, heard } = await meet([offer(scram), success]);
    assert.equal(fault?.reason, 'refused');
    assert.equal(heard.match(/<stream:stream /g)?.length, 1);
  }
});

test('the password itself is asked for where it could be overheard', async () => {
  const { fault, heard } = await meet(
    [offer(`<mechanisms ${sasl}><mechanism>PLAIN</mechanism></mechanisms>`)],
    'optional',
  );
  assert.equal(fault?.reason, 'no-common-mechanism');
  assert.equal(heard.includes('<auth'), false);
});

test('nobody answers', async () => {
  const { fault } = await meet([], 'off', 30_000);
  assert.deepEqual(fault, { reason: 'unreachable', text: 'timed out' });
});

test('another protocol, another version, an error, an early end', async () => {
  assert.equal((await meet(['SSH-2.0-OpenSSH_9.9\r\n'])).fault?.reason, 'refused');
  assert.equal((await meet([header.replace("version='1.0' ", '')])).fault?.reason, 'refused');
  const error = "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
  assert.deepEqual((await meet([header + error])).fault, { reason: 'refused', text: 'host-unknown' });
  assert.equal((await meet([`${header}</stream:stream>`])).fault?.reason, 'refused');
  assert.equal((await meet([])).fault?.reason, 'unreachable');
});

test('property: whatever a server says, the answer is a fault', async () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 50 }).map((octets) => Buffer.from(octets)),
    fc
      .constantFrom(
        offer(scram),
        offer(''),
        offer("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"),
        header,
        `<challenge ${sasl}/>`,
        `<challenge ${sasl}>cj1hLHM9QUFBQSxpPTE=</challenge>`,
        `<success ${sasl}/>`,
        `<failure ${sasl}><not-authorized/></failure>`,
        "<resumed xmlns='urn:xmpp:sm:3' h='0'/>",
        "<enabled xmlns='urn:xmpp:sm:3'/>",
        "<iq type='result' id='1'/>",
      )
      .map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 6 }), async (lines) => {
      const { fault } = await meet(lines, 'off', 30_000);
      assert.ok(fault);
    }),
    { numRuns: 50 },
  );
});
