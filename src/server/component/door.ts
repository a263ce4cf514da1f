// Where components come in: whoever has not proven a secret yet is a stranger, and there is room for few of them.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { networkOf } from '../../base/network.ts';
import { acceptComponent } from '../../xmpp/component/accept.ts';
import type { ComponentOptions, ComponentStream } from '../../xmpp/component/component.ts';

export interface DoorOptions extends Omit<ComponentOptions, 'disconnected'> {
  /** Connections without a handshake yet, in all and from one address. More are closed at once. */
  readonly strangersMax?: number | undefined;
  readonly strangersPerAddressMax?: number | undefined;
  /** One more than that came from there. */
  refused(remote: string): void;
}

export class Door {
  readonly #options: DoorOptions;
  readonly #streams = new Map<Duplex, ComponentStream>();
  readonly #strangers = new Map<Duplex, string>();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Takes over a connected socket. */
  accept(socket: Duplex): void {
    const { strangersMax = 100, strangersPerAddressMax = 40 } = this.#options;
    const address = networkOf((socket as Partial<Socket>).remoteAddress ?? '');
    const fromThere = [...this.#strangers.values()].filter((other) => other === address).length;
    if (this.#strangers.size >= strangersMax || fromThere >= strangersPerAddressMax) {
      this.#options.refused(address);
      socket.on('error', () => {});
      socket.destroy();
      return;
    }
    this.#strangers.set(socket, address);
    const stream = acceptComponent(socket, {
      ...this.#options,
      knows: (domain) => this.#options.knows(domain),
      admit: async (claimant, claim) => {
        const admitted = await this.#options.admit(claimant, claim);
        if (admitted.ok) this.#strangers.delete(socket);
        return admitted;
      },
      disconnected: () => {
        this.#streams.delete(socket);
        this.#strangers.delete(socket);
      },
    });
    this.#streams.set(socket, stream);
  }

  /** Ends everybody's stream with <system-shutdown/>; resolves when all are gone. */
  async close(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((stream) => stream.close({ condition: 'system-shutdown' })));
  }
}
