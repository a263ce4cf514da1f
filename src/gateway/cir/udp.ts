// CIR over UDP (SUDP): a datagram to the port the phone listens on, at the address its HTTP requests come from.

import { createSocket, type Socket } from 'node:dgram';
import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import { wakeUpText } from './wake-up.ts';

export class CirUdp {
  readonly #host: Host;
  #socket: Socket | undefined;
  #isIpv6 = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Binds the source address of the datagrams. Rejects when it cannot be had. */
  listen(where: { readonly host: string; readonly port: number }): Promise<number> {
    this.#isIpv6 = where.host.includes(':');
    const socket = createSocket({ type: this.#isIpv6 ? 'udp6' : 'udp4' });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(where.port, where.host, () => {
        socket.removeListener('error', reject);
        socket.on('error', (cause) =>
          this.#host.events.failed(this.#host.log, 'listener', cause, 'the CIR datagram socket failed'),
        );
        // Nothing is expected; what comes is not read.
        socket.on('message', () => {});
        this.#socket = socket;
        resolve(socket.address().port);
      });
    });
  }

  /** False when the session did not agree to datagrams, or they cannot be sent. */
  wake(session: Session): boolean {
    const { udp, capabilities } = session.state;
    if (!udp || !this.#socket || !capabilities.cirMethods.includes('SUDP')) return false;
    // The phone may have moved since it negotiated.
    const address = (session.remoteAddress || udp.address).replace(/^::ffff:/, '');
    if (address.includes(':') !== this.#isIpv6) return false;
    this.#socket.send(wakeUpText(session), udp.port, address, (cause) => {
      if (cause) session.log.info({ err: cause }, 'a wake-up datagram could not be sent');
    });
    return true;
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) await new Promise<void>((resolve) => socket.close(resolve));
  }
}
