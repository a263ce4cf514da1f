// Two servers that run, one person on each: what a test of federation begins with, and what ends it.

import type { TestContext } from 'node:test';
import { canServeNames } from '../peers/dns.ts';
import { hasEjabberd } from '../peers/ejabberd.ts';
import { type Network, startNetwork } from '../peers/network.ts';
import type { Friend } from '../peers/slixmpp.ts';
import { hasSlixmpp } from '../peers/slixmpp.ts';
import type { Person } from './conversation.ts';
import { password, type Side } from './sides.ts';

/** Why these suites cannot run here; in CI they must. */
export const skip =
  process.env['CI'] || (hasSlixmpp() && hasEjabberd())
    ? !canServeNames() && 'only root may serve names on port 53 and make mount namespaces'
    : 'python3-slixmpp or ejabberd is not installed';

export class World {
  readonly network: Network;
  /** In the order given. */
  readonly sides: readonly [Side, Side];
  readonly #clients = new Set<Friend>();

  constructor(network: Network, sides: readonly [Side, Side]) {
    this.network = network;
    this.sides = sides;
  }

  /** A person of the side who has an account and signs in. */
  async newcomer(side: Side, name: string): Promise<Person> {
    await side.addUser(name, password);
    return this.signIn(side, name);
  }

  async signIn(side: Side, name: string, resource?: string): Promise<Person> {
    const client = await side.signIn(name, resource);
    this.#clients.add(client);
    return { jid: `${name}@${side.domain}`, client };
  }

  /** Signs in again the same people, after their server was away. */
  async again(side: Side, { jid, client }: Person): Promise<Person> {
    await client.kill();
    this.#clients.delete(client);
    return this.signIn(side, jid.slice(0, jid.indexOf('@')));
  }

  async end(): Promise<void> {
    for (const client of this.#clients) await client.kill();
    for (const side of this.sides) await side.remove();
  }
}

type MakeSide = (network: Network) => Promise<Side>;

/** Runs `story` in a world of its own, with ann on the first server and bob on the second. A failure shows what both logged. */
export const inWorld = async (
  t: TestContext,
  makers: readonly [MakeSide, MakeSide],
  story: (world: World, ann: Person, bob: Person) => Promise<void>,
): Promise<void> => {
  await using network = await startNetwork();
  const world = new World(network, [await makers[0](network), await makers[1](network)]);
  const [one, other] = world.sides;
  try {
    await Promise.all(world.sides.map((side) => side.start()));
    const [ann, bob] = await Promise.all([world.newcomer(one, 'ann'), world.newcomer(other, 'bob')]);
    await story(world, ann, bob);
  } catch (cause) {
    for (const { domain, output } of world.sides) t.diagnostic(`${domain} said:\n${output().slice(-20_000)}`);
    t.diagnostic(`names asked for: ${network.dns.queries.join(', ')}`);
    throw cause;
  } finally {
    await world.end();
  }
};
