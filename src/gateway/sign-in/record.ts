// Writes down every attempt to sign in, for the operator.

import type { SignInRecord } from '../../store/store.ts';
import type { Host } from '../host.ts';
import { clientKey } from '../session/client-id.ts';
import type { Attempt, Verdict } from './sign-in.ts';

const outcomes: Readonly<Record<Verdict['kind'], SignInRecord['outcome']>> = {
  'signed-in': 'signed-in',
  challenged: 'challenged',
  refused: 'refused',
};

const ourFaults: ReadonlySet<number> = new Set([500, 503]);

export const recordAttempt = (host: Host, attempt: Attempt, address: string, verdict: Verdict): void => {
  const { request, remoteAddress, userAgent, version, encoding } = attempt;
  const record: SignInRecord = {
    at: host.clock.wall(),
    address: address.slice(0, 200),
    remote: remoteAddress,
    userAgent: userAgent.slice(0, 200),
    clientId: clientKey(request.ClientID),
    version,
    encoding,
    scheme: verdict.scheme.slice(0, 50),
    // What is our side's fault is a failure, not a refusal.
    outcome: verdict.kind === 'refused' && ourFaults.has(verdict.refusal.code) ? 'failed' : outcomes[verdict.kind],
    code: verdict.kind === 'refused' ? verdict.refusal.code : verdict.kind === 'challenged' ? 401 : 200,
    reason: reasonOf(verdict),
  };
  note(host, record);
};

/** A sign-in that we could not even read: its phone's owner asks what is wrong all the same. */
export const recordUnread = (
  host: Host,
  from: Pick<SignInRecord, 'remote' | 'userAgent' | 'version' | 'encoding'>,
  { code, reason }: Pick<SignInRecord, 'code' | 'reason'>,
): void =>
  note(host, {
    ...from,
    userAgent: from.userAgent.slice(0, 200),
    at: host.clock.wall(),
    address: '',
    clientId: '',
    scheme: 'unknown',
    outcome: 'refused',
    code,
    reason: reason.slice(0, 300),
  });

const note = (host: Host, record: SignInRecord): void => {
  host.events.signIn(record);
  host.store.signIns.add(record).catch((cause: unknown) => {
    host.events.failed(host.log, 'store', cause, 'a sign-in could not be recorded');
  });
};

const reasonOf = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case 'signed-in':
      return verdict.scheme === 'session' ? 'session taken up again' : 'signed in';
    case 'challenged':
      return verdict.reason;
    case 'refused':
      return verdict.detail ? `${verdict.refusal.reason}: ${verdict.detail}`.slice(0, 300) : verdict.refusal.reason;
  }
};
