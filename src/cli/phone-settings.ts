// onesoup phones settings: the settings of a phone, shown, as a file, or as a message that the running server sends.

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Config } from '../config/config.ts';
import { newPin, numberIn } from '../provisioning/by-sms.ts';
import { type ImpsSettings, impsDocument } from '../provisioning/imps.ts';
import type { Security } from '../provisioning/push.ts';
import { encode } from '../provisioning/wbxml.ts';
import { toXml } from '../provisioning/xml.ts';
import { fileTrouble } from '../store/files.ts';
import { userIdFor } from '../web/pages/settings.ts';
import { families, familyOf } from '../web/phones/families.ts';
import { operateRunning } from './control.ts';
import { CommandError } from './failures.ts';
import { type PasswordSource, readPassword } from './password.ts';
import { table } from './table.ts';

export interface PhoneSettingsOptions {
  readonly phone: string;
  readonly sms?: string;
  readonly file?: string;
  readonly server?: string;
  readonly apn?: string;
  readonly imsi?: string;
  readonly pin?: string;
  readonly passwordStdin?: boolean;
}

export const familyIds: readonly string[] = families.map(({ id }) => id);

export const phoneSettings = async (
  config: Config,
  address: string,
  options: PhoneSettingsOptions,
  stdin: PasswordSource,
): Promise<string> => {
  const { sms, file, apn, passwordStdin = false } = options;
  const server = options.server ?? config.web.phone_url;
  if (server === undefined)
    throw new CommandError('where do phones reach this server? Say it with --server http://…, or set web.phone_url');
  const family = familyOf(options.phone);
  const full = address.includes('@') ? address : `${address}@${config.domain}`;
  const settings: ImpsSettings = {
    name: config.domain,
    address: `${server.replace(/\/+$/, '')}/csp`,
    userId: userIdFor(config, family, full),
    ...(passwordStdin && { password: await readPassword(stdin, { fromStdin: true, address: full }) }),
    ...(apn !== undefined && { accessPoint: { apn } }),
  };
  const document = impsDocument(settings);
  if (!document.ok) throw new CommandError(sentence(document.fault.text));
  const lines: string[] = [];
  if (file !== undefined) {
    try {
      writeFileSync(file, file.endsWith('.xml') ? toXml(document.value) : encode(document.value), { mode: 0o600 });
    } catch (cause) {
      throw new CommandError(`cannot write ${file}: ${fileTrouble(cause)}`);
    }
    lines.push(`${basename(file)} has the settings of ${full}`);
  }
  if (sms !== undefined) {
    const number = numberIn(sms);
    if (number === undefined) throw new CommandError('write the number with its country, such as +46700000000');
    const security = securityOf(options);
    const told = await operateRunning(config.data, 'sendSettings', { number, settings, security });
    if (!told) throw new CommandError('no server runs here; it is the server that sends messages');
    if (!told.ok) throw new CommandError(told.fault.text);
    const pin = 'pin' in security ? `; the phone will ask for the PIN ${security.pin}` : '';
    lines.push(`the settings of ${full} are on their way to +${number}${pin}`);
  }
  if (lines.length) return lines.join('\n');
  const values = {
    address: settings.address,
    'user ID': settings.userId ?? '',
    password: 'the one of the account',
    'access point': apn ?? 'any internet one',
    'any name': 'onesoup',
  };
  return table(
    [`in ${family.name}`, 'type'],
    family.fields.map(({ label, value }) => [label, values[value]]),
  );
};

const securityOf = ({ imsi, pin }: PhoneSettingsOptions): Security => {
  for (const digits of [imsi, pin])
    if (digits !== undefined && !/^\d{1,15}$/.test(digits))
      throw new CommandError('a PIN and an IMSI are digits, at most 15');
  if (imsi === undefined) return { method: 'userpin', pin: pin ?? newPin() };
  return pin === undefined ? { method: 'netwpin', imsi } : { method: 'usernetwpin', imsi, pin };
};

/** As failures are told: without a capital and a full stop. */
const sentence = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
