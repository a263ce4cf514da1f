// onesoup presence: what an account's sessions are shown of its contacts, and why.

import type { Config } from '../config/config.ts';
import type { ContactReport, PresenceReport } from '../server/features/presence/report.ts';
import { operateRunning } from './control.ts';
import { CommandError } from './failures.ts';
import { table } from './table.ts';

export interface PresenceOptions {
  readonly json?: boolean;
}

export const showPresence = async (
  config: Config,
  address: string,
  { json = false }: PresenceOptions,
): Promise<string> => {
  const told = await operateRunning(config.data, 'presence', { address });
  if (!told) throw new CommandError('no server runs here; who is online is known while one does');
  if (!told.ok) throw new CommandError(told.fault.text);
  return json ? JSON.stringify(told.value, undefined, 2) : page(told.value);
};

export const page = ({ account, sessions, contacts }: PresenceReport): string => {
  const parts = [
    sessions.length
      ? table(
          ['session', 'shows', 'priority', 'status'],
          sessions.map(({ resource, isAvailable, show, priority, status }) => [
            resource,
            isAvailable ? show || 'online' : 'not available',
            String(priority),
            status,
          ]),
        )
      : `${account} has no sessions`,
    contacts.length
      ? table(
          ['contact', 'resource', 'shows', 'status', 'seen', 'confirmed', 'last probe', 'next look'],
          contacts.flatMap(rows),
        )
      : `${account} sees nobody`,
    ...explanations(contacts),
  ];
  return parts.join('\n\n');
};

const rows = (contact: ContactReport): string[][] => {
  const { isLocal, resources, checkedSeconds, probe, nextLookInSeconds } = contact;
  const probed = isLocal
    ? ''
    : probe
      ? `${ago(probe.sentSeconds)}: ${probe.answer ?? words[probe.outcome]}`
      : 'none yet';
  const next = nextLookInSeconds === undefined ? '' : `in ${duration(nextLookInSeconds)}`;
  if (resources.length === 0) {
    const seen = checkedSeconds === undefined ? '' : ago(checkedSeconds);
    const isKnown = isLocal || checkedSeconds !== undefined;
    return [[contact.contact, '', 'offline', '', seen, isKnown ? 'yes' : 'not asked yet', probed, next]];
  }
  return resources.map(({ resource, show, status, seenSeconds, isConfirmed }, n) => [
    n === 0 ? contact.contact : '',
    resource,
    show || 'online',
    status,
    ago(seenSeconds),
    isConfirmed ? 'yes' : 'no',
    n === 0 ? probed : '',
    n === 0 ? next : '',
  ]);
};

const words = {
  pending: 'no answer yet',
  answered: 'answered',
  unanswered: 'no answer',
  void: 'lost with the link',
} as const;

/** A line for each server whose contacts are shown as last known. */
const explanations = (contacts: readonly ContactReport[]): string[] => {
  const lines = new Map<string, string>();
  for (const { contact, resources, domainDownSeconds } of contacts) {
    const domain = contact.slice(contact.indexOf('@') + 1);
    if (domainDownSeconds !== undefined)
      lines.set(
        domain,
        `${domain} has been out of reach for ${duration(domainDownSeconds)}: its contacts are shown as last known until it answers, or for as long as presence.grace_seconds says`,
      );
    else if (!lines.has(domain) && resources.some(({ isConfirmed }) => !isConfirmed))
      lines.set(
        domain,
        `Of ${domain} some is shown as last known, from before this server started or a link was lost: it is being asked`,
      );
  }
  return lines.size > 0 ? [[...lines.values()].join('\n')] : [];
};

const ago = (seconds: number): string => `${duration(seconds)} ago`;
const duration = (seconds: number): string =>
  seconds < 120
    ? `${seconds} s`
    : seconds < 7_200
      ? `${Math.round(seconds / 60)} min`
      : seconds < 172_800
        ? `${Math.round(seconds / 3_600)} h`
        : `${Math.round(seconds / 86_400)} days`;
