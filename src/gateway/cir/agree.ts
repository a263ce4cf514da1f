// Which wake-up channels a phone gets: of those it offers, in its order, all that can be served to this phone. A phone that
// believes in a channel stops polling, so nothing is agreed to that is not up. (CSP all versions, "Client capability
// negotiation": SupportedCIRMethod and the addresses that belong to it)

import type { StructureOf } from '../../imps/primitives.ts';
import type { CspVersion } from '../../imps/version.ts';
import { isMethod, type Method } from './method.ts';

/** What each method would need in the answer; a method that is not there cannot be served to this phone. */
export interface Servable {
  readonly STCP?: { readonly host: string; readonly port: number };
  /** 1.3: where the phone may say HELO by datagram. */
  readonly SUDP?: { readonly host?: string | undefined; readonly port: number };
  readonly WAPUDP?: true;
  readonly WAPSMS?: true;
  /** 1.3: where the phone may say HELO by short message. */
  readonly SSMS?: { readonly number: string };
  readonly SHTTP?: { readonly url: string };
}

export type CirElements = Pick<
  StructureOf<'AgreedCapabilityList'>,
  'TCPAddress' | 'TCPPort' | 'UDPAddress' | 'UDPPort' | 'CIRURL' | 'CIRHTTPAddress' | 'CIRSMSAddress'
>;

export interface Agreed {
  readonly methods: readonly Method[];
  /** In the form of the version; an address only with its method. */
  readonly elements: CirElements;
}

export const agree = (offered: readonly string[], version: CspVersion, servable: Servable): Agreed => {
  // 1.1 has neither SHTTP nor SSMS.
  const isKnown = (method: Method): boolean => version !== '1.1' || (method !== 'SHTTP' && method !== 'SSMS');
  const wanted = [...new Set(offered.filter(isMethod))];
  const methods = inOrder(wanted.filter((method) => isKnown(method) && servable[method]));
  const elements: { -readonly [Name in keyof CirElements]: CirElements[Name] } = {};
  for (const method of methods) Object.assign(elements, elementsOf(method, version, servable));
  return { methods, elements };
};

/**
 * A phone that takes the first of both must not take SHTTP: it asks every few seconds and, as Android does, gives the channel
 * up for good after one failure.
 */
const inOrder = (methods: readonly Method[]): readonly Method[] => {
  const http = methods.indexOf('SHTTP');
  if (http < 0 || methods.indexOf('STCP') < http) return methods;
  const others = methods.filter((method): boolean => method !== 'SHTTP');
  return others.toSpliced(others.indexOf('STCP') + 1, 0, 'SHTTP');
};

const elementsOf = (method: Method, version: CspVersion, { STCP, SUDP, SSMS, SHTTP }: Servable): CirElements => {
  switch (method) {
    case 'STCP':
      return STCP ? { TCPAddress: STCP.host, TCPPort: STCP.port } : {};
    case 'SUDP':
      return version === '1.3' && SUDP?.host !== undefined ? { UDPAddress: SUDP.host, UDPPort: SUDP.port } : {};
    case 'SSMS':
      return version === '1.3' && SSMS ? { CIRSMSAddress: SSMS.number } : {};
    case 'SHTTP':
      if (!SHTTP) return {};
      return version === '1.3' ? { CIRHTTPAddress: { URL: SHTTP.url } } : { CIRURL: { URL: SHTTP.url } };
    case 'WAPUDP':
    case 'WAPSMS':
      return {};
  }
};
