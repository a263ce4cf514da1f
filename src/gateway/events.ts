// Events worth counting: one function each, writing metric and log together.

import type { Log } from '../base/log.ts';
import type { Meter } from '../base/meter.ts';
import type { SignInRecord } from '../store/store.ts';

export interface Events {
  signIn(record: SignInRecord): void;
  request(primitive: string, code: number | undefined, seconds: number): void;
  unreadable(reason: string, where: string): void;
  notServed(primitive: string, code: number): void;
  handedOut(kind: string, isAgain: boolean): void;
  settled(kind: string, how: string): void;
  sessionEnded(how: string): void;
  linkLost(domain: string, reason: string): void;
  overloaded(what: string): void;
  /** Our own surroundings, or a mistake of ours, kept something from being done. `log`: whose matter it is. */
  failed(log: Log, what: Failure, cause: unknown, words: string, fields?: object): void;
}

export type Failure = 'request' | 'stanza' | 'sign-in' | 'service' | 'link' | 'store' | 'listener';

/** What is open now, read when somebody looks. */
export interface Open {
  sessions(): number;
}

export const eventsOver = (meter: Meter, log: Log, open: Open): Events => {
  meter.gauge('onesoup_csp_sessions', 'CSP sessions that are open', open.sessions);
  const signIns = meter.counter('onesoup_csp_sign_ins_total', 'Sign-in attempts of phones', [
    'outcome',
    'scheme',
    'code',
  ]);
  const requests = meter.histogram(
    'onesoup_csp_request_seconds',
    'Time to answer a request, without holding polls open',
    [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    ['primitive'],
  );
  const answers = meter.counter('onesoup_csp_answers_total', 'Answers by primitive and status code', [
    'primitive',
    'code',
  ]);
  const unreadable = meter.counter('onesoup_csp_unreadable_total', 'Bodies that were no CSP message', ['reason']);
  const notServed = meter.counter('onesoup_csp_not_served_total', 'Primitives that nobody serves', ['code']);
  const handedOut = meter.counter('onesoup_csp_handed_out_total', 'Server requests given to phones', ['kind', 'again']);
  const settled = meter.counter('onesoup_csp_settled_total', 'Server requests that came to their end', ['kind', 'how']);
  const ended = meter.counter('onesoup_csp_sessions_ended_total', 'CSP sessions ended', ['how']);
  const links = meter.counter('onesoup_csp_links_lost_total', 'Links that went away', ['domain', 'reason']);
  const overloaded = meter.counter('onesoup_csp_overloaded_total', 'Requests turned away', ['what']);
  const failures = meter.counter('onesoup_csp_failures_total', 'What our own surroundings kept from being done', [
    'what',
  ]);
  return {
    signIn(record) {
      const { outcome, scheme, code } = record;
      signIns.add({ outcome, scheme, code: String(code) });
      log.info({ ...record }, `sign-in ${outcome}: ${record.reason}`);
    },
    request(primitive, code, seconds) {
      requests.observe(seconds, { primitive });
      if (code !== undefined) answers.add({ primitive, code: String(code) });
    },
    unreadable(reason, where) {
      unreadable.add({ reason });
      log.info({ reason, where }, 'a body that is no CSP message');
    },
    notServed(primitive, code) {
      notServed.add({ code: String(code) });
      log.info({ primitive, code }, 'a primitive that nobody serves');
    },
    handedOut: (kind, isAgain) => handedOut.add({ kind, again: String(isAgain) }),
    settled: (kind, how) => settled.add({ kind, how }),
    sessionEnded: (how) => ended.add({ how }),
    linkLost(domain, reason) {
      links.add({ domain, reason });
      log.info({ domain, reason }, 'a Link went away');
    },
    overloaded: (what) => overloaded.add({ what }),
    failed(log, what, cause, words, fields = {}) {
      failures.add({ what });
      log.error({ err: cause, ...fields }, words);
    },
  };
};
