// What a node holds after any sequence of requests; quotas; what disco says; who hears of what; an account's end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { childrenNamed, elementsOf, textOf } from '../../../xml/element.ts';
import { conditionOf, type Stanza } from '../../../xmpp/stanza.ts';
import { stanzaFromText } from '../../../xmpp/stanza-text.ts';
import type { ServerLimits } from '../../limits.ts';
import type { Client } from '../../testing/client.ts';
import { type TestServer, testServer } from '../../testing/server.ts';
import { emptyItem } from '../../users/roster.ts';
import { capsVersion } from '../disco/caps.ts';
import { pubsubFeatures } from './index.ts';
import { eventNs, ownerNs, pubsubNs } from './names.ts';

const info = 'http://jabber.org/protocol/disco#info';

/** Sends one request and takes its answer; what else came stays. */
const ask = async (client: Client, type: 'get' | 'set', content: string, to = ''): Promise<Stanza> => {
  const id = `q${Math.random()}`;
  await client.sends(`<iq type='${type}' id='${id}' ${to && `to='${to}'`}>${content}</iq>`);
  const at = client.received.findIndex((one) => one.id === id);
  const [answer] = client.received.splice(at, 1);
  assert(at >= 0 && answer);
  return answer;
};
const inPubsub = (content: string): string => `<pubsub xmlns='${pubsubNs}'>${content}</pubsub>`;
const inOwner = (content: string): string => `<pubsub xmlns='${ownerNs}'>${content}</pubsub>`;
const field = (name: string, ...values: string[]): string =>
  `<field var='pubsub#${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
const form = (...fields: string[]): string => `<x xmlns='jabber:x:data' type='submit'>${fields.join('')}</x>`;
const publish = (client: Client, node: string, id: string, text = id, ...options: string[]): Promise<Stanza> =>
  ask(
    client,
    'set',
    inPubsub(
      `<publish node='${node}'><item id='${id}'><p xmlns='p'>${text}</p></item></publish>${
        options.length > 0 ? `<publish-options>${form(...options)}</publish-options>` : ''
      }`,
    ),
  );
const items = async (client: Client, node: string, to = ''): Promise<string[] | string> => {
  const answer = await ask(client, 'get', inPubsub(`<items node='${node}'/>`), to);
  if (answer.type === 'error') return conditionOf(answer)?.condition ?? '';
  const [list] = elementsOf(answer.child('pubsub', pubsubNs) ?? assert.fail());
  return childrenNamed(list ?? assert.fail(), 'item').map((item) => {
    const [payload] = elementsOf(item);
    return `${item.attrs.id}=${payload && textOf(payload)}`;
  });
};

/** A client that says what it wants, and answers when it is asked. */
const wanting = async (server: TestServer, who: string, resource: string, ...nodes: string[]): Promise<Client> => {
  const client = await server.signIn(who, resource);
  const features = nodes.map((node) => `${node}+notify`);
  const ver = capsVersion([{ category: 'client', type: 'pc' }], features);
  await client.sends(
    `<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='${ver}'/></presence>`,
  );
  if (client.received.some(({ kind, type }) => kind === 'iq' && type === 'get'))
    await client.answers(
      `<iq type='result'><query xmlns='${info}'><identity category='client' type='pc'/>${features
        .map((feature) => `<feature var='${feature}'/>`)
        .join('')}</query></iq>`,
    );
  return client;
};
/** The events a client got, in short, and nothing of them left. */
const events = async (server: TestServer, client: Client): Promise<string[]> => {
  await server.settle();
  return client.received.splice(0).flatMap((stanza) => {
    const [content] = elementsOf(stanza.child('event', eventNs) ?? { name: '', xmlns: '', attrs: {}, children: [] });
    if (!content) return [];
    const inner = elementsOf(content).map(({ name, attrs }) => `${name} ${attrs.id ?? ''}`.trim());
    return `${stanza.from} ${content.name} ${content.attrs.node}: ${inner.join(', ')}`;
  });
};
const befriend = async ({ store }: TestServer, groups: readonly string[] = []): Promise<void> => {
  for (const [user, contact] of [
    ['anna@home.test', 'mila@home.test'],
    ['mila@home.test', 'anna@home.test'],
  ] as const)
    await store.rosters.set(user, contact, { ...emptyItem(contact), subscription: 'both', listed: true, groups });
};
const withServer = async (
  body: (server: TestServer) => Promise<void>,
  limits: Partial<ServerLimits> = {},
): Promise<void> => {
  const server = testServer({ limits });
  try {
    await body(server);
  } finally {
    await server.close();
  }
};

type Command =
  | { readonly do: 'publish' | 'retract'; readonly id: string }
  | { readonly do: 'keep'; readonly max: number | 'max' }
  | { readonly do: 'persist'; readonly persist: boolean }
  | { readonly do: 'purge' | 'delete' };
const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), id: ids }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retract' as const), id: ids }) },
  fc.record({ do: fc.constant('keep' as const), max: fc.constantFrom(1, 2, 3, 'max' as const) }),
  fc.record({ do: fc.constant('persist' as const), persist: fc.boolean() }),
  fc.record({ do: fc.constantFrom('purge' as const, 'delete' as const) }),
);

test('whatever the owner does, a node holds its newest items, newest first', () =>
  withServer(
    async (server) => {
      const anna = await server.signIn('anna');
      let number = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(commands, { maxLength: 15 }), async (list) => {
          const node = `n${number++}`;
          let model: { items: string[]; max: number | 'max'; persist: boolean } | undefined;
          const keep = (): void => {
            if (model)
              model.items.length = Math.min(
                model.items.length,
                !model.persist ? 0 : model.max === 'max' ? 4 : model.max,
              );
          };
          for (const [at, command] of list.entries()) {
            let answer: Stanza;
            let isRight = model !== undefined;
            switch (command.do) {
              case 'publish':
                answer = await publish(anna, node, command.id, String(at));
                model ??= { items: [], max: 1, persist: true };
                model.items = model.items.filter((item) => !item.startsWith(command.id));
                model.items.unshift(`${command.id}=${at}`);
                isRight = true;
                break;
              case 'retract':
                answer = await ask(
                  anna,
                  'set',
                  inPubsub(`<retract node='${node}'><item id='${command.id}'/></retract>`),
                );
                isRight = model?.items.some((item) => item.startsWith(command.id)) ?? false;
                if (model) model.items = model.items.filter((item) => !item.startsWith(command.id));
                break;
              case 'keep':
              case 'persist': {
                const change =
                  command.do === 'keep'
                    ? field('max_items', String(command.max))
                    : field('persist_items', String(command.persist));
                answer = await ask(anna, 'set', inOwner(`<configure node='${node}'>${form(change)}</configure>`));
                if (model && command.do === 'keep') model.max = command.max;
                if (model && command.do === 'persist') model.persist = command.persist;
                break;
              }
              case 'purge':
                answer = await ask(anna, 'set', inOwner(`<purge node='${node}'/>`));
                if (model) model.items = [];
                break;
              case 'delete':
                answer = await ask(anna, 'set', inOwner(`<delete node='${node}'/>`));
                model = undefined;
                break;
              default:
                return command satisfies never;
            }
            keep();
            assert.equal(answer.type, isRight ? 'result' : 'error', JSON.stringify(command));
            assert.deepEqual(await items(anna, node), model ? model.items : 'item-not-found');
          }
          if (model) await ask(anna, 'set', inOwner(`<delete node='${node}'/>`));
        }),
        { numRuns: 25 },
      );
    },
    { pubsubItemsMax: 4 },
  ));

test('nodes, octets, the size of an item and the whitelist are limited, and a refusal changes nothing', () =>
  withServer(
    async (server) => {
      const anna = await server.signIn('anna');
      const condition = async (answer: Promise<Stanza>): Promise<string | undefined> =>
        conditionOf(await answer)?.condition;
      assert.equal(await condition(publish(anna, 'a', '1', 'x'.repeat(501))), 'not-acceptable');
      assert.equal((await publish(anna, 'a', '1', 'x'.repeat(400), field('max_items', 'max'))).type, 'result');
      assert.equal((await publish(anna, 'a', '2', 'y'.repeat(10))).type, 'result');
      // In place of the first there is room for as much; beside it there is not.
      assert.equal((await publish(anna, 'a', '1', 'z'.repeat(400))).type, 'result');
      assert.equal(await condition(publish(anna, 'a', '3', 'x'.repeat(400))), 'resource-constraint');
      assert.deepEqual(await items(anna, 'a'), [`1=${'z'.repeat(400)}`, `2=${'y'.repeat(10)}`]);
      assert.equal(await condition(publish(anna, 'b', '1', 'x'.repeat(400))), 'resource-constraint');
      assert.equal(await items(anna, 'b'), 'item-not-found');
      assert.equal(await condition(publish(anna, 'n'.repeat(1_024), '1')), 'not-acceptable');
      assert.equal(await condition(publish(anna, 'a', 'n'.repeat(1_024))), 'not-acceptable');
      await ask(anna, 'set', inOwner(`<delete node='a'/>`));
      for (const node of ['a', 'b']) assert.equal((await publish(anna, node, '1')).type, 'result');
      assert.equal(await condition(publish(anna, 'c', '1')), 'resource-constraint');
      assert.equal(await condition(ask(anna, 'set', inPubsub(`<create node='c'/>`))), 'resource-constraint');
      const listed = ['x@y', 'x@z'].map((jid) => `<affiliation jid='${jid}' affiliation='member'/>`).join('');
      const whitelist = ask(anna, 'set', inOwner(`<affiliations node='a'>${listed}</affiliations>`));
      assert.equal(await condition(whitelist), 'resource-constraint');
    },
    { pubsubNodesMax: 2, pubsubItemMax: 500, pubsubBytesMax: 1_100, pubsubMembersMax: 1 },
  ));

test('an account says that it has personal eventing, and each feature once', () =>
  withServer(async (server) => {
    const anna = await server.signIn('anna');
    const query = (await ask(anna, 'get', `<query xmlns='${info}'/>`)).child('query', info) ?? assert.fail();
    assert(childrenNamed(query, 'identity').some(({ attrs }) => attrs.category === 'pubsub' && attrs.type === 'pep'));
    const features = childrenNamed(query, 'feature').flatMap(({ attrs }) => attrs.var ?? []);
    const ours = features.filter((feature) => feature.startsWith(pubsubNs));
    assert.deepEqual(ours, [pubsubNs, ...pubsubFeatures.map((name) => `${pubsubNs}#${name}`)].sort());
  }));

