// Where a phone on short messages is, and what it has words for. A session that was signed in over short messages answers over
// them to that number alone; its SessionID is good over HTTP too, where Android's plug-in goes when it used short messages for
// the sign-in only. What waits for it is pushed to wherever it spoke last.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { CspMessage, Encoding } from '../../imps/message.ts';
import type { Session } from '../session/session.ts';
import type { GatewaySettings } from '../settings.ts';
import type { Vault } from '../vault.ts';

/** How a request came by short message, which is how its answer goes. */
export interface SmsSender {
  /** International, digits. */
  readonly number: string;
  /** `data`: octets to a port, as Android has it. `text`: a message as people write them. */
  readonly form: SmsForm;
}
export type SmsForm = 'data' | 'text';

/** Kept with the session. */
export interface SmsReach extends SmsSender {
  /** It spoke over short messages last. */
  readonly isOn: boolean;
  /** Its SessionID, sealed: what is pushed names it, and the store has only its hash. */
  readonly sealedId: Uint8Array;
}

/** What the phone says in the plain text syntax; undefined for one that speaks XML or WBXML. */
export interface PlainText {
  /** It has used a code that only we have, so it can be told things in them. */
  readonly knowsOurs: boolean;
}

const purpose = (sessionKey: string): string => `short messages ${sessionKey}`;

export const reachOf = (
  vault: Vault,
  sessionKey: string,
  sessionId: string,
  sender: SmsSender | undefined,
): SmsReach | undefined =>
  sender && { ...sender, isOn: true, sealedId: vault.sealForSession(purpose(sessionKey), sessionId) };

/** Undefined when the key it was sealed with is gone. */
export const sessionIdOf = ({ state, key, host }: Session): string | undefined =>
  state.sms && host.vault.openForSession(purpose(key), state.sms.sealedId);

/** How often a phone is to be heard: over short messages that costs. */
export const bearerTerms = (
  settings: GatewaySettings,
  sms: unknown,
): Pick<GatewaySettings, 'keepAlive' | 'serverPollMinS' | 'redeliverS'> => (sms ? settings.sms : undefined) ?? settings;

export const isOnSms = ({ state, host }: Session): boolean =>
  state.sms?.isOn === true && host.settings.sms !== undefined;

/** Whether a request that came so may use the session. */
export const mayUse = ({ state }: Session, sender: SmsSender | undefined): Outcome<void, 'other-number'> =>
  sender === undefined || state.sms?.number === sender.number ? good(undefined) : bad('other-number');

/** What tells a message's language. */
export interface Said {
  readonly encoding: Encoding;
  readonly message: Pick<CspMessage, 'usesOurCodes'>;
}

/** A request of the session was heard: what goes to its phone goes the same way from now on. */
export const heardOver = (session: Session, received: Said, sender: SmsSender | undefined): void => {
  const { state } = session;
  const { sms } = state;
  const isOn = sender !== undefined;
  if (sms && (sms.isOn !== isOn || (sender && sms.form !== sender.form))) {
    state.sms = { ...sms, ...sender, isOn };
    session.changed();
  }
  const plainText = plainTextOf(received, state.plainText);
  if (state.plainText?.knowsOurs === plainText?.knowsOurs) return;
  state.plainText = plainText;
  session.changed();
};

export const plainTextOf = (
  { encoding, message: { usesOurCodes } }: Said,
  before?: PlainText,
): PlainText | undefined =>
  encoding === 'pts' ? { knowsOurs: before?.knowsOurs === true || usesOurCodes === true } : undefined;
