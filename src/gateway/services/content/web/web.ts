// The web as strangers' links lead into it. A name is looked up once and the connection goes to an address that was checked, so
// that no second answer of the name server can turn it elsewhere; each redirection is checked anew. Octets, time and
// redirections are bounded.

import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { bad, good, type Outcome } from '../../../../base/outcome.ts';
import type { Fetched, Web, WebFault } from '../contents.ts';
import { addressGuard } from './addresses.ts';
import { readAesgcm } from './aesgcm.ts';

export interface WebOptions {
  /** Private networks that may be gone to. */
  readonly networks: readonly string[];
  /** Authorities to trust beside the public ones, PEM. */
  readonly ca?: string;
  /** For one file from the first octet to the last. Default 20 s. */
  readonly timeoutMs?: number;
  readonly software?: string;
}

const redirectionsMax = 3;

class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

const fault = (reason: WebFault['reason'], text: string): Outcome<never, WebFault> => bad({ reason, text });

export const createWebClient = ({ networks, ca, timeoutMs = 20_000, software = 'onesoup' }: WebOptions): Web => {
  const mayGoTo = addressGuard(networks);

  /** In the form that net.connect asks for: one address, or all. */
  const checkedLookup = (
    host: string,
    { all }: { readonly all?: boolean | undefined },
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    lookup(host, { all: true, verbatim: true }).then(
      (found) => {
        const good = found.filter(({ address }) => mayGoTo(address));
        const [first] = good;
        if (!first) callback(new ForbiddenAddressError(`${host} is not on the public network`), '');
        else if (all) callback(null, good);
        else callback(null, first.address, first.family);
      },
      (cause: Error) => callback(cause, ''),
    );
  };

  /** The answer's head; rejects with the system's errors. */
  const ask = async (
    url: URL,
    method: 'GET' | 'PUT',
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    body?: Uint8Array,
  ): Promise<IncomingMessage> => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // An address needs no look-up, so none would check it.
    if (isIP(host) && !mayGoTo(host)) throw new ForbiddenAddressError(`${host} is not on the public network`);
    const options: RequestOptions & { readonly ca?: string[] } = {
      method,
      headers: { 'user-agent': software, 'accept-encoding': 'identity', ...headers },
      lookup: checkedLookup as NonNullable<RequestOptions['lookup']>,
      agent: false,
      signal,
    };
    const request: ClientRequest =
      url.protocol === 'https:' ? httpsRequest(url, { ...options, ...(ca && { ca }) }) : httpRequest(url, options);
    return new Promise((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
      // Without an answer and without an error: a 101, which nobody asked for, ends the connection in silence.
      request.once('close', () => reject(new Error('the connection ended without an answer')));
      request.end(body);
    });
  };

  const get = async (address: string, bytesMax: number): Promise<Outcome<Fetched, WebFault>> => {
    const secret = readAesgcm(address);
    const signal = AbortSignal.timeout(timeoutMs);
    let url = parse(secret?.url ?? address);
    for (let redirections = 0; ; redirections++) {
      if (!url) return fault('forbidden', 'it is no address that is gone to');
      const answer = await ask(url, 'GET', {}, signal);
      const { statusCode = 0, headers } = answer;
      if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
        answer.destroy();
        if (redirections === redirectionsMax) return fault('gone', 'it leads in circles');
        const next: URL | undefined = parse(headers.location, url);
        if (url.protocol === 'https:' && next?.protocol === 'http:') return fault('forbidden', 'it leads out of https');
        url = next;
        continue;
      }
      if (statusCode !== 200) {
        answer.destroy();
        const isTemporary = statusCode >= 500 || statusCode === 429 || statusCode === 408;
        return fault(isTemporary ? 'temporary' : 'gone', `its server says ${statusCode}`);
      }
      const octets = await readAll(answer, bytesMax);
      if (!octets) return fault('too-large', `it has more than ${bytesMax} octets`);
      const plain = secret ? secret.open(octets) : octets;
      if (!plain) return fault('gone', 'its key does not fit');
      // Of an encrypted file the server knows nothing.
      return good({ octets: plain, type: secret ? undefined : headers['content-type'] });
    }
  };

  const put: Web['put'] = async (address, headers, { type, octets }) => {
    const url = parse(address);
    if (!url) return fault('forbidden', 'it is no address that is gone to');
    const all = { ...headers, 'content-type': type, 'content-length': String(octets.length) };
    const answer = await ask(url, 'PUT', all, AbortSignal.timeout(timeoutMs), octets);
    answer.destroy();
    const { statusCode = 0 } = answer;
    if (statusCode === 200 || statusCode === 201 || statusCode === 204) return good(undefined);
    return fault(statusCode === 413 ? 'too-large' : 'temporary', `the server says ${statusCode}`);
  };

  const settled = async <Value>(work: Promise<Outcome<Value, WebFault>>): Promise<Outcome<Value, WebFault>> => {
    try {
      return await work;
    } catch (cause) {
      if (cause instanceof ForbiddenAddressError) return fault('forbidden', 'it is not on the public network');
      const { name, code, message } = cause as NodeJS.ErrnoException;
      if (name === 'AbortError' || name === 'TimeoutError') return fault('temporary', 'its server is too slow');
      return fault(code === 'ENOTFOUND' ? 'gone' : 'temporary', `its server cannot be reached (${code ?? message})`);
    }
  };
  return { get: (url, bytesMax) => settled(get(url, bytesMax)), put: (...given) => settled(put(...given)) };
};

/** http and https without a user in it. */
const parse = (text: string, base?: URL): URL | undefined => {
  if (!URL.canParse(text, base?.href)) return undefined;
  const url = new URL(text, base);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : undefined;
};

/** Undefined when there is more; the rest is not waited for. */
const readAll = async (answer: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> => {
  if (Number(answer.headers['content-length'] ?? 0) > bytesMax) {
    answer.destroy();
    return undefined;
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer as AsyncIterable<Uint8Array>) {
    length += piece.length;
    // Leaving the loop ends the connection.
    if (length > bytesMax) return undefined;
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces, length));
};
