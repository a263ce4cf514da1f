// The carrier of short messages that the configuration names, with its secrets read.

import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { readSecretFile } from '../config/secret-file.ts';
import type { CarrierSettings } from '../sms/settings.ts';

/** Undefined without a carrier. Throws when its secrets cannot be read. */
export const carrierSettings = ({ sms }: Config): CarrierSettings | undefined => {
  const { number, window, messages_per_second: messagesPerSecond, smpp, kannel } = sms;
  if (sms.carrier === 'none' || number === undefined) return undefined;
  const common = { number, window, messagesPerSecond };
  if (sms.carrier === 'smpp')
    return {
      kind: 'smpp',
      ...common,
      host: smpp.host,
      port: smpp.port,
      tls: smpp.tls,
      ca: smpp.ca === undefined ? undefined : readFileSync(smpp.ca, 'utf8'),
      systemId: smpp.system_id,
      password: readSecretFile(smpp.password_file ?? '', 'the SMSC'),
      systemType: smpp.system_type ?? '',
      enquireLinkS: smpp.enquire_link_seconds,
    };
  return {
    kind: 'kannel',
    ...common,
    url: kannel.url,
    method: kannel.method,
    username: kannel.username,
    password: readSecretFile(kannel.password_file ?? '', 'the user at Kannel'),
    smsc: kannel.smsc,
    incomingSecret: readSecretFile(kannel.incoming_secret_file ?? '', 'what Kannel brings'),
    incomingFrom: kannel.incoming_from,
  };
};