test('what is private goes to the own clients alone; deleting and purging is told', () =>
  withServer(async (server) => {
    await server.addAccount('anna', 'mila');
    await befriend(server);
    const mila = await wanting(server, 'mila', 'desk', 'secret', 'open');
    const tablet = await wanting(server, 'anna', 'tablet', 'secret', 'open');
    const phone = await server.signIn('anna', 'phone');
    await publish(
      phone,
      'secret',
      '1',
      'x',
      field('access_model', 'whitelist'),
      field('send_last_published_item', 'never'),
    );
    await publish(phone, 'open', '1', 'x', field('access_model', 'open'));
    await ask(phone, 'set', inPubsub(`<retract node='secret'><item id='1'/></retract>`));
    await ask(phone, 'set', inOwner(`<purge node='open'/>`));
    await ask(phone, 'set', inOwner(`<delete node='open'/>`));
    assert.deepEqual(await events(server, tablet), [
      'anna@home.test items secret: item 1',
      'anna@home.test items open: item 1',
      'anna@home.test items secret: retract 1',
      'anna@home.test purge open: ',
      'anna@home.test delete open: ',
    ]);
    assert.deepEqual(await events(server, mila), [
      'anna@home.test items open: item 1',
      'anna@home.test purge open: ',
      'anna@home.test delete open: ',
    ]);
    await publish(phone, 'secret', '2');
    await events(server, tablet);
    await tablet.sends("<presence type='unavailable'/>");
    await publish(phone, 'secret', '3');
    assert.deepEqual(await events(server, tablet), [], 'it is away');
    const again = await wanting(server, 'anna', 'tablet', 'secret', 'open');
    assert.deepEqual(await events(server, again), [], 'this node never sends its last item');
    await ask(
      phone,
      'set',
      inOwner(`<configure node='secret'>${form(field('deliver_notifications', '0'))}</configure>`),
    );
    await publish(phone, 'secret', '4');
    assert.deepEqual(await events(server, again), []);
  }));

