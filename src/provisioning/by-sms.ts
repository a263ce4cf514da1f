// Settings on their way to a phone as a short message.

import { randomInt } from 'node:crypto';
import type { Outcome } from '../base/outcome.ts';
import type { SmsCarrier, SmsFault } from '../sms/carrier.ts';
import type { ProvisioningDocument } from './document.ts';
import { pushPort, pushSourcePort, type Security, writePush } from './push.ts';
import { encode } from './wbxml.ts';

/** Four digits, which whoever receives the message has to be told in another way. */
export const newPin = (): string => String(randomInt(10_000)).padStart(4, '0');

/** `to`: international, digits only. Resolves when the carrier has taken all its parts. Throws RangeError: see writePush. */
export const sendBySms = (
  carrier: SmsCarrier,
  to: string,
  document: ProvisioningDocument,
  security: Security,
): Promise<Outcome<void, SmsFault>> =>
  carrier.send({
    to,
    ports: { destination: pushPort, source: pushSourcePort },
    content: { coding: 'octets', octets: writePush(encode(document), security, randomInt(256)) },
  });

/** A telephone number as people write it, in digits; undefined for what is none, or lacks its country. */
export const numberIn = (text: string): string | undefined => {
  const digits = text.trim().replace(/[\s()./-]/g, '');
  const [, number] = /^(?:\+|00)([1-9]\d{6,14})$/.exec(digits) ?? [];
  return number;
};
