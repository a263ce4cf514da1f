// Domain names as XMPP addresses have them (RFC 7622 §3.2): lower case, labels in Unicode rather than in ASCII armour
// ("xn--…"), no dot at the end; or an IP address, IPv6 in brackets. Internationalised labels keep to IDNA2008 (RFC 5892),
// which is narrower than the UTS #46 that browsers use: ☃.net is a domain to them, not here.

import { isIPv6 } from 'node:net';
import tr46 from 'tr46';
import { type DerivedProperty, exceptions, letterDigits, oldHangulJamo } from './precis.ts';
import { isInContext } from './precis-context.ts';

/** The domain in its canonical form, or undefined when it is none. */
export const prepareDomain = (given: string): string | undefined => {
  if (given.startsWith('[')) return prepareIPv6(given);
  const domain = given.endsWith('.') ? given.slice(0, -1) : given;
  const lower = domain.toLowerCase();
  if (isPlain(lower)) return lower;
  return isAsciiLettersDigitsHyphens(lower) && !lower.includes('xn--') ? undefined : prepareUnicode(domain);
};

/** The domain as DNS and certificates have it ("xn--…"); `domain` must be prepared. */
export const toAsciiDomain = (domain: string): string =>
  isPlain(domain) || domain.startsWith('[') ? domain : (tr46.toASCII(domain, strict) ?? domain);

// Labels of letters, digits and hyphens (NR-LDH, RFC 5890 §2.3.1): no hyphen at an end, nor in places three and four.
const label = '(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const plain = new RegExp(`^${label}(?:\\.${label})*$`);
const isPlain = (domain: string): boolean => domain.length <= 253 && plain.test(domain);
const isAsciiLettersDigitsHyphens = (domain: string): boolean => /^[a-z0-9.-]*$/.test(domain);

const strict = { checkHyphens: true, checkBidi: true, checkJoiners: true, useSTD3ASCIIRules: true } as const;

const prepareUnicode = (given: string): string | undefined => {
  // A label has at most 63 octets in ASCII and a domain 253; what is much longer need not be looked at.
  if (given.length > 1023) return undefined;
  const { domain, error } = tr46.toUnicode(given, strict);
  if (error || !domain.split('.').every(isIdnaLabel)) return undefined;
  return tr46.toASCII(domain, { ...strict, verifyDNSLength: true }) === null ? undefined : domain;
};

const isIdnaLabel = (text: string): boolean => {
  let at = 0;
  for (const c of text) {
    const property = idnaProperty(c);
    if (property !== 'valid' && !(property === 'context' && isInContext(text, at))) return false;
    at += c.length;
  }
  return text !== '';
};

/** RFC 5892 §3, in the order given there. */
const idnaProperty = (c: string): DerivedProperty => {
  const exception = exceptions.get(c);
  if (exception) return exception;
  if (/^[a-z0-9-]$/.test(c)) return 'valid';
  if (/^\p{Join_Control}$/u.test(c)) return 'context';
  if (oldHangulJamo.test(c)) return 'disallowed';
  if (c.normalize('NFKC').toLowerCase().normalize('NFKC') !== c) return 'disallowed'; // unstable
  if (/^[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Noncharacter_Code_Point}]$/u.test(c)) return 'disallowed';
  if (/^[\u20D0-\u20FF\u{1D100}-\u{1D1FF}\u{1D200}-\u{1D24F}]$/u.test(c)) return 'disallowed'; // ignorable blocks
  return letterDigits.test(c) ? 'valid' : 'disallowed';
};

const prepareIPv6 = (given: string): string | undefined => {
  const address = given.slice(1, -1);
  if (!given.endsWith(']') || !isIPv6(address) || address.includes('%')) return undefined;
  return URL.parse(`http://[${address}]`)?.hostname; // RFC 5952's one way to write it.
};
