// Whom a stanza between servers may be from and to (RFC 6120 §8.1.1.2, §8.1.2.2).

import type { StreamElement } from '../../xml/stream-reader.ts';
import { prepareDomain } from '../idna.ts';
import { Jid } from '../jid.ts';
import type { StreamError } from '../stream/conditions.ts';
import type { Pairs } from './pairs.ts';

/** Both addresses are there and belong to a pair that was proven; or what the stream ends with. */
export const addressingFault = ({ attrs }: StreamElement, admitted: Pairs): StreamError | undefined => {
  const remote = domainOf(attrs['from']);
  const local = domainOf(attrs['to']);
  if (remote === undefined || local === undefined)
    return { condition: 'improper-addressing', text: "a stanza without 'from' or 'to'" };
  if (admitted.has({ local, remote })) return undefined;
  if (!admitted.hasRemote(remote)) return { condition: 'invalid-from' };
  return { condition: 'improper-addressing', text: 'not a pair of domains that was authenticated here' };
};

/** Of an address whose other parts may be wrong. */
const domainOf = (address: string | undefined): string | undefined => {
  if (address === undefined) return undefined;
  const read = Jid.parse(address);
  if (read.ok) return read.value.domain;
  const bare = address.split('/', 1)[0] ?? '';
  return prepareDomain(bare.slice(bare.indexOf('@') + 1));
};
