// A simulated Kannel over real sockets: a sendsms page with its faults, and messages brought to the server's page.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fromSeptets } from '../gsm7.ts';
import { writeHeader } from '../header.ts';
import type { KannelIncoming } from '../kannel/carrier.ts';
import { type ArrivedRequest, readArrived } from '../kannel/form.ts';
import type { ArrivedPart, Coding } from '../parts.ts';
import { PhoneNetwork } from './phones.ts';

const retryMs = 20;
const escaped = (octets: Uint8Array): string =>
  Array.from(octets, (octet) => `%${octet.toString(16).padStart(2, '0')}`).join('');
const codings: Readonly<Record<Coding, number>> = { gsm7: 0, octets: 1, ucs2: 2 };

export class KannelBox {
  readonly network = new PhoneNetwork();
  readonly username = 'onesoup';
  readonly password = 'lamp & oil=1';
  readonly secret = 'wick';
  /** HTTP statuses for the next requests, one each. */
  readonly statuses: number[] = [];
  taken = 0;
  putOff = 0;
  /** Where messages are brought: a server's URL, or the carrier itself. */
  server: string | KannelIncoming = '';
  /** How they are brought. */
  method: 'GET' | 'POST' = 'GET';
  #http: Server = createServer();

  constructor() {
    this.network.toServer = (part) => this.#bring(part);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/cgi-bin/sendsms`;
  }

  async listen(port = 0): Promise<void> {
    this.#http = createServer((request, response) => void this.#sendSms(request, response));
    await new Promise<void>((resolve) => this.#http.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    this.#http.closeAllConnections();
    await closed;
  }

  async #sendSms(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, query = ''] = (request.url ?? '').split('?', 2);
    const answer = (status: number, words: string): void => void response.writeHead(status).end(words);
    const read: ArrivedRequest = {
      method: request.method ?? '',
      query,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    const fields = new URLSearchParams(query);
    const by = (name: string): string | undefined =>
      fields.get(name) ?? (request.headers[`x-kannel-${name}`] as string);
    if (by('username') !== this.username || by('password') !== this.password)
      return answer(403, 'Authorization failed for sendsms');
    const status = this.statuses.shift() ?? 202;
    if (status !== 202) return answer(status, 'Temporal failure, try again later.');
    const part = readArrived(read);
    if (!part.ok) return answer(400, part.fault);
    this.taken++;
    answer(202, '0: Accepted for delivery');
    this.network.fromServer(part.value);
  }

  async #bring(part: ArrivedPart): Promise<void> {
    for (;;) {
      if ((await this.#request(part)) === 200) return;
      this.putOff++;
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  async #request({ from, to, coding, body, header }: ArrivedPart): Promise<number> {
    const udh = writeHeader(header);
    const text = coding === 'gsm7' ? Buffer.from(fromSeptets(body)) : body;
    const charset = coding === 'ucs2' ? 'UTF-16BE' : 'UTF-8';
    const isPost = this.method === 'POST';
    const query = isPost
      ? `secret=${this.secret}`
      : `secret=${this.secret}&from=%2b${from}&to=${to}&coding=${codings[coding]}&charset=${charset}&udh=${escaped(udh)}&text=${escaped(text)}`;
    const headers = isPost
      ? {
          'content-type': coding === 'octets' ? 'application/octet-stream' : `text/plain; charset=${charset}`,
          'x-kannel-from': `+${from}`,
          'x-kannel-to': to,
          'x-kannel-coding': `${codings[coding]}`,
          ...(udh.length && { 'x-kannel-udh': Buffer.from(udh).toString('hex') }),
        }
      : {};
    if (typeof this.server !== 'string')
      return (await this.server({ method: this.method, query, headers, body: text, remoteAddress: '127.0.0.1' }))
        .status;
    const url = `${this.server}?${query}`;
    const answer = await fetch(url, { method: this.method, headers, ...(isPost && { body: Buffer.from(text) }) }).catch(
      () => undefined,
    );
    await answer?.text();
    return answer?.status ?? -1;
  }
}
