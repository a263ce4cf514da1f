// SASL PLAIN (RFC 4616): the password itself, so only inside TLS.

export interface PlainMessage {
  readonly authzid: string | undefined;
  readonly name: string;
  readonly password: string;
}

export const formatPlain = ({ authzid, name, password }: PlainMessage): string =>
  `${authzid ?? ''}\0${name}\0${password}`;

export const parsePlain = (text: string): PlainMessage | undefined => {
  const [authzid, name, password, ...rest] = text.split('\0');
  if (!name || !password || authzid === undefined || rest.length > 0) return undefined;
  return { authzid: authzid === '' ? undefined : authzid, name, password };
};
