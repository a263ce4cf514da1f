// A component of ours and people on another server: its domain is reached, and speaks, over our federation.

import { after, before, describe, test } from 'node:test';
import { keysFor, type Manner, password, prosodySide } from '../federation/sides.ts';
import { canServeNames } from '../peers/dns.ts';
import { type Network, startNetwork, zoneOf } from '../peers/network.ts';
import { type Onesoup, prepareOnesoup } from '../peers/onesoup.ts';
import { hasSlixmpp } from '../peers/slixmpp.ts';
import { type Script, startScript } from './script.ts';

const home = 'onesoup.test';
const domain = `echo.${home}`;
const contact = `grandma@${domain}`;
const skip =
  hasSlixmpp() || process.env['CI']
    ? !canServeNames() && 'only root may serve names on port 53'
    : 'python3-slixmpp is not installed';

for (const manner of [
  { trust: 'certificates', reach: 'direct' },
  { trust: 'dialback', reach: 'starttls' },
] as const satisfies readonly Manner[])
  describe(`a component and Prosody, by ${manner.trust}`, { skip }, () => {
    let network: Network;
    let onesoup: Onesoup;
    let prosody: Awaited<ReturnType<typeof prosodySide>>;
    let gateway: Script;
    let carl: Script;

    before(async () => {
      network = await startNetwork();
      onesoup = await prepareOnesoup({
        domain: home,
        federation: {
          network,
          keys: await keysFor(network, manner.trust, home),
          settings: { loopback: true, dialback: manner.trust === 'dialback' ? 'allowed' : 'never' },
        },
        components: [{ domain, secret: 'secret' }],
      });
      const zone = zoneOf({ address: onesoup.address, ...onesoup.ports }, manner.reach);
      for (const name of [home, domain]) network.dns.place(name, zone);
      prosody = await prosodySide(network, manner);
      await Promise.all([onesoup.start(), prosody.start()]);
      await prosody.addUser('carl', password);
      gateway = await startScript(domain, 'slixmpp-gateway.py', [
        domain,
        'secret',
        String(onesoup.ports.component),
        home,
      ]);
      const { address, ports } = prosody.server;
      const jid = 'carl@prosody.test/desk';
      carl = await startScript(jid, 'slixmpp-laptop.py', [jid, password, String(ports.c2s), address]);
    });
    after(async () => {
      await carl?.end();
      await gateway?.end();
      await prosody?.remove();
      await onesoup?.remove();
      await network?.[Symbol.asyncDispose]();
    });

    test('subscription, presence and chat, begun over there', async () => {
      await carl.do({ do: 'subscribe', to: contact });
      await gateway.sees('subscribe', { from: 'carl@prosody.test', to: contact });
      await carl.sees('presence', { type: 'subscribed', from: contact });
      await gateway.do({ do: 'presence', from: contact, to: 'carl@prosody.test', show: 'away', status: 'knitting' });
      await carl.sees('presence', { type: 'away', status: 'knitting', from: contact });
      await carl.do({ do: 'message', to: contact, body: 'hello <&> ☕' });
      await carl.sees('message', { body: 'echo: hello <&> ☕' });
    });

    test('chat begun by the component', async () => {
      await gateway.do({ do: 'message', from: contact, to: 'carl@prosody.test', body: 'dinner is ready' });
      await carl.sees('message', { body: 'dinner is ready' });
    });

    test('when the component is gone the other server’s people are told', async () => {
      await gateway.end('SIGKILL');
      await carl.do({ do: 'message', to: contact, body: 'anybody?' });
      await carl.sees('error', { kind: 'message', condition: 'remote-server-timeout', from: contact });
      gateway = await startScript(domain, 'slixmpp-gateway.py', [
        domain,
        'secret',
        String(onesoup.ports.component),
        home,
      ]);
      await carl.do({ do: 'message', to: contact, body: 'back?' });
      await carl.sees('message', { body: 'echo: back?' });
    });
  });
