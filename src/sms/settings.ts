// What a carrier must know, the configuration read and its secrets with it.

export interface SmppSettings {
  readonly kind: 'smpp';
  /** The number messages come from; digits. */
  readonly number: string;
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Authorities to trust beside the public ones, as PEM. */
  readonly ca?: string | undefined;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Messages without an answer at a time. */
  readonly window: number;
  readonly enquireLinkS: number;
  /** Parts, on average. */
  readonly messagesPerSecond: number;
}

export interface KannelSettings {
  readonly kind: 'kannel';
  readonly number: string;
  /** The sendsms page, such as http://127.0.0.1:13013/cgi-bin/sendsms. */
  readonly url: string;
  readonly method: 'get' | 'post';
  readonly username: string;
  readonly password: string;
  /** The route that Kannel is to use; undefined: its own choice. */
  readonly smsc?: string | undefined;
  /** What Kannel shows with each message it brings. */
  readonly incomingSecret: string;
  /** IP addresses and networks Kannel may come from. */
  readonly incomingFrom: readonly string[];
  readonly window: number;
  readonly messagesPerSecond: number;
}

export type CarrierSettings = SmppSettings | KannelSettings;
