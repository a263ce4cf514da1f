// The SMPP library, set to leave what messages hold as it is: it would read texts by their data coding, and lose what does
// not fit.

import smpp, { type Pdu, type Session } from 'smpp';

for (const command of ['submit_sm', 'deliver_sm', 'data_sm']) {
  const parameter = smpp.commands[command]?.params?.short_message;
  if (parameter) delete parameter.filter;
}
delete smpp.tlvs.message_payload?.filter;

export { type Pdu, type Session, smpp };

export const { errors } = smpp;
const names = new Map(Object.entries(errors).map(([name, code]) => [code, name]));
/** The name of a command status, as in SMPP 3.4 §5.1.3. */
export const errorName = (status: number): string => names.get(status) ?? `0x${status.toString(16)}`;
