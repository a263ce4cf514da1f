// Everything a server can say, in any order and cut anywhere: nobody gets a stanza in who was not authenticated for it, nothing
// is left behind, and nothing breaks but the stream.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SimulatedClock } from '../../base/clock.ts';
import { acceptS2s } from './accept.ts';
import { openS2s } from './open.ts';
import type { KeyVerdict } from './s2s.ts';
import { capuletOptions, lenient, montagueOptions, TestListener } from './testing.ts';
import { Wire } from './wire.ts';

const header = (from: string, to: string): string =>
  `<?xml version='1.0'?><stream:stream from='${from}' to='${to}' id='i' version='1.0' xmlns='jabber:server' xmlns:db='jabber:server:dialback' xmlns:stream='http://etherx.jabber.org/streams'>`;
const [capulet, montague] = ['capulet.example', 'montague.example'];

const vocabulary = (them: string, us: string): readonly string[] => [
  header(them, us),
  header('verona.example', us),
  "<stream:features><dialback xmlns='urn:xmpp:features:dialback'/><bidi xmlns='urn:xmpp:features:bidi'/><sm xmlns='urn:xmpp:sm:3'/><pipelining xmlns='urn:xmpp:features:pipelining'/></stream:features>",
  "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms></stream:features>",
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>",
  "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
  "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
  "<bidi xmlns='urn:xmpp:bidi'/>",
  `<db:result from='${them}' to='${us}'>right</db:result>`,
  `<db:result from='verona.example' to='${us}'>wrong</db:result>`,
  `<db:result from='${them}' to='${us}' type='valid'/>`,
  `<db:result from='verona.example' to='${us}' type='valid'/>`,
  `<db:verify from='${them}' to='${us}' id='i'>k</db:verify>`,
  `<db:verify from='${them}' to='${us}' id='i' type='valid'/>`,
  "<enable xmlns='urn:xmpp:sm:3' resume='true'/>",
  "<enabled xmlns='urn:xmpp:sm:3' id='x' resume='true'/>",
  "<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>",
  "<resumed xmlns='urn:xmpp:sm:3' previd='x' h='0'/>",
  "<failed xmlns='urn:xmpp:sm:3'/>",
  "<r xmlns='urn:xmpp:sm:3'/>",
  "<a xmlns='urn:xmpp:sm:3' h='0'/>",
  `<message from='romeo@${them}' to='juliet@${us}'/>`,
  `<message from='romeo@${them}' to='juliet@${us}'/>`,
  `<message from='romeo@verona.example' to='juliet@${us}'/>`,
  `<iq from='${them}' to='${us}' type='get' id='1'/>`,
  ' ',
  '</stream:stream>',
];

const verify = async ({ key }: { key: string }): Promise<KeyVerdict> => ({
  verdict: key === 'right' ? 'valid' : 'invalid',
});
const policy = { ...lenient, tls: 'off' } as const;
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

for (const direction of ['in', 'out'] as const)
  test(`${direction === 'in' ? 'a server that connects to us' : 'a server we connect to'} may say anything`, async () => {
    const [them, us] = direction === 'in' ? [capulet, montague] : [montague, capulet];
    const words = vocabulary(them, us);
    let deliveries = 0;
    const said = fc.array(fc.nat(words.length - 1), { maxLength: 12 });
    const property = fc.asyncProperty(said, fc.boolean(), fc.nat(40), async (all, isProper, piece) => {
      const clock = new SimulatedClock();
      const wire = new Wire();
      const [left, right] = wire.ends;
      const listener = new TestListener();
      const stream =
        direction === 'in'
          ? acceptS2s(left, { ...montagueOptions(listener), clock, policyFor: () => policy, verifyKey: verify })
          : openS2s(left, {
              ...capuletOptions(listener),
              clock,
              policy,
              usesBidi: true,
              bidi: {
                isOurs: (domain) => domain === us,
                policyFor: () => policy,
                isOurKey: () => false,
                verifyKey: verify,
              },
            });
      const strays: string[] = [];
      listener.handle = ({ from, to }) => {
        deliveries++;
        const pair = stream.pairs.find(({ local, remote }) => local === to?.domain && remote === from?.domain);
        if (!pair || !listener.happened.some((one) => one.startsWith(`${us} ${them}`))) strays.push(`${from} to ${to}`);
      };
      right.on('data', () => {}).on('error', () => {});
      const proper = direction === 'in' ? [0, 7, 8] : [0, 2, 10];
      const octets = Buffer.from([...(isProper ? proper : []), ...all].map((one) => words[one]).join(''));
      for (let at = 0; at < octets.length; at += piece + 1 + (octets.length >> 4)) {
        right.write(octets.subarray(at, at + piece + 1 + (octets.length >> 4)));
        await turns(1);
      }
      await turns(8);
      wire.cut();
      await turns(4);
      clock.advance(3_600_000);
      await turns(2);
      assert.deepEqual(strays, [], 'nobody was authenticated for these');
      assert.equal(stream.state, 'ended');
      assert.equal(clock.armed, 0, 'a timer is left');
    });
    await fc.assert(property, { numRuns: 400 });
    assert.ok(deliveries > 20, `${deliveries} stanzas came through`);
  });
