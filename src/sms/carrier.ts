// Short messages as the rest of the program sees them: whole, whatever their length; the carrier cuts and joins them. Who
// carries them, an SMSC over SMPP or a gateway over HTTP, is known here only.

import type { Outcome } from '../base/outcome.ts';

export interface ShortMessage {
  /** International telephone numbers, digits only ('46700000000'), or a short code. */
  readonly from: string;
  readonly to: string;
  /** Ports of the applications (3GPP TS 23.040 §9.2.3.24.4); undefined: a text for a person to read. */
  readonly ports?: { readonly destination: number; readonly source: number };
  readonly content: SmsContent;
}

/**
 * `text` travels in the GSM 7-bit alphabet when that has all its characters, else as UCS-2; `octets` as 8-bit data
 * (3GPP TS 23.038 §4).
 */
export type SmsContent =
  | { readonly coding: 'text'; readonly text: string }
  | { readonly coding: 'octets'; readonly octets: Uint8Array };

export interface SmsFault {
  /**
   * 'refused': the carrier will not take it, trying again is of no use (`text` says why, with the carrier's code). 'down': no
   * connection, or no answer in time. 'too-long': more than 255 parts. 'busy': as much is under way as is allowed.
   */
  readonly reason: 'refused' | 'down' | 'too-long' | 'busy';
  readonly text: string;
}

export interface SmsCarrier {
  /** For logs and metrics: 'smpp', 'kannel'. */
  readonly name: string;
  readonly isUp: boolean;
  /** The number messages come from when nothing else is said; what phones send theirs to. */
  readonly number: string;
  /** Resolves when the carrier has taken every part of it. Never rejects. */
  send(message: Omit<ShortMessage, 'from'> & { readonly from?: string }): Promise<Outcome<void, SmsFault>>;
  /**
   * Hears every message that arrives, once it is whole. The carrier is told that its last part was taken when the promise
   * resolves; a rejection has it delivered again. One listener: a later one takes the place of the
   * first.
   */
  onMessage(receive: (message: ShortMessage) => Promise<void>): void;
  /** Ends the connections; what is under way has some seconds. */
  close(): Promise<void>;
}
