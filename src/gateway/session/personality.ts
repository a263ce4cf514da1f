// Which family of phones signs in, found out from its User-Agent, ClientID and transaction ids.

import type { Personality } from '../session-view.ts';

export type Family = Personality['family'];

const none: Personality = {
  family: 'unknown',
  pushOnly: false,
  onePresencePerNotification: false,
  oneTransactionPerMessage: false,
  flatUserMapList: false,
  notAvailableMeansAway: false,
  retriesUnderNewId: false,
  usesWhatItDidNotAskFor: false,
};

export const personalities: Readonly<Record<Family, Personality>> = {
  unknown: none,
  'nokia-s60': {
    ...none,
    family: 'nokia-s60',
    pushOnly: true,
    onePresencePerNotification: true,
    usesWhatItDidNotAskFor: true,
  },
  android: {
    ...none,
    family: 'android',
    pushOnly: true,
    oneTransactionPerMessage: true,
    flatUserMapList: true,
    notAvailableMeansAway: true,
    retriesUnderNewId: true,
  },
  motorola: { ...none, family: 'motorola', oneTransactionPerMessage: true, usesWhatItDidNotAskFor: true },
};

export const familyOf = (signs: {
  readonly userAgent: string;
  readonly client: string;
  readonly transactionId: string;
}): Family => {
  if (/^android-imps\b/i.test(signs.userAgent)) return 'android';
  // The S60 engine numbers its transactions nok1, nok2, …, whatever the firmware puts into User-Agent.
  if (/^nok\d+$/.test(signs.transactionId) || /@NOK\.S60\b/i.test(signs.client)) return 'nokia-s60';
  if (/\bmot(orola)?\b|^MOT-/i.test(signs.userAgent)) return 'motorola';
  return 'unknown';
};
