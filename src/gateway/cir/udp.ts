// CIR by datagram. SUDP: the words to the port the phone listens on. WAPUDP: a WAP push to port 2948. Where to: the address its
// HTTP requests come from, or, where the phone says HELO by datagram, whatever its last datagram came from, since address
// translation on the way gives each socket a port of its own. Only who knows the SessionID can say where a session is.

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP } from 'node:net';
import type { Host } from '../host.ts';
import type { Session } from '../session/session.ts';
import { understand } from './lines.ts';
import type { Channel } from './method.ts';
import { wakeUpText } from './wake-up.ts';
import { pushPort, writeWspPush } from './wsp-push.ts';

const octetsMax = 256;
/** Below are the ports of services, which no phone listens on and which our words must not be aimed at. */
const portMin = 1024;
const defaultPort = 3717;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Makes the socket: Node's own, or one in memory. */
export type Datagrams = (type: 'udp4' | 'udp6') => Socket;

export interface CirUdpOptions {
  readonly host: Host;
  readonly recognise: (sessionId: string) => Session | undefined;
  /** The phone has said by datagram where it is. */
  readonly opened: (session: Session) => void;
  readonly datagrams?: Datagrams | undefined;
}

/** The port a phone asks for its datagrams; undefined: none that could be used. */
export const phonePort = (asked: number | undefined): number | undefined =>
  asked === undefined ? defaultPort : asked >= portMin && asked < 65_536 ? asked : undefined;

export class CirUdp {
  readonly #options: CirUdpOptions;
  readonly #byEndpoint = new Map<string, Session>();
  #socket: Socket | undefined;
  #reaches: 'ipv4' | 'ipv6' | 'both' = 'ipv4';
  #transaction = 0;

  constructor(options: CirUdpOptions) {
    this.#options = options;
  }

  /** Binds the source address of the datagrams. Rejects when it cannot be had. */
  listen(where: { readonly host: string; readonly port: number }): Promise<number> {
    const { host, datagrams = createSocket } = this.#options;
    const isIpv6 = where.host.includes(':');
    // A socket for all IPv6 addresses serves IPv4 as well.
    this.#reaches = !isIpv6 ? 'ipv4' : where.host === '::' ? 'both' : 'ipv6';
    const socket = datagrams(isIpv6 ? 'udp6' : 'udp4');
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(where.port, where.host, () => {
        socket.removeListener('error', reject);
        socket.on('error', (cause) =>
          host.events.failed(host.log, 'listener', cause, 'the CIR datagram socket failed'),
        );
        socket.on('message', (octets, from) => this.#heard(octets, from));
        this.#socket = socket;
        resolve(socket.address().port);
      });
    });
  }

  get isUp(): boolean {
    return this.#socket !== undefined;
  }

  /** Could a datagram go to that address? */
  reaches(address: string): boolean {
    const family = this.#socket ? isIP(address) : 0;
    return family !== 0 && (this.#reaches === 'both' || (family === 6) === (this.#reaches === 'ipv6'));
  }

  readonly sudp: Channel = {
    canReach: (session) => agreed(session, 'SUDP') && this.reaches(sudpTarget(session)?.address ?? ''),
    wake: (session, sent, unsent) => {
      const octets = Buffer.from(wakeUpText(session));
      this.#send(session, sudpTarget(session), octets, sent, unsent);
    },
    forget: (session) => this.#forget(session),
  };

  readonly wapudp: Channel = {
    canReach: (session) => agreed(session, 'WAPUDP') && this.reaches(addressOf(session)),
    wake: (session, sent, unsent) => {
      this.#transaction = (this.#transaction + 1) & 0xff;
      const octets = writeWspPush({ transactionId: this.#transaction, text: wakeUpText(session) });
      this.#send(session, { address: addressOf(session), port: pushPort }, octets, sent, unsent);
    },
  };

  /** A session that was there before a restart. */
  restored(session: Session): void {
    const { heard } = session.state.reach ?? {};
    if (heard) this.#byEndpoint.set(keyOf(heard), session);
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket) await new Promise<void>((resolve) => socket.close(resolve));
  }

  #send(
    session: Session,
    to: Endpoint | undefined,
    octets: Uint8Array,
    sent: () => void,
    unsent: (why: string) => void,
  ): void {
    if (!to || !this.#socket) return unsent('unreachable');
    const address = this.#reaches === 'both' && !to.address.includes(':') ? `::ffff:${to.address}` : to.address;
    this.#socket.send(octets, to.port, address, (cause) => {
      if (!cause) return sent();
      session.log.info({ err: cause }, 'a wake-up datagram could not be sent');
      unsent('socket');
    });
  }

  /** Answers are never longer than what they answer, and strangers get none. */
  #heard(octets: Uint8Array, from: RemoteInfo): void {
    if (octets.length > octetsMax) return;
    const endpoint = { address: from.address.replace(/^::ffff:(?=[\d.]+$)/, ''), port: from.port };
    const said = understand(Buffer.from(octets).toString('latin1'));
    const known = this.#byEndpoint.get(keyOf(endpoint));
    const session =
      said.kind === 'helo' ? this.#options.recognise(said.sessionId) : said.kind === 'ping' ? known : undefined;
    if (!session || session.isEnded || !agreed(session, 'SUDP')) return;
    if (known && known !== session) this.#forget(known);
    this.#remember(session, endpoint);
    this.#socket?.send('OK', from.port, from.address, (cause) => {
      if (cause) session.log.debug({ err: cause }, 'a datagram could not be answered');
    });
    this.#options.opened(session);
  }

  #remember(session: Session, endpoint: Endpoint): void {
    const { heard } = session.state.reach ?? {};
    const httpAddress = addressOf(session);
    if (heard && keyOf(heard) === keyOf(endpoint) && heard.httpAddress === httpAddress) return;
    if (heard) this.#byEndpoint.delete(keyOf(heard));
    this.#byEndpoint.set(keyOf(endpoint), session);
    session.state.reach = { ...session.state.reach, heard: { ...endpoint, httpAddress } };
    session.changed();
  }

  #forget(session: Session): void {
    const { heard, ...reach } = session.state.reach ?? {};
    if (!heard) return;
    if (this.#byEndpoint.get(keyOf(heard)) === session) this.#byEndpoint.delete(keyOf(heard));
    session.state.reach = reach;
  }
}

const agreed = ({ state }: Session, method: 'SUDP' | 'WAPUDP'): boolean =>
  state.capabilities.cirMethods.includes(method);

const keyOf = ({ address, port }: Endpoint): string => `${address} ${port}`;

/** Where its HTTP requests come from: the phone may have moved since it negotiated. Empty when nobody knows. */
const addressOf = ({ remoteAddress, state }: Session): string => remoteAddress || state.udp?.address || '';

/** The phone's last datagram tells, unless its HTTP requests come from elsewhere since. */
const sudpTarget = (session: Session): Endpoint | undefined => {
  const { heard } = session.state.reach ?? {};
  const { udp } = session.state;
  const hasMoved = session.remoteAddress !== '' && heard?.httpAddress !== session.remoteAddress;
  if (heard && !hasMoved) return heard;
  return udp && { address: addressOf(session), port: udp.port };
};
