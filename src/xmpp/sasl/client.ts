// Which mechanism a client of ours uses, and with what (RFC 6120 §6.3.3, RFC 5802 §6, XEP-0440).

import { type ChannelBindings, type ChannelBindingType, channelBindingTypes } from './channel-binding.ts';
import { type Mechanism, mechanisms } from './mechanisms.ts';
import type { ScramClient } from './scram-client.ts';
import type { ScramHash } from './scram-keys.ts';

export interface SaslOffer {
  readonly mechanisms: readonly string[];
  /** What the server says it can bind by; undefined: it does not say. */
  readonly bindingTypes: readonly string[] | undefined;
}

export interface SaslChoice {
  readonly mechanism: Mechanism;
  readonly hash: ScramHash | undefined;
  readonly binding: ConstructorParameters<typeof ScramClient>[0]['binding'];
}

/** The strongest mechanism both ends know; undefined: there is none. `mayShow`: may the password itself go over this stream? */
export const chooseMechanism = (
  offer: SaslOffer,
  bindings: ChannelBindings,
  options: { readonly mayShow: boolean; readonly only?: readonly Mechanism[] | undefined },
): SaslChoice | undefined => {
  const isPlusOffered = offer.mechanisms.some((name) => name.startsWith('SCRAM-') && name.endsWith('-PLUS'));
  // A server that does not say means the default of RFC 5802 §6.1, tls-unique, and nothing by it where TLS 1.3 has none.
  // COMPAT ejabberd 23.01 (Debian 12): offers -PLUS over TLS 1.3 and takes no tls-exporter for it; test: interop/federation/large-roster.test.ts.
  const isKnownTo = (one: ChannelBindingType): boolean => offer.bindingTypes?.includes(one) ?? one === 'tls-unique';
  const type = channelBindingTypes.find((one) => bindings.has(one) && isKnownTo(one));
  for (const mechanism of mechanisms) {
    if (!offer.mechanisms.includes(mechanism) || options.only?.includes(mechanism) === false) continue;
    if (mechanism === 'PLAIN') {
      if (options.mayShow) return { mechanism, hash: undefined, binding: undefined };
      continue;
    }
    const hash: ScramHash = mechanism.startsWith('SCRAM-SHA-256') ? 'SHA-256' : 'SHA-1';
    if (!mechanism.endsWith('-PLUS'))
      // 'y' means: we could, had you offered it. Said to a server that did offer, it would be taken for an attack.
      return { mechanism, hash, binding: bindings.size > 0 && !isPlusOffered ? 'unsupported' : undefined };
    const data = type && bindings.get(type);
    if (type && data) return { mechanism, hash, binding: { type, data } };
  }
  return undefined;
};
