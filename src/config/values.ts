// The kinds of value a key can have. Each says what is allowed in words that complete "must be …": the same words stand in
// the refusal and in the reference.

import { z } from 'zod';

/** What is allowed, for the reference; read back from a schema with `allowedBy`. */
const allowed = z.registry<{ words: string }>();

const saying = <Schema extends z.ZodType>(words: string, make: (error: () => string) => Schema): Schema => {
  const schema = make(() => `must be ${words}`);
  allowed.add(schema, { words });
  return schema;
};

export const allowedBy = (schema: z.ZodType): string | undefined => allowed.get(schema)?.words;

export const whole = (min: number, max: number) =>
  saying(`a whole number from ${min} to ${max}`, (error) => z.int({ error }).min(min, { error }).max(max, { error }));

export const yesOrNo = () => saying('true or false', (error) => z.boolean({ error }));

export const oneOf = <const Choice extends string>(...choices: readonly Choice[]) =>
  saying(listed(choices), (error) => z.enum(choices as readonly [Choice, ...Choice[]], { error }));

export const path = (words = 'the path of a file') =>
  saying(words, (error) => z.string({ error }).min(1, { error }).max(4096, { error }));

export const text = (words: string, charactersMax: number) =>
  saying(words, (error) => z.string({ error }).min(1, { error }).max(charactersMax, { error }));

export const telephone = () =>
  saying('a telephone number: 3 to 15 digits', (error) =>
    z
      .union([z.string(), z.number()], { error })
      .transform((number) => String(number).replace(/^\+/, ''))
      .refine((number) => /^\d{3,15}$/.test(number), { error }),
  );

/** Labels of letters, digits and hyphens; Unicode letters are fine, the server prepares them (RFC 7622). */
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]{0,61}[\\p{L}\\p{M}\\p{N}])?';
const domainName = new RegExp(`^${label}(?:\\.${label})*$`, 'u');
const isDomain = (text: string): boolean =>
  text.length <= 253 && domainName.test(text) && !/^[\d.]+$/.test(text) && text !== '';

export const domain = () =>
  saying('a domain name, such as home.test', (error) =>
    z
      .string({ error })
      .refine(isDomain, { error })
      .transform((text) => text.toLowerCase()),
  );

export const host = () =>
  saying('a host name or an IP address', (error) =>
    z.string({ error }).refine((text) => isDomain(text) || isIp(text), { error }),
  );

const isNetwork = (text: string): boolean => {
  const [address = '', bits = '0', ...more] = text.split('/');
  return (
    isIp(address) && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (address.includes(':') ? 128 : 32)
  );
};

export const network = () =>
  saying('an IP address or a network, such as 10.0.0.0/8', (error) => z.string({ error }).refine(isNetwork, { error }));

/** Where something is on the web; without the slash at its end. */
export const webAddress = () =>
  saying('an address such as https://chat.example.org, without a query', (error) =>
    z
      .string({ error })
      .refine((text) => /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(text) && URL.canParse(text), { error })
      .transform((text) => text.replace(/\/+$/, '')),
  );

/** A program's own page, whose query is ours to write. */
export const httpUrl = (meaning: string) =>
  saying(meaning, (error) =>
    z
      .string({ error })
      .refine((text) => /^https?:\/\/[^\s/?#@]+(\/[^\s#]*)?$/.test(text) && URL.canParse(text), { error }),
  );

/** The address of a web page with places to be filled in, `https://maps.example/?at={latitude},{longitude}`; or false. */
export const webTemplate = (...places: readonly string[]) =>
  saying(`a web address with ${places.map((place) => `{${place}}`).join(' and ')} in it, or false`, (error) =>
    z.union([z.literal(false), z.string()], { error }).transform((value, context): string | false => {
      const isGood =
        value === false ||
        (value.length <= 500 &&
          URL.canParse(value) &&
          /^https?:\/\//.test(value) &&
          places.every((place) => value.includes(`{${place}}`)));
      if (isGood) return value;
      context.addIssue({ code: 'custom', message: error() });
      return z.NEVER;
    }),
  );

/** A domain, or `*.example.org` for all those below it. */
export const domainPattern = () =>
  saying('a domain name, or *.domain for all those below it', (error) =>
    z
      .string({ error })
      .refine((text) => isDomain(text.replace(/^\*\./, '')), { error })
      .transform((text) => text.toLowerCase()),
  );

export const nameServer = () =>
  saying('an IP address, or address:port such as 127.0.0.1:5353 or [::1]:5353', (error) =>
    z.string({ error }).refine(
      (text) => {
        const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? [];
        return isIp(bracketed ?? plain ?? text);
      },
      { error },
    ),
  );

/** SHA-256 in hexadecimal, with or without colons. */
export const fingerprint = () =>
  saying('a SHA-256 in hexadecimal, 64 digits, with or without colons', (error) =>
    z
      .string({ error })
      .transform((text) => text.replaceAll(':', '').toLowerCase())
      .refine((text) => /^[0-9a-f]{64}$/.test(text), { error }),
  );

/** Where servers are that are not looked up: `domain: host:port`, or `domain: { to: host:port, tls: direct }`. */
export interface Route extends Endpoint {
  readonly isDirectTls: boolean;
}
export const routes = () =>
  saying(
    'domains, each with host:port or { to: host:port, tls: starttls or direct }',
    (error): z.ZodType<Readonly<Record<string, Route>>> =>
      z
        .record(
          z.string(),
          z.union([z.string(), z.strictObject({ to: z.string(), tls: z.enum(['starttls', 'direct']).optional() })], {
            error,
          }),
          { error },
        )
        .transform((given, context) => {
          const read: Record<string, Route> = {};
          for (const [name, value] of Object.entries(given)) {
            const { to, tls } = typeof value === 'string' ? { to: value, tls: undefined } : value;
            const where = readEndpoint(to);
            if (where && isDomain(name)) read[name.toLowerCase()] = { ...where, isDirectTls: tls === 'direct' };
            else context.addIssue({ code: 'custom', path: [name], message: error() });
          }
          return read;
        }),
  );

/** Where a socket listens. `host` is an IP address or a name; IPv6 without its brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, IPv6 in brackets, or false. Port 0 takes any free one. */
export const endpoint = () =>
  saying('host:port, such as 0.0.0.0:5222 or [::1]:5222, or false', (error) =>
    z.union([z.literal(false), z.string()], { error }).transform((value, context): Endpoint | false => {
      const read = value === false ? false : readEndpoint(value);
      if (read !== undefined) return read;
      context.addIssue({ code: 'custom', message: error() });
      return z.NEVER;
    }),
  );

const readEndpoint = (text: string): Endpoint | undefined => {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const where = bracketed ?? plain;
  const port = Number(digits);
  if (where === undefined || port > 65_535) return undefined;
  const fits = bracketed === undefined ? isDomain(where) || isIp4(where) : isIp6(bracketed);
  return fits ? { host: where, port } : undefined;
};

const isIp4 = (text: string): boolean => z.ipv4().safeParse(text).success;
const isIp6 = (text: string): boolean => z.ipv6().safeParse(text).success;
const isIp = (text: string): boolean => isIp4(text) || isIp6(text);

const listed = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;

/** A default: where to listen. */
export const on = (address: string, port: number): Endpoint => ({ host: address, port });
