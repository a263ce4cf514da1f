// The child of kill.test.ts: a server over a file, on real sockets. Arguments: the file, its port, the port of away.example.
// Each line on standard input is a message for mila@away.example; it is printed again when it was acknowledged.

import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { systemRandom } from '../../base/random.ts';
import { openSqliteStore } from '../../store/sqlite/open.ts';
import { el } from '../../xml/element.ts';
import { systemNet } from '../../xmpp/connect/dial.ts';
import { Jid } from '../../xmpp/jid.ts';
import { acceptS2s } from '../../xmpp/s2s/accept.ts';
import { openS2s } from '../../xmpp/s2s/open.ts';
import { s2sResumables } from '../../xmpp/s2s/resumption.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { createServer } from '../server.ts';
import { createFederation } from './federation.ts';

const [, , file = '', port = '', awayPort = ''] = process.argv;
const surroundings = { clock: systemClock, random: systemRandom, log: silentLog, meter: silentMeter };
const store = openSqliteStore({ file });
const server = createServer({ domains: ['home.test'], store, ...surroundings });
const federation = createFederation({
  server,
  store: store.federation,
  settings: {
    tls: 'optional',
    routes: new Map([['away.example', { host: '127.0.0.1', port: Number(awayPort), isDirectTls: false }]]),
  },
  secureContext: undefined,
  dialbackSecret: Buffer.from('home'),
  resolver: { srv: absent, ip4: absent, ip6: absent },
  net: systemNet,
  openS2s,
  acceptS2s,
  resumables: s2sResumables(),
  ...surroundings,
});
async function absent(): Promise<{ kind: 'absent' }> {
  return { kind: 'absent' };
}
server.federate(federation.carrier);
await federation.listen({ host: '127.0.0.1', port: Number(port), isDirectTls: false });
const account = Jid.from('anna@home.test');
await server.accounts('home.test').create(account, 'secret');
const opened = await server.links[0]?.open(
  { account, resource: 'x', credentials: { kind: 'trusted' } },
  { stanza() {}, closed() {} },
);
if (!opened?.ok) throw new Error('anna cannot sign in');
const link = opened.value;
await federation.start();
writeSync(1, 'ready\n');

for await (const id of createInterface({ input: process.stdin })) {
  const to = Jid.from('mila@away.example');
  link
    .send(Stanza.make({ kind: 'message', type: 'chat', id, from: link.jid, to }, el('body', {}, id)))
    .then(() => writeSync(1, `${id}\n`));
}
