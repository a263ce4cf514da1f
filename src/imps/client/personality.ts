// Kinds of phones, as data: what each says of itself and how it behaves.

import type { WbxmlElement } from '../../wbxml/document.ts';
import type { Encoding, Received } from '../message.ts';
import type { PrimitiveName, StructureOf } from '../primitives.ts';
import type { CspVersion } from '../version.ts';
import { inspectLikeAndroid, lastRunOnly, reversed } from './android.ts';
import { inspectStrictly } from './strict.ts';

export interface Personality {
  readonly name: string;
  readonly version: CspVersion;
  readonly encoding: Encoding;
  readonly userAgent: string;
  readonly clientId: StructureOf<'ClientID'>;
  /** TransactionIDs are this and a number. */
  readonly idPrefix: string;
  /** Both halves of a 4-way sign-in under one TransactionID. */
  readonly repeatsLoginId: boolean;
  readonly multiTrans: number;
  /** Octets. */
  readonly parserSize: number;
  /** The largest content it takes, in octets. Default: parserSize. */
  readonly contentLength?: number;
  readonly functions: StructureOf<'WVCSPFeat'>;
  readonly asksAllFunctions: boolean;
  /** Functions without which it signs out again. */
  readonly mustHave: readonly string[];
  /** Seconds of silence after which it sends a KeepAlive-Request, of the seconds granted. */
  readonly keepAliveAfter: (grantedSeconds: number) => number;
  /** Server requests it acknowledges; others it drops without an answer. */
  readonly acknowledges: 'all' | ReadonlySet<PrimitiveName>;
  /** A request without an answer: sent again under its id, under a new one, or given up. */
  readonly retry: 'same' | 'new' | 'none';
  /** How often it is sent again before it is given up. Default 10. */
  readonly retriesMax?: number;
  /** The longest wait between two tries, in milliseconds. Default 30 s. */
  readonly retryMsMax?: number;
  /** Takes only the last transaction of a message. */
  readonly takesLastOnly: boolean;
  /** How it changes what it is about to send. */
  readonly disorder?: (tree: WbxmlElement) => WbxmlElement;
  /** What its parser makes of a body before anything else sees it. */
  readonly garble?: (body: Uint8Array, encoding: Encoding) => Uint8Array;
  /** What it refuses in an answer; an empty list when it takes it. */
  readonly inspect?: (body: Uint8Array, contentType: string | undefined, read: Received) => readonly string[];
  /** How it reads the CIR connection. */
  readonly cirReads: 'lines' | 'reads';
}

const everything: StructureOf<'WVCSPFeat'> = {
  FundamentalFeat: true,
  PresenceFeat: true,
  IMFeat: true,
  GroupFeat: true,
};

/** A simple 1.1 phone: XML, polling, one transaction at a time (Motorola RAZR V3). */
export const plain: Personality = {
  name: 'plain',
  version: '1.1',
  encoding: 'xml',
  userAgent: 'Phone/1.1',
  clientId: { URL: 'http://phone.example/imps' },
  idPrefix: '',
  repeatsLoginId: false,
  multiTrans: 1,
  parserSize: 32767,
  functions: everything,
  asksAllFunctions: true,
  mustHave: [],
  keepAliveAfter: (granted) => granted / 2,
  acknowledges: 'all',
  retry: 'same',
  takesLastOnly: false,
  cirReads: 'lines',
};

export const wbxml12: Personality = {
  ...plain,
  name: 'wbxml12',
  version: '1.2',
  encoding: 'wbxml',
  userAgent: 'Phone/1.2',
  parserSize: 65536,
};

export const wbxml13: Personality = { ...wbxml12, name: 'wbxml13', version: '1.3', userAgent: 'Phone/1.3' };

/** Server requests that Nokia S60 has handlers for. */
const knownToNokia: ReadonlySet<PrimitiveName> = new Set([
  'NewMessage',
  'PresenceNotification-Request',
  'PresenceAuth-Request',
  'DeliveryReport-Request',
  'GroupChangeNotice',
  'InviteUser-Request',
  'Invite-Response',
  'CancelInviteUser-Request',
  'LeaveGroup-Response',
]);

/** Refuses whatever the Nokia S60 client refuses (3rd edition, CSP 1.1 or 1.2). */
export const strict: Personality = {
  ...plain,
  name: 'strict',
  version: '1.2',
  encoding: 'wbxml',
  userAgent: 'Nokia6630/1.0 SymbianOS/8.0',
  clientId: { URL: 'WV:IMPEC01$00001@NOK.S60' },
  idPrefix: 'nok',
  repeatsLoginId: true,
  multiTrans: 3,
  parserSize: 131072,
  functions: {
    FundamentalFeat: { SearchFunc: true, InviteFunc: true },
    PresenceFeat: {
      ContListFunc: true,
      PresenceAuthFunc: { GETWL: true },
      PresenceDeliverFunc: true,
      AttListFunc: true,
    },
    IMFeat: { IMReceiveFunc: { NEWM: true }, IMAuthFunc: true },
    GroupFeat: true,
  },
  asksAllFunctions: false,
  mustHave: ['GCLI', 'MCLS', 'GETPR', 'UPDPR', 'NEWM'],
  keepAliveAfter: (granted) => (granted > 120 ? granted / 2 - 60 : granted / 2),
  acknowledges: knownToNokia,
  retry: 'none',
  inspect: inspectStrictly,
  cirReads: 'reads',
};
export const strict11: Personality = { ...strict, name: 'strict11', version: '1.1' };

/** Android's IMPS plug-in: sloppy order, new ids on retry, the last transaction and the last run of characters only. */
export const android: Personality = {
  ...plain,
  name: 'android',
  version: '1.2',
  encoding: 'xml',
  userAgent: 'Android-Imps/0.1',
  clientId: { URL: 'http://www.android.com/imps' },
  parserSize: 262144,
  keepAliveAfter: (granted) => Math.max(1, granted - 5),
  acknowledges: new Set<PrimitiveName>([
    'PresenceNotification-Request',
    'PresenceAuth-Request',
    'NewMessage',
    'DeliveryReport-Request',
    'GroupChangeNotice',
    'InviteUser-Request',
    'Invite-Response',
    'LeaveGroup-Response',
    'Disconnect',
  ]),
  retry: 'new',
  takesLastOnly: true,
  disorder: reversed,
  garble: lastRunOnly,
  inspect: inspectLikeAndroid,
};

export const personalities: Readonly<Record<string, Personality>> = {
  plain,
  wbxml12,
  wbxml13,
  strict,
  strict11,
  android,
};
