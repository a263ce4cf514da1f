// The settings of an IMPS client as a provisioning document. The application is wA ("Instant messaging and presence services",
// registered with OMA; w4, which is at times named for it, is MMS and would overwrite the phone's picture messages). What a
// phone of Nokia's S60 takes of it, by its source (IMAdapter): one APPLICATION with ADDR of at most 100 characters, name and
// secret of at most 50, and an access point over GPRS when one is named at all. SERVICES is left out: S60 knows IM and PR in
// it, files a document with another value under neither, and one without under instant messaging. The version is that of the
// document type, 1.0, as operators' messages with applications had it too.

import { bad, good, type Outcome } from '../base/outcome.ts';
import type { Characteristic, ProvisioningDocument } from './document.ts';

export interface ImpsSettings {
  /** What the phone's list of servers shows; cut to 30 characters. */
  readonly name: string;
  /** `http://host/csp` in full. */
  readonly address: string;
  /** Without it the phone asks. */
  readonly userId?: string | undefined;
  readonly password?: string | undefined;
  /** The access point for data over GPRS (an APN); without one the phone asks, or takes what it has. */
  readonly accessPoint?: AccessPoint | undefined;
}

export interface AccessPoint {
  readonly apn: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

export interface SettingsFault {
  readonly field: 'address' | 'userId' | 'password' | 'accessPoint';
  /** One sentence. */
  readonly text: string;
}

const applicationId = 'wA';
const max = { name: 30, address: 100, userId: 50, password: 50, apn: 100 } as const;
const unprintable = /[\0-\x1f\x7f]/;

/** Refuses what a phone would drop without a word. */
export const impsDocument = (settings: ImpsSettings): Outcome<ProvisioningDocument, SettingsFault> => {
  const { name, address, userId, password, accessPoint } = settings;
  const tooLong = (field: SettingsFault['field'], text: string | undefined, most: number) =>
    text !== undefined && (text.length > most || unprintable.test(text)) && { field, text: wordsFor[field] };
  const fault =
    tooLong('address', address, max.address) ||
    (!URL.canParse(address) && { field: 'address' as const, text: wordsFor.address }) ||
    tooLong('userId', userId, max.userId) ||
    tooLong('password', password, max.password) ||
    (accessPoint !== undefined && !/^[\w.-]{1,100}$/.test(accessPoint.apn)
      ? { field: 'accessPoint' as const, text: wordsFor.accessPoint }
      : false) ||
    tooLong('accessPoint', accessPoint?.user, max.userId) ||
    tooLong('accessPoint', accessPoint?.password, max.password);
  if (fault) return bad(fault);
  const napId = accessPoint && 'onesoup';
  const application: Characteristic = {
    type: 'APPLICATION',
    parms: [
      { name: 'APPID', value: applicationId },
      { name: 'PROVIDER-ID', value: new URL(address).hostname },
      { name: 'NAME', value: [...name.replace(new RegExp(unprintable, 'g'), ' ')].slice(0, max.name).join('') },
      ...(napId ? [{ name: 'TO-NAPID', value: napId }] : []),
      { name: 'ADDR', value: address },
    ],
    inside:
      userId === undefined
        ? []
        : [
            {
              type: 'APPAUTH',
              parms: [
                { name: 'AAUTHNAME', value: userId },
                ...(password === undefined ? [] : [{ name: 'AAUTHSECRET', value: password }]),
              ],
            },
          ],
  };
  const characteristics = accessPoint ? [napOf(accessPoint, 'onesoup'), application] : [application];
  return good({ version: '1.0', characteristics });
};

const wordsFor: Readonly<Record<SettingsFault['field'], string>> = {
  address: `Phones take a server address of at most ${max.address} characters, beginning with http://.`,
  userId: `Phones take a user ID of at most ${max.userId} characters.`,
  password: `Phones take a password of at most ${max.password} characters.`,
  accessPoint: 'An access point (APN) has letters, digits, dots and dashes.',
};

const napOf = ({ apn, user, password }: AccessPoint, id: string): Characteristic => ({
  type: 'NAPDEF',
  parms: [
    { name: 'NAPID', value: id },
    { name: 'BEARER', value: 'GSM-GPRS' },
    { name: 'NAME', value: apn.slice(0, max.name) },
    { name: 'NAP-ADDRESS', value: apn },
    { name: 'NAP-ADDRTYPE', value: 'APN' },
  ],
  inside:
    user === undefined
      ? []
      : [
          {
            type: 'NAPAUTHINFO',
            parms: [
              { name: 'AUTHTYPE', value: 'PAP' },
              { name: 'AUTHNAME', value: user },
              ...(password === undefined ? [] : [{ name: 'AUTHSECRET', value: password }]),
            ],
          },
        ],
});
