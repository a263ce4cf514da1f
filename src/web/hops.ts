// Where a request came from, when proxies of ours stand in between (X-Forwarded-For, X-Forwarded-Proto).

import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Believes } from './caller.ts';

/** The peer, and behind each that is a proxy of ours whom it says it has it from. The last is the client. */
export const hopsOf = ({ socket, headers }: IncomingMessage, trusts: Believes): readonly string[] => {
  const peer = socket.remoteAddress ?? '';
  const forwarded = headers['x-forwarded-for'];
  if (forwarded === undefined || !trusts(peer)) return [peer];
  const hops = [peer];
  for (const hop of String(forwarded).split(',').reverse()) {
    const address = hop.trim();
    if (address === '') continue;
    hops.push(address);
    if (!trusts(address)) break;
  }
  return hops;
};

/** 'http' or 'https', as the client sees it. */
export const schemeOf = ({ socket, headers }: IncomingMessage, trusts: Believes): string => {
  const forwarded = headers['x-forwarded-proto'];
  if (forwarded !== undefined && trusts(socket.remoteAddress ?? ''))
    return String(forwarded).split(',').at(-1)?.trim() ?? '';
  return (socket as Partial<TLSSocket>).encrypted ? 'https' : 'http';
};
