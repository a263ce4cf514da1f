// The CSP envelope as a value: WV-CSP-Message with its Session and Transactions.

import type { Extension, Primitive, StructureOf } from './primitives.ts';
import type { CspVersion } from './version.ts';

export type SessionType = 'Inband' | 'Outband';
export type TransactionMode = 'Request' | 'Response';

export interface Transaction {
  readonly mode: TransactionMode;
  /** The TransactionID, made by whoever sends the request; '' where the peer left it out (Polling-Request). */
  readonly id: string;
  readonly content: Primitive;
  /** Elements in ExtBlock (1.2, 1.3), such as the APIClient of Nokia S60. */
  readonly extensions?: readonly Extension[] | undefined;
  /** 1.3. */
  readonly segment?: StructureOf<'SegmentInfo'> | undefined;
}

/** A transaction that cannot be carried out. Its request is answered by Status with `fault.code`. */
export interface RefusedTransaction {
  readonly mode: TransactionMode;
  readonly id: string;
  readonly fault: PrimitiveFault;
}

export interface PrimitiveFault {
  /** unknown: no such primitive in any version. missing: a required element is not there. value: one holds what it
   *  cannot. empty: TransactionContent holds nothing. */
  readonly reason: 'unknown' | 'missing' | 'value' | 'empty';
  /** The CSP status code: 501 unknown, 400 missing or empty, 402 value. */
  readonly code: 400 | 402 | 501;
  /** The primitive's name as received; '' when there is none. */
  readonly primitive: string;
  /** Element names from the primitive down, joined by `/`. */
  readonly path: string;
}

export interface CspMessage<T = Transaction> {
  readonly version: CspVersion;
  readonly sessionType: SessionType;
  readonly sessionId?: string | undefined;
  readonly transactions: readonly T[];
  /** Something waits for the client: it should poll at once. Written where the version has it; only servers say it. */
  readonly poll?: boolean | undefined;
  /** 1.2, 1.3. Clients read it in opposite ways: leave it out. */
  readonly cir?: boolean | undefined;
  /** pts: it says something that only we have a code for, or goes to somebody who has done so and has our table. */
  readonly usesOurCodes?: boolean | undefined;
}

/** pts: the plain text syntax, of short messages. */
export type Encoding = 'xml' | 'wbxml' | 'pts';

/** What reading passed over. */
export interface Note {
  /**
   * unknown: no such element there. version: not of the message's version, taken all the same. repeated: allowed once, the
   * first was taken. value: optional and of no such type, left out. attribute: not xmlns.
   */
  readonly kind: 'unknown' | 'version' | 'repeated' | 'value' | 'attribute';
  /** Element names from the root or primitive down to the parent, joined by `/`. */
  readonly path: string;
  readonly name: string;
}

export interface Received {
  readonly message: CspMessage<Transaction | RefusedTransaction>;
  readonly encoding: Encoding;
  /** The Content-Type for the answer: the request's own where it had a good one, else the version's. */
  readonly contentType: string;
  readonly notes: readonly Note[];
}

/** Why a body is no message that could be taken. */
export interface CspFault {
  /** syntax: not well-formed XML or WBXML. not-csp: well-formed, but something else. limit: too large or too deep. version:
   *  a CSP version other than 1.0 to 1.3. */
  readonly reason: 'empty' | 'syntax' | 'not-csp' | 'limit' | 'version';
  /** For people: what and where. */
  readonly where: string;
  readonly encoding: Encoding;
  readonly contentType: string;
  /** With reason `version`: what a Status 505 repeats, in the nearest version we speak. */
  readonly answer?: {
    readonly version: CspVersion;
    readonly sessionType: SessionType;
    readonly sessionId?: string | undefined;
    readonly transactionId: string;
  };
}

/** Whether the transaction could be read. */
export const isRefused = (transaction: Transaction | RefusedTransaction): transaction is RefusedTransaction =>
  'fault' in transaction;
