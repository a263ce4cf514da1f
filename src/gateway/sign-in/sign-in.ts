// CSP all versions, "Login": 2-way with a password, 4-way with a digest, and (1.3) taking up a session again. Every attempt
// is recorded with the reason in words; the aim is that no correct password is ever refused.

import type { Throttle } from '../../base/throttle.ts';
import { provesPassword } from '../../imps/digest.ts';
import { negotiate as negotiateFunctions } from '../../imps/features.ts';
import type { Encoding } from '../../imps/message.ts';
import type { PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import { result } from '../../imps/transaction.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Host } from '../host.ts';
import type { Around } from '../session/basics.ts';
import { negotiate } from '../session/capabilities.ts';
import { clientKey, resourceOf } from '../session/client-id.ts';
import { recognise } from '../session/recognise.ts';
import type { Session } from '../session/session.ts';
import { isSessionId } from '../session/session-id.ts';
import type { Sessions } from '../session/sessions.ts';
import { sharedCapabilities, sharedFeatures } from '../session/state.ts';
import { heardOver, mayUse } from '../sms/reach.ts';
import { Turns } from '../turns.ts';
import { establish } from './establish.ts';
import { linkRefusals, type Refusal, refusals } from './faults.ts';
import { Nonces, nonceKey, type Scheme } from './nonces.ts';
import { openLink } from './open-link.ts';
import { recordAttempt } from './record.ts';
import { accountOf } from './user-id.ts';

export type LoginRequest = PrimitiveOf<'Login-Request'>;
export type LoginResponse = PrimitiveOf<'Login-Response'>;

export interface Attempt extends Around {
  readonly request: LoginRequest;
  readonly transactionId: string;
  readonly userAgent: string;
  readonly encoding: Encoding;
  /** As of CspMessage. */
  readonly usesOurCodes?: boolean | undefined;
}

/** What became of an attempt, for the answer and for the record. */
export type Verdict =
  | { readonly kind: 'signed-in'; readonly session: Session; readonly sessionId: string; readonly scheme: string }
  | { readonly kind: 'challenged'; readonly nonce: string; readonly scheme: Scheme; readonly reason: string }
  | { readonly kind: 'refused'; readonly scheme: string; readonly refusal: Refusal; readonly detail?: string };

export class SignIns {
  readonly #host: Host;
  readonly #sessions: Sessions;
  readonly #nonces: Nonces;
  readonly #throttle: Throttle;
  /** Sign-ins of one phone go one after the other. */
  readonly #turns = new Map<string, Turns>();

  constructor(host: Host, sessions: Sessions) {
    this.#host = host;
    this.#sessions = sessions;
    this.#nonces = new Nonces(host.clock, host.random, host.settings.limits.noncesMax);
    this.#throttle = host.throttle;
  }

  /** Owners are known by where they signed in from before this program started. */
  async recall(): Promise<void> {
    const before = await this.#host.store.signIns.list({ outcome: 'signed-in', limit: recalledMax });
    for (const { address, remote, clientId } of before.toReversed())
      this.#throttle.succeeded(address, remote, clientId);
  }

  async attempt(given: Attempt): Promise<LoginResponse> {
    const attempt = { ...given, request: tidied(given.request) };
    const { request } = attempt;
    const account = accountOf(request.UserID, this.#host.settings.domain);
    const verdict = await this.#judge(attempt, account).catch((cause: unknown): Verdict => {
      this.#host.events.failed(this.#host.log, 'sign-in', cause, 'a sign-in failed', { user: account });
      return refuse('internal', schemeOf(request));
    });
    recordAttempt(this.#host, attempt, account?.toString() ?? request.UserID, verdict);
    return this.#answer(attempt, verdict);
  }

  async #judge(attempt: Attempt, account: Jid | undefined): Promise<Verdict> {
    const { request } = attempt;
    const scheme = schemeOf(request);
    if (!account) return refuse('bad-user-id', scheme);
    if (isTooLong(request)) return refuse('too-long', scheme);
    if (!this.#host.providers.has(account.domain)) return refuse('domain-not-served', scheme);
    if (request.SessionID) return this.#takeUp(attempt, account);
    if (request.Password !== undefined) return this.#verify(attempt, account, scheme, async () => request.Password);
    if (request.DigestBytes) return this.#digest(attempt, account, request.DigestBytes);
    return this.#challenge(request, account);
  }

  /** 4-way, first half. */
  async #challenge(request: LoginRequest, account: Jid, reason = 'first half of a 4-way sign-in'): Promise<Verdict> {
    const offered = offeredSchemes(request);
    const hasPassword = (await this.#host.vault.devicePassword(account.toString())) !== undefined;
    const scheme = chooseScheme(offered, hasPassword);
    if (!scheme) return refuse('no-digest-in-common', [...offered].join(','));
    const { nonce } = this.#nonces.challenge(keyOf(request, account), scheme);
    return {
      kind: 'challenged',
      nonce,
      scheme,
      reason: hasPassword ? reason : `${reason}; no password is kept for digests`,
    };
  }

  /** 4-way, second half. */
  async #digest(attempt: Attempt, account: Jid, digest: string): Promise<Verdict> {
    const { request } = attempt;
    const [latest, ...older] = this.#nonces.take(keyOf(request, account));
    // Too late, or the first answer to this was lost: the phone may prove itself again, with another nonce.
    if (!latest) return this.#challenge(request, account, 'the nonce was used or is too old: asked again');
    return this.#verify(attempt, account, latest.scheme, async () => {
      const password = await this.#host.vault.devicePassword(account.toString());
      const isProven = [latest, ...older].some(
        ({ nonce, scheme }) =>
          password !== undefined && scheme !== 'PWD' && provesPassword(scheme, nonce, password, digest),
      );
      return isProven ? password : undefined;
    });
  }

  /** The password, once it is known, is proven to the user's server. Undefined: the digest did not prove it. */
  async #verify(
    attempt: Attempt,
    account: Jid,
    scheme: string,
    passwordOf: () => Promise<string | undefined>,
  ): Promise<Verdict> {
    const host = this.#host;
    const name = account.toString();
    const client = clientKey(attempt.request.ClientID);
    const who = [name, attempt.remoteAddress, client] as const;
    if (!(await this.#throttle.admit(...who))) return refuse('too-many-attempts', scheme);
    return this.#turn(`${name} ${client}`, async () => {
      const password = await passwordOf();
      if (password === undefined) {
        this.#throttle.failed(...who);
        return refuse('wrong-digest', scheme);
      }
      const provider = host.providers.get(account.domain);
      const old = this.#sessions.ofClient(name, client);
      if (!provider || (!old && this.#sessions.size >= host.settings.limits.sessionsMax))
        return refuse('too-many-sessions', scheme);
      if (old) old.isBeingReplaced = true;
      const opened = await openLink(host, provider, { account, resource: resourceOf(client), password });
      if (!opened.ok) {
        if (old) old.isBeingReplaced = false;
        if (opened.fault.reason === 'not-authorized') this.#throttle.failed(...who);
        return { kind: 'refused', scheme, refusal: linkRefusals[opened.fault.reason], detail: opened.fault.text };
      }
      this.#throttle.succeeded(...who);
      const made = await establish(host, this.#sessions, { account, client, attempt, opened: opened.value });
      return { kind: 'signed-in', ...made, scheme };
    });
  }

  /** 1.3: the SessionID is the credential, as it is of every other request. */
  async #takeUp(attempt: Attempt, account: Jid): Promise<Verdict> {
    const { SessionID: sessionId = '', ClientID: clientId } = attempt.request;
    const session = isSessionId(sessionId) ? recognise(this.#sessions, sessionId) : undefined;
    if (!session) return refuse('session-gone', 'session');
    if (!mayUse(session, attempt.sms).ok) return refuse('session-mismatch', 'session');
    if (session.account !== account.toString() || session.client !== clientKey(clientId))
      return refuse('session-mismatch', 'session');
    await session.link.ensure();
    if (session.isEnded) return refuse('session-gone', 'session');
    heardOver(session, { encoding: attempt.encoding, message: attempt }, attempt.sms);
    this.#throttle.succeeded(session.account, attempt.remoteAddress, session.client);
    return { kind: 'signed-in', session, sessionId, scheme: 'session' };
  }

  async #answer(attempt: Attempt, verdict: Verdict): Promise<LoginResponse> {
    const { request } = attempt;
    const head = { name: 'Login-Response', ClientID: request.ClientID ?? {} } as const;
    switch (verdict.kind) {
      case 'challenged':
        // No SessionID: its absence tells the phone that a second half is due.
        return {
          ...head,
          Result: result(401),
          Nonce: verdict.nonce,
          DigestSchema: verdict.scheme,
          CapabilityRequest: false,
        };
      case 'refused':
        return {
          ...head,
          Result: { ...result(verdict.refusal.code, verdict.refusal.text), ...later(attempt, verdict) },
        };
      case 'signed-in': {
        const { session, sessionId } = verdict;
        session.heard(attempt.remoteAddress);
        const extra = attempt.version === '1.3' ? await this.#negotiated(attempt, session) : {};
        return {
          ...head,
          Result: { ...result(200), ...(attempt.version === '1.3' ? await session.greet(request) : {}) },
          SessionID: sessionId,
          KeepAliveTime: session.state.keepAliveS,
          CapabilityRequest: !('AgreedCapabilityList' in extra),
          ...extra,
        };
      }
    }
  }

  /** 1.3: capabilities and functions may come with the sign-in. */
  async #negotiated(
    attempt: Attempt,
    session: Session,
  ): Promise<Pick<LoginResponse, 'AgreedCapabilityList' | 'Functions'>> {
    const { CapabilityList: asked, Functions: functions } = attempt.request;
    const { state, host, personality } = session;
    const answer: Pick<LoginResponse, 'AgreedCapabilityList' | 'Functions'> = {};
    if (asked) {
      const servable = await host.servable(session, asked, attempt);
      const negotiated = negotiate(asked, { settings: host.settings, personality, servable, ...attempt });
      state.capabilities = sharedCapabilities(negotiated.capabilities);
      state.udp = negotiated.udp;
      host.agreed(session);
      answer.AgreedCapabilityList = negotiated.agreed;
    }
    if (functions) {
      const wish = { name: 'Service-Request', Functions: functions, AllFunctionsRequest: false } as const;
      const { granted, response } = negotiateFunctions(wish, host.leaves, attempt.version);
      state.features = sharedFeatures([...granted]);
      if (response.Functions) answer.Functions = response.Functions;
    }
    if (asked || functions) {
      await session.save();
      await session.tellServices('onNegotiated');
    }
    return answer;
  }

  async #turn<Value>(key: string, task: () => Promise<Value>): Promise<Value> {
    const turns = this.#turns.get(key) ?? new Turns();
    this.#turns.set(key, turns);
    try {
      return await turns.take(task);
    } finally {
      if (turns.waiting === 0) this.#turns.delete(key);
    }
  }
}

