// A closed network: two onesoups that know each other by routes, a name server that never answers, and no authority but pins.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { el, textOf } from '../../src/xml/element.ts';
import { Jid } from '../../src/xmpp/jid.ts';
import { Stanza } from '../../src/xmpp/stanza.ts';
import { canServeNames } from '../peers/dns.ts';
import { startNetwork } from '../peers/network.ts';
import { comes, isPresent, type Lean, leanClient } from './lean.ts';
import { keysFor, type Manner, onesoupSide, password } from './sides.ts';

const skip = !canServeNames() && 'only root may serve names on port 53 and make mount namespaces';
const manner: Manner = { trust: 'certificates', reach: 'starttls' };

test('routes and pins do without names and authorities', { skip }, async (t) => {
  await using network = await startNetwork();
  network.dns.isSilent = true;
  const domains = ['north.test', 'south.test'] as const;
  const addresses = domains.map(() => network.newAddress());
  const keys = await Promise.all(domains.map((domain) => keysFor(network, 'dialback', domain)));
  const sides = await Promise.all(
    domains.map((domain, at) => {
      const other = 1 - at;
      const pin = new X509Certificate(readFileSync(keys[other]?.certificate ?? '')).fingerprint256;
      const settings = {
        routes: { [domains[other] ?? '']: `${addresses[other]}:5269` },
        peers: [{ domain: domains[other], pins: [pin.replaceAll(':', '').toLowerCase()] }],
      };
      const [mine, address] = [keys[at], addresses[at]];
      assert.ok(mine && address);
      return onesoupSide(network, manner, { domain, keys: mine, address, settings });
    }),
  );
  const people: Lean[] = [];
  try {
    await Promise.all(sides.map((side) => side.start()));
    for (const side of sides) {
      await side.addUser('ann', password);
      const where = { host: '127.0.0.1', port: side.server.ports.c2s };
      const person = await leanClient(`ann@${side.domain}`, password, where);
      people.push(person);
      await person.client.send(isPresent());
    }
    for (const [at, { client }] of people.entries()) {
      const to = Jid.from(`ann@${domains[1 - at]}`);
      await client.send(Stanza.make({ kind: 'message', type: 'chat', id: '1', to }, el('body', null, `from ${at}`)));
    }
    for (const [at, person] of people.entries())
      await comes(person, 'the other one', (stanza) => {
        const body = stanza.kind === 'message' && stanza.child('body');
        return body ? textOf(body) === `from ${1 - at}` : false;
      });
    const proofs = sides.flatMap(({ output }) => output().match(/"proof":"(\w+)"/g) ?? []);
    assert.deepEqual(new Set(proofs), new Set(['"proof":"pinned"']));
  } catch (cause) {
    for (const { domain, output } of sides) t.diagnostic(`${domain} said:\n${output().slice(-20_000)}`);
    throw cause;
  } finally {
    for (const { client } of people) await client.close();
    for (const side of sides) await side.remove();
  }
});
