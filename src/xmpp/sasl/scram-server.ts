// The server's side of SCRAM (RFC 5802, 7677), in two steps without I/O: read the client's first message, look its keys up,
// then challenge; check the proof, then sign.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import { type ChannelBindings, type ChannelBindingType, channelBindingTypes } from './channel-binding.ts';
import type { SaslCondition } from './conditions.ts';
import { digest, equalOctets, hmac, type ScramHash, type ScramKeys } from './scram-keys.ts';
import { type ClientFirst, parseClientFinal, parseClientFirst, xor } from './scram-message.ts';

export interface ScramFault {
  readonly condition: SaslCondition;
  /** For logs. */
  readonly reason: string;
}

/** What the stream offers, to be checked against what the client claims to have seen. */
export interface ScramOffer {
  readonly hash: ScramHash;
  readonly isPlus: boolean;
  /** Was any -PLUS mechanism offered on this stream? Then a client that says it saw none was lied to. */
  readonly wasPlusOffered: boolean;
  readonly bindings: ChannelBindings;
}

const malformed = (reason: string): { ok: false; fault: ScramFault } => bad({ condition: 'malformed-request', reason });

/** Reads the client's first message. Faults as RFC 6120 §6.5 has them. */
export const readClientFirst = (text: string, offer: ScramOffer): Outcome<ClientFirst, ScramFault> => {
  const first = parseClientFirst(text);
  if (!first) return malformed('client-first');
  const { flag, bindingType } = first.gs2;
  if (offer.isPlus !== (flag === 'p')) return malformed('channel binding does not fit the mechanism');
  if (flag === 'p' && !offer.bindings.has(bindingType as ChannelBindingType))
    return bad({ condition: 'malformed-request', reason: `channel binding ${bindingType} was not offered` });
  // RFC 5802 §6: the offer was tampered with on its way to the client.
  if (flag === 'y' && offer.wasPlusOffered) return bad({ condition: 'not-authorized', reason: 'downgrade' });
  return good(first);
};

export interface ScramChallenge {
  readonly text: string;
  readonly first: ClientFirst;
  readonly keys: ScramKeys;
  readonly nonce: string;
  readonly offer: ScramOffer;
}

/** `nonce`: our unguessable part, printable ASCII without comma. */
export const challenge = (first: ClientFirst, keys: ScramKeys, nonce: string, offer: ScramOffer): ScramChallenge => {
  const both = first.nonce + nonce;
  const salt = Buffer.from(keys.salt).toString('base64');
  return { text: `r=${both},s=${salt},i=${keys.iterations}`, first, keys, nonce: both, offer };
};

/** Checks the client's proof; the value is our own proof, the last message. */
export const checkProof = (text: string, challenged: ScramChallenge): Outcome<string, ScramFault> => {
  const { first, keys, nonce, offer } = challenged;
  const final = parseClientFinal(text);
  if (!final) return malformed('client-final');
  if (final.nonce !== nonce) return malformed('nonce');
  const data = first.gs2.flag === 'p' ? offer.bindings.get(first.gs2.bindingType as ChannelBindingType) : undefined;
  const binding = Buffer.concat([Buffer.from(first.gs2.text), data ?? Buffer.alloc(0)]);
  if (!equalOctets(final.binding, binding)) return bad({ condition: 'not-authorized', reason: 'channel binding' });
  const authMessage = `${first.bare},${challenged.text},${final.withoutProof}`;
  const signature = hmac(keys.hash, keys.storedKey, authMessage);
  if (final.proof.length !== signature.length) return malformed('proof');
  if (!equalOctets(digest(keys.hash, xor(final.proof, signature)), keys.storedKey))
    return bad({ condition: 'not-authorized', reason: 'password' });
  return good(`v=${Buffer.from(hmac(keys.hash, keys.serverKey, authMessage)).toString('base64')}`);
};

/** What clients are told of (XEP-0440): tls-unique is for TLS before 1.3, which has no tls-exporter here. */
export const offeredBindings = (bindings: ChannelBindings): readonly ChannelBindingType[] =>
  channelBindingTypes.filter((type) => bindings.has(type) && !(type === 'tls-unique' && bindings.has('tls-exporter')));
