// Files of our own upload service are taken from it, not over the network: the gateway need not reach its own public address.

import type { Readable } from 'node:stream';
import { bad, good, type Outcome } from '../../../../base/outcome.ts';
import type { Web, WebFault } from '../contents.ts';

/** As src/server/uploads has it. */
export interface OwnFiles {
  idIn(url: string): string | undefined;
  find(
    id: string,
  ): Promise<{ readonly type: string; readonly size: number; open(): Promise<Readable | undefined> } | undefined>;
  receive(
    id: string,
    token: string | undefined,
    length: number,
    octets: AsyncIterable<Uint8Array>,
  ): Promise<Outcome<void, string>>;
}

const temporary = (text: string): Outcome<never, WebFault> => bad({ reason: 'temporary', text });
const gone: Outcome<never, WebFault> = bad({ reason: 'gone', text: 'it is not there any more' });

/** `beyond`: for all other addresses. */
export const withOwnFiles = (own: OwnFiles, beyond: Web): Web => ({
  async get(url, bytesMax) {
    const id = own.idIn(url);
    if (id === undefined) return beyond.get(url, bytesMax);
    try {
      const file = await own.find(id);
      if (!file) return gone;
      if (file.size > bytesMax) return bad({ reason: 'too-large', text: 'it is too large' });
      const stream = await file.open();
      if (!stream) return gone;
      const pieces: Uint8Array[] = [];
      for await (const piece of stream) pieces.push(piece as Uint8Array);
      return good({ octets: new Uint8Array(Buffer.concat(pieces)), type: file.type });
    } catch (cause) {
      return temporary(String(cause));
    }
  },

  async put(url, headers, file) {
    const id = own.idIn(url);
    if (id === undefined) return beyond.put(url, headers, file);
    const given = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    const token = /^Bearer (.+)$/i.exec(given ?? '')?.[1];
    try {
      const done = await own.receive(id, token, file.octets.length, whole(file.octets));
      return done.ok ? done : temporary(`the upload service says ${done.fault}`);
    } catch (cause) {
      return temporary(String(cause));
    }
  },
});

async function* whole(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  yield octets;
}

/** Goes nowhere. */
export const noWeb: Web = {
  get: async () => bad({ reason: 'forbidden', text: 'links are not fetched here' }),
  put: async () => bad({ reason: 'forbidden', text: 'nothing is uploaded elsewhere' }),
};