test('roster groups may read and hear when the node lets them', () =>
  withServer(async (server) => {
    await server.addAccount('anna', 'mila');
    await befriend(server, ['Sailors']);
    const anna = await server.signIn('anna');
    const mila = await wanting(server, 'mila', 'desk', 'a', 'b');
    await publish(anna, 'a', '1', 'x', field('access_model', 'roster'), field('roster_groups_allowed', 'Cooks'));
    await publish(
      anna,
      'b',
      '1',
      'x',
      field('access_model', 'roster'),
      field('roster_groups_allowed', 'Sailors', 'Cooks'),
    );
    assert.equal(await items(mila, 'a', 'anna@home.test'), 'not-authorized');
    assert.deepEqual(await items(mila, 'b', 'anna@home.test'), ['1=x']);
    assert.deepEqual(await events(server, mila), ['anna@home.test items b: item 1']);
  }));

test('a client that does not answer, or goes meanwhile, keeps no other of its kind from being asked', () =>
  withServer(async (server) => {
    await server.addAccount('anna');
    const caps = (ver: string): string =>
      `<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='${ver}'/></presence>`;
    const ver = capsVersion([{ category: 'client', type: 'pc' }], ['a+notify']);
    const silent = await server.signIn('anna', 'silent');
    await publish(silent, 'a', '1');
    await silent.sends(caps(ver));
    assert.equal(silent.received.filter(({ kind }) => kind === 'iq').length, 1);
    const other = await server.signIn('anna', 'other');
    await other.sends(caps(ver));
    assert.equal(other.received.filter(({ kind }) => kind === 'iq').length, 0, 'one is asked at a time');
    await silent.sends("<presence type='unavailable'/>");
    await server.settle();
    assert.equal(other.received.filter(({ kind }) => kind === 'iq').length, 1);
    const third = await server.signIn('anna', 'third');
    await third.sends(caps(ver));
    server.clock.advance(60_001);
    await server.settle();
    await third.answers(
      `<iq type='result'><query xmlns='${info}'><identity category='client' type='pc'/><feature var='a+notify'/></query></iq>`,
    );
    assert.deepEqual(await events(server, third), ['anna@home.test items a: item 1']);
    assert.deepEqual(await server.store.capabilities.features(`sha-1 ${ver}`), ['a+notify']);
  }));

