// The messages of a SCRAM exchange as text (RFC 5802 §5, §7).

import { decodePayload } from './conditions.ts';

/** saslname: ',' and '=' are escaped. */
export const escapeName = (name: string): string => name.replaceAll('=', '=3D').replaceAll(',', '=2C');
/** Undefined when a '=' is not followed by '2C' or '3D'. */
export const unescapeName = (text: string): string | undefined =>
  /=(?!2C|3D)/.test(text) ? undefined : text.replaceAll('=2C', ',').replaceAll('=3D', '=');

/** 'n': the client does not bind; 'y': it would, but thinks the server can't; 'p': it binds by `bindingType`. */
export interface Gs2Header {
  readonly flag: 'n' | 'y' | 'p';
  readonly bindingType: string | undefined;
  readonly authzid: string | undefined;
  /** As it stood, to be bound by `c=`. */
  readonly text: string;
}

export interface ClientFirst {
  readonly gs2: Gs2Header;
  readonly name: string;
  readonly nonce: string;
  readonly bare: string;
}

const clientFirstForm = /^(?:([ny])|p=([A-Za-z0-9.-]+)),(?:a=([^,]*))?,(n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/s;

export const parseClientFirst = (text: string): ClientFirst | undefined => {
  const match = clientFirstForm.exec(text);
  if (!match) return undefined;
  const [, flag = 'p', bindingType, authzidText, bare = '', nameText = '', nonce = ''] = match;
  const name = unescapeName(nameText);
  const authzid = authzidText === undefined ? undefined : unescapeName(authzidText);
  if (!name || (authzidText !== undefined && !authzid)) return undefined;
  const gs2: Gs2Header = {
    flag: flag as 'n' | 'y' | 'p',
    bindingType,
    authzid,
    text: text.slice(0, text.length - bare.length),
  };
  return { gs2, name, nonce, bare };
};

export interface ServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

export const parseServerFirst = (text: string): ServerFirst | undefined => {
  const match = /^r=([\x21-\x2b\x2d-\x7e]+),s=([^,]+),i=([1-9][0-9]{0,8})(?:,.*)?$/s.exec(text);
  const salt = match && decodePayload(match[2] ?? '');
  if (!match || !salt) return undefined;
  return { nonce: match[1] ?? '', salt, iterations: Number(match[3]) };
};

export interface ClientFinal {
  readonly binding: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
  readonly withoutProof: string;
}

export const parseClientFinal = (text: string): ClientFinal | undefined => {
  const match = /^(c=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?),p=([^,]+)$/s.exec(text);
  if (!match) return undefined;
  const binding = decodePayload(match[2] ?? '');
  const proof = decodePayload(match[4] ?? '');
  if (!binding || !proof) return undefined;
  return { binding, nonce: match[3] ?? '', proof, withoutProof: match[1] ?? '' };
};

/** Undefined: no such message; `error`: the server's word for a failure (`e=`). */
export const parseServerFinal = (text: string): { signature: Uint8Array } | { error: string } | undefined => {
  const match = /^(?:v=([^,]+)|e=([^,]+))(?:,.*)?$/s.exec(text);
  if (!match) return undefined;
  if (match[2] !== undefined) return { error: match[2] };
  const signature = decodePayload(match[1] ?? '');
  return signature && { signature };
};

export const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((octet, i) => octet ^ (b[i] ?? 0));

/** Text of received octets; undefined when they are not UTF-8. */
export const utf8Of = (octets: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return undefined; // it throws for nothing else
  }
};
