// What a client stream of ours needs to know, and what it may cost.

import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Random } from '../../base/random.ts';
import type { XmlLimits } from '../../xml/limits.ts';
import type { Jid } from '../jid.ts';
import type { LinkResumption } from '../link.ts';
import type { Mechanism } from '../sasl/mechanisms.ts';

/** Where and how to reach a server. */
export interface ServerAddress {
  readonly domain: string;
  readonly host: string;
  readonly port: number;
  /**
   * 'required': STARTTLS, and a certificate that holds. 'direct': TLS from the first octet, and a certificate that holds.
   * 'optional': STARTTLS where it is offered, whatever the certificate; the password itself (PLAIN) is then never shown, only
   * proven. 'off': no TLS, for closed networks.
   */
  readonly tls: 'required' | 'direct' | 'optional' | 'off';
  /** PEM of the authorities to trust instead of the usual ones. */
  readonly ca?: string;
  /** Takes any certificate for good: tests and closed networks. */
  readonly insecure?: boolean;
}

/** Times in milliseconds. */
export interface ClientLimits {
  readonly xml: Partial<XmlLimits>;
  /** From the first packet to a bound session. */
  readonly connectMs: number;
  /** Quiet from the server before it is asked for a sign of life, and how long it then has. */
  readonly pingMs: number;
  readonly answerMs: number;
  readonly closeMs: number;
  /** A lost connection is tried again after about so long, doubling up to the other. */
  readonly retryMs: number;
  readonly retryMsMax: number;
  /** For how long, where the server does not say. */
  readonly resumeMs: number;
  /** Stanzas, and characters of them, waiting for the server's acknowledgement. */
  readonly unackedMax: number;
  readonly unackedCharsMax: number;
}

export const defaultClientLimits: ClientLimits = {
  xml: { bytesMax: 1_048_576 },
  connectMs: 30_000,
  pingMs: 90_000,
  answerMs: 30_000,
  closeMs: 3_000,
  retryMs: 500,
  retryMsMax: 30_000,
  resumeMs: 300_000,
  unackedMax: 20_000,
  unackedCharsMax: 16_000_000,
};

export interface ClientOptions {
  readonly server: ServerAddress;
  readonly account: Jid;
  readonly password: string;
  /** '' leaves the choice to the server. */
  readonly resource: string;
  readonly resume?: LinkResumption;
  readonly mechanisms?: readonly Mechanism[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits?: Partial<ClientLimits>;
  /** Makes the connection; by default a TCP one. */
  readonly connect?: (host: string, port: number) => Duplex;
}