test('an account that is removed leaves nothing behind, and its namesake starts anew', () =>
  withServer(async (server) => {
    const anna = await wanting(server, 'anna', 'phone', 'a');
    await publish(anna, 'a', '1');
    const host = server.hosts.get('home.test') ?? assert.fail();
    await host.accounts.remove(anna.link.jid.bare);
    assert.deepEqual(await server.store.pubsub.nodes('anna@home.test'), []);
    assert.equal(await server.store.pubsub.size('anna@home.test'), 0);
    const namesake = await wanting(server, 'anna', 'phone', 'a');
    assert.equal(await items(namesake, 'a'), 'item-not-found');
  }));

test('a flood of presence for accounts that are not there asks a slow Store so much, and no more', async () => {
  const server = testServer();
  const { pubsub } = server.store;
  const { nodes } = pubsub;
  const gate = Promise.withResolvers<void>();
  let asked = 0;
  pubsub.nodes = async (account) => {
    asked++;
    await gate.promise;
    return nodes.call(pubsub, account);
  };
  const flood = async (): Promise<void> => {
    for (let n = 0; n < 1_500; n++)
      await server.route(
        stanzaFromText(
          `<presence from='eve@far.test/${n}' to='nobody${n}@home.test'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>`,
        ),
      );
  };
  await flood();
  assert.equal(asked, 1_000);
  gate.resolve();
  await server.settle();
  await flood();
  assert.ok(asked >= 2_000, 'and when it has answered, it is asked again');
  await server.settle();
  await server.close();
});