/** Sign-ins that are looked back at. */
const recalledMax = 5000;

/** 1.3: what passes by itself is worth another try in a while. */
const later = (
  { version }: Attempt,
  { refusal }: Extract<Verdict, { kind: 'refused' }>,
): Partial<StructureOf<'Result'>> => (version === '1.3' && refusal.code === 503 ? { TryAgainTimeout: tryAgainS } : {});
const tryAgainS = 60;

const keyOf = ({ SessionCookie: cookie = '', ClientID: clientId }: LoginRequest, account: Jid): string =>
  nonceKey(account.toString(), cookie, clientKey(clientId));

const refuse = (reason: keyof typeof refusals, scheme: string): Verdict => ({
  kind: 'refused',
  scheme,
  refusal: refusals[reason],
});

const schemeOf = ({ Password: password, DigestBytes: digest, SessionID: sessionId }: LoginRequest): string =>
  sessionId ? 'session' : password !== undefined ? 'password' : digest ? 'digest' : 'challenge';

/** A form's empty Password beside a digest, or beside the wish for one, is none. */
const tidied = ({ Password: password, ...request }: LoginRequest): LoginRequest =>
  password === undefined || (password === '' && (request.DigestBytes || request.DigestSchema?.length))
    ? request
    : { ...request, Password: password };

