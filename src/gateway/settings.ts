// The gateway's slice of the configuration, with its defaults and bounds.

export interface GatewaySettings {
  /** Our own server's domain: what a UserID without a domain means, and whose sessions are restored without a password. */
  readonly domain: string;
  readonly keepAlive: {
    /** Seconds granted at least and at most. Nokia S60 sends keep-alives at half the time less 60 s: not below 180. */
    readonly minS: number;
    readonly maxS: number;
    /** Seconds of silence a session survives beyond what was granted. */
    readonly graceS: number;
  };
  /** Seconds an idle poll is held open where no CIR channel is up; 0 turns it off. Nokia S60 gives a poll up after 20. */
  readonly pollHoldS: number;
  /** Least seconds between polls that phones are told. */
  readonly serverPollMinS: number;
  /** Seconds after which an unacknowledged server request is handed out again. */
  readonly redeliverS: number;
  readonly cir: {
    /** The host name or address phones are told; undefined: the Host they used for HTTP. */
    readonly publicHost: string | undefined;
    /** The TCP port phones are told; undefined: no TCP channel. Set when the listener is up. */
    readonly tcpPort: number | undefined;
    readonly udp: boolean;
    /** Seconds between WVCI messages to a phone that does not poll. */
    readonly repeatS: number;
    readonly idleMaxS: number;
    /** Connections in all, connections without a HELO per address, seconds to say HELO. */
    readonly connectionsMax: number;
    readonly strangersPerAddressMax: number;
    readonly heloWithinS: number;
  };
  readonly provider: { readonly name: string; readonly description?: string; readonly url?: string };
  readonly limits: GatewayLimits;
}

export interface GatewayLimits {
  readonly requestBytesMax: number;
  readonly transactionsPerMessageMax: number;
  readonly sessionsMax: number;
  readonly sessionsPerAccountMax: number;
  /** Requests per second of one session, averaged over ten seconds. */
  readonly requestsPerSecondMax: number;
  /** Requests being worked on (held polls not counted). */
  readonly concurrentRequestsMax: number;
  /** Waiting requests of one session; beyond it the senders of messages are told to wait. */
  readonly waitingMax: number;
  readonly noncesMax: number;
}

export const defaultSettings: Omit<GatewaySettings, 'domain'> = {
  keepAlive: { minS: 300, maxS: 7200, graceS: 60 },
  pollHoldS: 8,
  serverPollMinS: 10,
  redeliverS: 60,
  cir: {
    publicHost: undefined,
    tcpPort: undefined,
    udp: false,
    repeatS: 45,
    idleMaxS: 1800,
    connectionsMax: 10_000,
    strangersPerAddressMax: 16,
    heloWithinS: 30,
  },
  provider: { name: 'onesoup' },
  limits: {
    requestBytesMax: 512 * 1024,
    transactionsPerMessageMax: 16,
    sessionsMax: 20_000,
    sessionsPerAccountMax: 8,
    requestsPerSecondMax: 10,
    concurrentRequestsMax: 2000,
    waitingMax: 1000,
    noncesMax: 10_000,
  },
};
