// The telephone number of a phone, for wake-ups by short message. A number that a phone merely claims (MSISDN in its ClientID)
// could be anybody's, and everybody's wake-ups would then go to a stranger at our expense. So it is believed when somebody
// else vouches for it:
//
// - the operator's gateway in front of us, in a header from a trusted proxy,
// - the message centre, which says where HELO with the session's SessionID came from; remembered for the phone's next sessions,
// - the operator of this server, who has written the account's number down (`onesoup user number`).
//
// A claimed number is used only where the operator of this server asks for it, and then within narrow bounds (sms.ts).

import type { Store } from '../../store/store.ts';
import type { Session } from '../session/session.ts';
import type { Reach } from './reach.ts';

export type PhoneNumber = NonNullable<Reach['number']>;

const phonesMax = 8;

/** International, digits only; undefined for what is no number. */
export const digitsOf = (text: string): string | undefined => {
  const digits = text
    .trim()
    .replace(/^(tel:)?(\+|00)?/i, '')
    .replace(/[\s()-]/g, '');
  return /^[1-9]\d{5,14}$/.test(digits) ? digits : undefined;
};

/** `vouched`: from a trusted proxy with this request. */
export const numberOf = async (
  session: Session,
  vouched: string | undefined,
  isClaimEnough: boolean,
): Promise<PhoneNumber | undefined> => {
  const { number } = session.state.reach ?? {};
  const proven =
    (vouched && digitsOf(vouched)) ||
    (number?.isProven && number.digits) ||
    (await remembered(session))[shortOf(session)] ||
    (await session.host.store.csp.setting(session.account, registeredKey));
  if (proven) return { digits: proven, isProven: true };
  const claimed = isClaimEnough ? digitsOf(session.state.clientId.MSISDN ?? '') : undefined;
  return claimed === undefined ? undefined : { digits: claimed, isProven: false };
};

/** For the phone's next sessions. Rejects when the store does not take it. */
export const rememberNumber = async (session: Session, digits: string): Promise<void> => {
  const known = await remembered(session);
  if (known[shortOf(session)] === digits) return;
  const { [shortOf(session)]: _old, ...others } = known;
  const kept = Object.fromEntries([...Object.entries(others).slice(1 - phonesMax), [shortOf(session), digits]]);
  await session.host.store.csp.setSetting(session.account, settingKey, JSON.stringify(kept));
};

/** The operator says whose number it is; undefined: nobody's any more. */
export const registerNumber = (
  { csp }: Pick<Store, 'csp'>,
  account: string,
  digits: string | undefined,
): Promise<void> => csp.setSetting(account, registeredKey, digits);

const settingKey = 'cir.numbers';
const registeredKey = 'cir.number';

const shortOf = ({ phone }: Session): string => phone.slice(0, 16);

const remembered = async ({ host, account }: Session): Promise<Readonly<Record<string, string>>> => {
  const text = await host.store.csp.setting(account, settingKey);
  return text === undefined ? {} : (JSON.parse(text) as Record<string, string>);
};