/** Characters. Both are kept with the session, and the cookie stands in every wake-up. S60 has 50 and 64. */
const textMax = 512;
const isTooLong = ({
  SessionCookie: cookie = '',
  ClientID: { URL: url = '', MSISDN: msisdn = '' } = {},
}: LoginRequest) => [cookie, url, msisdn].some(({ length }) => length > textMax);

/** 1.1 has one element with a list in it, later versions one element per scheme. */
const offeredSchemes = ({ DigestSchema: schemas = [] }: LoginRequest): ReadonlySet<string> =>
  new Set(schemas.flatMap((one) => one.toUpperCase().split(/[\s,]+/)).filter(Boolean));

/**
 * The scheme to prove the password by. Without a kept password only PWD can work, which makes a phone send the password:
 * Nokia S60 takes it though it offers MD5 alone.
 */
export const chooseScheme = (offered: ReadonlySet<string>, hasPassword: boolean): Scheme | undefined => {
  if (hasPassword && offered.has('SHA')) return 'SHA';
  if (hasPassword && offered.has('MD5')) return 'MD5';
  const takesPassword =
    offered.size === 0 || offered.has('PWD') || (!hasPassword && (offered.has('MD5') || offered.has('SHA')));
  return takesPassword ? 'PWD' : undefined;
};
