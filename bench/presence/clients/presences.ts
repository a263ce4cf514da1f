// What a client is shown, from the octets it was sent and the times they came at.

import type { XmlStreamReader } from '../../../src/xml/stream-reader.ts';

export interface Presence {
  /** Milliseconds after the client's own initial presence. */
  readonly atMs: number;
  readonly from: string;
  readonly type: string;
}

export interface Chunk {
  readonly atMs: number;
  readonly octets: Uint8Array;
}

/** A presence counts from when its last octet is there. `own` is not counted: the client's own presence comes back to it. */
export const presencesIn = (reader: XmlStreamReader, chunks: readonly Chunk[], own: string): Presence[] => {
  const presences: Presence[] = [];
  for (const { atMs, octets } of chunks)
    for (const event of reader.push(octets)) {
      if (event.type === 'fault') throw new Error(`the server sent what is no XML: ${event.fault.reason}`);
      if (event.type !== 'element' || event.element.name !== 'presence') continue;
      const { from = '', type = '' } = event.element.attrs;
      if (bareOf(from) !== own) presences.push({ atMs, from, type });
    }
  return presences;
};

export const bareOf = (address: string): string => address.split('/', 1)[0] ?? '';
