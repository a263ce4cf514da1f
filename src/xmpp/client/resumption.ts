// What a restarted process needs to go on with a session of the one before (XEP-0198 §5), as plain JSON values.

import { Jid } from '../jid.ts';
import type { LinkResumption } from '../link.ts';

export interface Resumption {
  readonly id: string;
  readonly jid: Jid;
  /** Stanzas of the server's that we have handled. */
  readonly h: number;
  /** Stanzas of ours that the server has acknowledged, and the ids ('' for none) of those sent after them, in order. */
  readonly acked: number;
  readonly unacked: readonly string[];
  readonly location: string | undefined;
  readonly maxMs: number | undefined;
}

export const formatResumption = (one: Resumption): LinkResumption => ({
  id: one.id,
  jid: one.jid.toString(),
  h: one.h,
  acked: one.acked,
  unacked: JSON.stringify(one.unacked),
  ...(one.location !== undefined && { location: one.location }),
  ...(one.maxMs !== undefined && { maxMs: one.maxMs }),
});

/** Undefined for what is none, or not any more: the session is then opened anew. */
export const parseResumption = (kept: LinkResumption): Resumption | undefined => {
  const { id, h, acked, location, maxMs } = kept;
  const jid = typeof kept['jid'] === 'string' ? Jid.parse(kept['jid']) : undefined;
  if (typeof id !== 'string' || typeof h !== 'number' || typeof acked !== 'number' || !jid?.ok) return undefined;
  let unacked: unknown;
  try {
    unacked = JSON.parse(String(kept['unacked']));
  } catch {
    return undefined; // not ours
  }
  if (!Array.isArray(unacked) || !unacked.every((one) => typeof one === 'string')) return undefined;
  return {
    id,
    jid: jid.value,
    h,
    acked,
    unacked,
    location: typeof location === 'string' ? location : undefined,
    maxMs: typeof maxMs === 'number' ? maxMs : undefined,
  };
};

/** The ids of stanzas that were unacknowledged then and are handled now that the server counts `h`. */
export const handledIds = ({ acked, unacked }: Resumption, h: number): readonly string[] => {
  const more = (h - acked + 2 ** 32) % 2 ** 32;
  // More than half way round is not more but less: the server counts what cannot be, and nothing follows from it.
  return more >= 2 ** 31 ? [] : unacked.slice(0, more).filter((id) => id !== '');
};

/** `host:port` or `[v6]:port` (XEP-0198 `location`); undefined for anything else. */
export const parseLocation = (
  text: string | undefined,
): { readonly host: string; readonly port: number } | undefined => {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text ?? '');
  const port = Number(match?.[3]);
  return match && port > 0 && port < 65_536 ? { host: match[1] ?? match[2] ?? '', port } : undefined;
};
