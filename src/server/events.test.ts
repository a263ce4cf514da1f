// What is counted and logged, and what never is.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Log } from '../base/log.ts';
import type { Meter } from '../base/meter.ts';
import { Jid } from '../xmpp/jid.ts';
import { RawClient } from './testing/raw-client.ts';
import { testServer } from './testing/server.ts';

test('sign-ins, sessions and stanzas are counted; passwords and messages are never logged', async () => {
  const lines: string[] = [];
  const note = (fields: object, message: string): void => void lines.push(JSON.stringify(fields) + message);
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const counts = new Map<string, number>();
  const gauges = new Map<string, () => number>();
  const meter: Meter = {
    counter: (name) => ({
      add: (labels, amount = 1) => {
        const key = `${name}${JSON.stringify(labels ?? {})}`;
        counts.set(key, (counts.get(key) ?? 0) + amount);
      },
    }),
    gauge: (name, _help, read) => void gauges.set(name, read),
    histogram: () => ({ observe() {} }),
  };
  const server = testServer({ log, meter, registration: 'open' });
  const { port } = await server.listenC2s({
    host: '127.0.0.1',
    port: 0,
    requireTls: false,
    fakeSaltSecret: new Uint8Array(16),
  });
  await server.addAccount('anna', 'mila');
  const anna = await RawClient.signIn(port, 'anna', 'phone');
  anna.send("<message to='mila@home.test' type='chat'><body>between us</body></message>");
  anna.send(
    "<iq type='set' id='1'><query xmlns='jabber:iq:register'><username>anna</username><password>open sesame</password></query></iq>",
  );
  await anna.until(/<iq [^>]*id='1'/);
  await assert.rejects(RawClient.signIn(port, 'mila', 'desk', 'mistyped'));
  const links = server.links[0] ?? assert.fail();
  await links.open(
    { account: Jid.from('mila@home.test'), resource: 'x', credentials: { kind: 'password', password: 'mistyped' } },
    { stanza() {}, closed() {} },
  );
  assert.equal(gauges.get('onesoup_xmpp_sessions')?.(), 1);
  assert.equal(counts.get('onesoup_xmpp_sign_ins_total{"way":"PLAIN","outcome":"signed-in"}'), 1);
  assert.equal(counts.get('onesoup_xmpp_sign_ins_total{"way":"PLAIN","outcome":"not-authorized"}'), 1);
  assert.equal(counts.get('onesoup_xmpp_sign_ins_total{"way":"link","outcome":"not-authorized"}'), 1);
  assert.equal(counts.get('onesoup_xmpp_stanzas_routed_total{"kind":"message"}'), 1);
  assert.equal(counts.get('onesoup_xmpp_messages_kept_total{}'), 1);
  anna.drop();
  await server.close();
  assert.equal(
    counts.get('onesoup_xmpp_sessions_ended_total{"reason":"lost"}') ??
      counts.get('onesoup_xmpp_sessions_ended_total{"reason":"shutdown"}'),
    1,
  );
  for (const secret of ['between us', 'open sesame', 'mistyped', '"secret"', btoa('\0anna\0secret')])
    assert(!lines.some((line) => line.includes(secret)), `${secret} is in the log`);
});
