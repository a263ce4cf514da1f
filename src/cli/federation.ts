// onesoup federation: other servers, how we stand with them, and why something does not go.

import type { Config } from '../config/config.ts';
import type { FederationReport, LinkReport, StreamReport } from '../server/s2s/report.ts';
import { operateRunning } from './control.ts';
import { CommandError } from './failures.ts';
import { table } from './table.ts';

export interface FederationOptions {
  readonly json?: boolean;
}

export const showFederation = async (
  config: Config,
  domain: string | undefined,
  { json = false }: FederationOptions,
): Promise<string> => {
  const told = await operateRunning(config.data, 'federation', domain === undefined ? {} : { domain });
  if (!told) throw new CommandError('no server runs here; links to others are known while one does');
  if (!told.ok) throw new CommandError(told.fault.text);
  if (json) return JSON.stringify(told.value, undefined, 2);
  return domain === undefined ? overview(told.value) : details(told.value, domain);
};

export const overview = ({ links, strangers }: FederationReport): string => {
  const rows = links.map((link) => [
    link.remote,
    link.local,
    standing(link),
    String(link.waiting + link.unacknowledged),
    proofs(link),
    link.lastFault && link.phase !== 'up' ? `${duration(link.lastFault.seconds)} ago: ${link.lastFault.text}` : '',
  ]);
  const known = rows.length
    ? table(['server', 'our domain', 'link', 'waiting', 'proven by', 'last fault'], rows)
    : 'there are no links to other servers; they are made when they are needed';
  const nobodies = strangers === 0 ? [] : [`${strangers} connections have not shown who they are`];
  return [known, ...nobodies].join('\n\n');
};

export const details = ({ links }: FederationReport, domain: string): string => {
  if (links.length === 0) return `there is no link to ${domain}, and nothing waits for it`;
  return links.map(detailsOf).join('\n\n');
};

const detailsOf = (link: LinkReport): string => {
  const lines: (readonly [string, string])[] = [
    ['link', `${link.local} to ${link.remote}: ${standing(link)}`],
    ['waiting', `${link.waiting}; on their way, not yet acknowledged: ${link.unacknowledged}`],
  ];
  if (link.lastFault)
    lines.push([
      'last fault',
      `${duration(link.lastFault.seconds)} ago: ${link.lastFault.text} (senders are told ${link.lastFault.condition})`,
    ]);
  for (const stream of link.streams) lines.push(...streamLines(stream));
  return lines.map(([name, text]) => `${name.padEnd(13)}${text.replaceAll(/\p{C}/gu, '\ufffd')}`).join('\n');
};

const streamLines = (stream: StreamReport): (readonly [string, string])[] => {
  const { direction, address, isSecure, isManaged, isOurs, proof, openSeconds, resumptions, certificate } = stream;
  const facts = [
    direction === 'out' ? 'ours' : isOurs ? 'theirs, for both directions' : 'theirs',
    `open for ${duration(openSeconds)}`,
    isSecure ? 'TLS' : 'not encrypted',
    ...(proof === undefined ? [] : [`proven by ${proof}`]),
    isManaged ? 'acknowledged (XEP-0198)' : 'without acknowledgements',
    ...(resumptions > 0 ? [resumptions === 1 ? 'resumed once' : `resumed ${resumptions} times`] : []),
  ];
  const lines: (readonly [string, string])[] = [['stream', `${address}: ${facts.join(', ')}`]];
  if (certificate) {
    const { names, issuer, validUntil, pin, isTrusted } = certificate;
    lines.push([
      'certificate',
      `for ${names.slice(0, 5).join(', ') || 'no domain'}, of ${issuer}, until ${validUntil.slice(0, 10)}${isTrusted ? '' : '; no authority we trust stands behind it'}`,
    ]);
    lines.push(['pin', pin]);
  }
  return lines;
};

const standing = ({ phase, isLost, phaseSeconds = 0, retryInSeconds = 0, streams }: LinkReport): string => {
  switch (phase) {
    case 'idle':
      if (isLost) return 'lost, given up until somebody wants it';
      return streams.length > 0 ? 'they send, we do not' : 'idle';
    case 'dialling':
      return `connecting for ${duration(phaseSeconds)}`;
    case 'authenticating':
      return `authenticating for ${duration(phaseSeconds)}`;
    case 'up':
      return `up for ${duration(phaseSeconds)}`;
    case 'detached':
      return `broken off ${duration(phaseSeconds)} ago, to be resumed`;
    case 'waiting':
      return `no way; tried again in ${duration(retryInSeconds)}`;
    default:
      return phase satisfies never;
  }
};

const proofs = ({ streams }: LinkReport): string =>
  [...new Set(streams.flatMap(({ direction, proof }) => (proof === undefined ? [] : [`${direction} ${proof}`])))].join(
    ', ',
  );

const duration = (seconds: number): string =>
  seconds < 120
    ? `${seconds} s`
    : seconds < 7_200
      ? `${Math.round(seconds / 60)} min`
      : `${Math.round(seconds / 3_600)} h`;
