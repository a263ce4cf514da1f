// The gateway's slice of the configuration, with its defaults and bounds.

import { type Method, methods } from './cir/method.ts';

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
    /** Where phones ask over HTTP whether something waits, without the /cir/… behind it; undefined: where they reached us. */
    readonly publicUrl: string | undefined;
    /** Is that URL answered? */
    readonly http: boolean;
    /** Whether datagrams are let through to phones at an address: agreed to where they are not, they leave a phone deaf. */
    readonly datagramsReach: (address: string) => boolean;
    /** What may be agreed at all. */
    readonly methods: ReadonlySet<Method>;
    /** Seconds between wake-ups over one channel to a phone that does not poll; grows from wake-up to wake-up. */
    readonly repeatS: number;
    /** Seconds until another channel is tried. */
    readonly fallbackS: number;
    /** The same two for short messages. */
    readonly smsRepeatS: number;
    readonly smsFallbackS: number;
    /** Wake-ups by short message to one number within an hour, and to all within a day. */
    readonly smsPerNumberPerHour: number;
    readonly smsPerDay: number;
    /** Are they sent to numbers that phones only claim? */
    readonly claimedNumbers: boolean;
    /** Seconds of silence after which a TCP connection is closed. */
    readonly idleMaxS: number;
    /** Connections in all; without a HELO yet, per address (whole operators are behind one); seconds to say HELO. */
    readonly connectionsMax: number;
    readonly strangersPerAddressMax: number;
    readonly heloWithinS: number;
  };
  /** Phones on short messages; undefined: there is no such channel. */
  readonly sms: SmsSettings | undefined;
  readonly provider: { readonly name: string; readonly description?: string; readonly url?: string };
  readonly limits: GatewayLimits;
}

export interface SmsSettings {
  /** Of phones' messages and of ours to them. */
  readonly port: number;
  /** Short messages to one number, and from one number. */
  readonly messagesPerHour: number;
  readonly receivedPerHour: number;
  /** Seconds for which news of presence are gathered. */
  readonly presenceS: number;
  /** Seconds after which what was not acknowledged is sent again. */
  readonly redeliverS: number;
  /** As of GatewaySettings: every KeepAlive-Request costs two messages, and Android's plug-in has no words for one. */
  readonly keepAlive: GatewaySettings['keepAlive'];
  /** As serverPollMinS: what waits is sent without a poll. */
  readonly serverPollMinS: number;
}

export const defaultSmsSettings: SmsSettings = {
  port: 3590,
  messagesPerHour: 120,
  receivedPerHour: 240,
  presenceS: 60,
  redeliverS: 600,
  keepAlive: { minS: 6 * 3600, maxS: 24 * 3600, graceS: 600 },
  serverPollMinS: 3600,
};

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
  /** Contact lists of one user (753), and contacts in one of them (754). */
  readonly contactListsMax: number;
  readonly contactsPerListMax: number;
  /** People and lists with an attribute list of their own (755). */
  readonly attributeListEntriesMax: number;
  /** Entries of the block list, and of the grant list (402). */
  readonly blockedMax: number;
  /** People whose presence one session follows (402). */
  readonly watchedMax: number;
  /** Groups that one session is in at a time (814). */
  readonly groupsMax: number;
  /** Recipients of one message, and of one invitation (402). */
  readonly recipientsMax: number;
  readonly invitedMax: number;
  /** Hits of one search that are handed out. */
  readonly searchHitsMax: number;
}

export const defaultSettings: Omit<GatewaySettings, 'domain'> = {
  keepAlive: { minS: 300, maxS: 7200, graceS: 60 },
  pollHoldS: 8,
  serverPollMinS: 10,
  redeliverS: 60,
  sms: undefined,
  cir: {
    publicHost: undefined,
    publicUrl: undefined,
    http: false,
    datagramsReach: () => true,
    methods: new Set(methods),
    repeatS: 45,
    fallbackS: 20,
    smsRepeatS: 600,
    smsFallbackS: 90,
    smsPerNumberPerHour: 20,
    smsPerDay: 5000,
    claimedNumbers: false,
    idleMaxS: 1800,
    connectionsMax: 10_000,
    strangersPerAddressMax: 128,
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
    contactListsMax: 50,
    contactsPerListMax: 1000,
    attributeListEntriesMax: 1000,
    blockedMax: 1000,
    watchedMax: 5000,
    groupsMax: 20,
    recipientsMax: 500,
    invitedMax: 100,
    searchHitsMax: 100,
  },
};
