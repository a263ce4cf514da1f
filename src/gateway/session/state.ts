// A session as it survives a restart: the JSON inside CspSessionRecord.state.

import { interned } from '../../base/interned.ts';
import type { StructureOf } from '../../imps/primitives.ts';
import type { CspVersion } from '../../imps/version.ts';
import type { LinkResumption } from '../../xmpp/link.ts';
import type { Reach } from '../cir/reach.ts';
import { fromJson, toJson } from '../json.ts';
import type { Capabilities } from '../session-view.ts';
import type { PlainText, SmsReach } from '../sms/reach.ts';
import type { Family } from './personality.ts';

export interface SessionState {
  version: CspVersion;
  clientId: StructureOf<'ClientID'>;
  /** SessionCookie: comes back in every CIR message. */
  cookie: string;
  userAgent: string;
  family: Family;
  resource: string;
  /** Seconds of silence granted. */
  keepAliveS: number;
  capabilities: Capabilities;
  /** Of the capabilities: where datagrams go. */
  udp: { readonly address: string; readonly port: number } | undefined;
  /** What the wake-up channels remember of the ways to the phone. */
  reach: Reach | undefined;
  /** Signed in over short messages. */
  sms: SmsReach | undefined;
  /** Speaks the plain text syntax. */
  plainText: PlainText | undefined;
  /** Undefined before Service-Request. */
  features: readonly string[] | undefined;
  /** The last broadcast presence as stanza text. */
  presence: string | undefined;
  /** Values of the services' kept slots. */
  kept: Record<string, unknown>;
  /** A backend's password, sealed for this SessionID; our own server needs none. */
  sealed: Uint8Array | undefined;
  resumption: LinkResumption | undefined;
}

/** What a phone can do, and what it was granted: most phones of a kind agree on the same. */
export const sharedCapabilities = interned<Capabilities>(200, (capabilities) => JSON.stringify(capabilities));
export const sharedFeatures = interned<readonly string[]>(200, (features) => features.join());

export const writeState = (state: SessionState): string => toJson({ v: 1, ...state });

/** Undefined when it is not of this version: the session cannot be taken up again. */
export const readState = (text: string): SessionState | undefined => {
  const state = fromJson(text) as (SessionState & { v: number }) | null;
  if (state?.v !== 1) return undefined;
  // What an earlier version of this program did not know of a phone is as before its ClientCapability-Request.
  const capabilities = sharedCapabilities({ ...defaultCapabilities, ...state.capabilities });
  return { ...state, capabilities, features: state.features && sharedFeatures(state.features) };
};

/** What holds before ClientCapability-Request: the least any phone copes with. */
export const defaultCapabilities: Capabilities = {
  deliveryMethod: 'P',
  anyContent: true,
  contentTypes: [],
  pushLength: 32_767,
  pullLength: 32_767,
  textLength: undefined,
  richLengths: {},
  takesBase64: true,
  parserSize: 32_767,
  transactionsPerMessage: 1,
  clientType: 'MOBILE_PHONE',
  language: undefined,
  cirMethods: [],
  serverPollMin: 10,
  priority: undefined,
  online: undefined,
};
