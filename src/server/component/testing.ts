// A server with components, in memory, for tests.

import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom } from '../../base/random.ts';
import { quiet, ScriptedComponent } from '../../xmpp/component/scripted-component.ts';
import type { Client } from '../testing/client.ts';
import { type TestServer, testServer } from '../testing/server.ts';
import { type Components, type ComponentsOptions, createComponents } from './components.ts';
import type { ComponentSettings } from './settings.ts';

export const sms = 'sms.home.test';

export class ComponentWorld {
  readonly server: TestServer;
  readonly components: Components;
  readonly #peers: ScriptedComponent[] = [];

  constructor(settings: Partial<ComponentSettings> = {}, options: Partial<ComponentsOptions> = {}) {
    this.server = testServer();
    const { clock } = this.server;
    this.components = createComponents({
      server: this.server,
      components: [{ domain: sms, secret: 'secret', ...settings }],
      clock,
      random: seededRandom(2),
      log: silentLog,
      meter: silentMeter,
      ...options,
    });
  }

  /** Somebody at the port for components, who has said nothing yet. */
  peer(): ScriptedComponent {
    const peer = new ScriptedComponent();
    this.#peers.push(peer);
    this.components.accept(peer.far);
    return peer;
  }

  async connect(secret = 'secret'): Promise<ScriptedComponent> {
    const peer = this.peer();
    await peer.connects(sms, secret);
    await this.settle();
    return peer;
  }

  signIn(name: string, resource?: string): Promise<Client> {
    return this.server.signIn(name, resource);
  }

  /** `name` sees `contact`, and is seen. */
  async befriend(name: string, contact: string): Promise<void> {
    await this.server.addAccount(name);
    await this.server.store.rosters.set(`${name}@home.test`, contact, {
      contact,
      name: undefined,
      groups: [],
      subscription: 'both',
      ask: false,
      request: undefined,
      approved: false,
      listed: true,
    });
  }

  async settle(): Promise<void> {
    await quiet();
    await this.server.settle();
    await quiet();
  }

  async end(): Promise<void> {
    const closing = this.components.close();
    for (const peer of this.#peers) peer.says('</stream:stream>');
    await quiet();
    this.server.clock.advance(10_000);
    await closing;
    await this.server.close();
  }
}

/** The test's body in a world of its own, closed at the end whatever happens. */
export const inWorld = async (
  work: (world: ComponentWorld) => Promise<void>,
  ...options: ConstructorParameters<typeof ComponentWorld>
): Promise<void> => {
  const world = new ComponentWorld(...options);
  try {
    await work(world);
  } finally {
    await world.end();
  }
};
