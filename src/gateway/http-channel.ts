// The HTTP data channel: octets in, octets out. HTTP status 200 for every outcome that CSP has words for; 400 for a body
// that is no CSP message; 503 when there is too much to do. (CSP all versions, "Transport binding"; reference §1.7, §6.1)

import {
  type CspFault,
  type CspMessage,
  type Encoding,
  isRefused,
  type Received,
  type Transaction,
} from '../imps/message.ts';
import { defaultMessageLimits, type MessageLimits, readMessage } from '../imps/read-message.ts';
import { answerMessage } from '../imps/transaction.ts';
import { writeMessage } from '../imps/write-message.ts';
import type { Host } from './host.ts';
import { statusOf } from './result.ts';
import { type Around, providerInfo, versionsSpoken } from './session/basics.ts';
import type { EndedSessions } from './session/ended.ts';
import { recognise } from './session/recognise.ts';
import { isSessionId, sessionKey } from './session/session-id.ts';
import type { Sessions } from './session/sessions.ts';
import { recordUnread } from './sign-in/record.ts';
import type { SignIns } from './sign-in/sign-in.ts';
import { heardOver, mayUse, type SmsSender } from './sms/reach.ts';
import { traced } from './trace.ts';
import { exchange } from './transactions/exchange.ts';

export interface HttpRequest {
  readonly body: Uint8Array;
  readonly contentType?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly remoteAddress: string;
  /** The scheme it used. Default http. */
  readonly scheme?: string | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The phone's telephone number in digits, as an operator's gateway that is believed says. */
  readonly msisdn?: string | undefined;
  /** It came by short message, from that number. */
  readonly sms?: SmsSender | undefined;
  /** Aborted when the phone has hung up: a held poll ends, nothing is handed out to nobody. */
  readonly gone?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body: Uint8Array;
  /** To be told whether the whole answer left, when that is known: what did not leave goes again at once. */
  readonly delivered?: (delivered: boolean) => void;
}

export interface ChannelParts {
  readonly host: Host;
  readonly sessions: Sessions;
  readonly ended: EndedSessions;
  readonly signIns: SignIns;
}

interface Outcome {
  readonly message: CspMessage | undefined;
  readonly delivered?: (delivered: boolean) => void;
}

const nothing = new Uint8Array();

export class HttpChannel {
  readonly #parts: ChannelParts;
  readonly #limits: MessageLimits;
  #working = 0;
  #isClosed = false;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    const { requestBytesMax: bytes, transactionsPerMessageMax: transactions } = parts.host.settings.limits;
    this.#limits = { ...defaultMessageLimits, bytes, transactions };
  }

  /** New requests are turned away from now on. */
  close(): void {
    this.#isClosed = true;
  }

  async handle(request: HttpRequest): Promise<HttpAnswer> {
    const { host } = this.#parts;
    const { limits } = host.settings;
    if (this.#isClosed || this.#working >= limits.concurrentRequestsMax) {
      host.events.overloaded('requests');
      return { status: 503, body: nothing };
    }
    this.#working++;
    try {
      return await this.#answer(request);
    } catch (cause) {
      host.events.failed(host.log, 'request', cause, 'a request failed', { remote: request.remoteAddress });
      return { status: 500, body: nothing };
    } finally {
      this.#working--;
    }
  }

  async #answer(request: HttpRequest): Promise<HttpAnswer> {
    const { host } = this.#parts;
    const read = readMessage(request.body, request.contentType, { limits: this.#limits });
    if (!read.ok) return this.#unreadable(request, read.fault);
    const received = read.value;
    if (received.notes.length) host.log.debug({ notes: received.notes }, 'passed over in a message');
    const { contentType, encoding } = received;
    const { remoteAddress: remote, userAgent } = request;
    host.log.debug({ remote, userAgent, encoding, csp: traced(received.message) }, 'from a phone');
    const { message, delivered } = await this.#outcome(request, received);
    host.log.debug({ remote, csp: traced(message) }, 'to a phone');
    return {
      status: 200,
      contentType,
      body: message ? writeMessage(message, encoding) : nothing,
      ...(delivered && { delivered }),
    };
  }

  #unreadable(request: HttpRequest, { reason, where, answer, encoding, contentType }: CspFault): HttpAnswer {
    const { host } = this.#parts;
    host.events.unreadable(reason, where);
    if (!answer) return { status: 400, body: nothing };
    // Only a version we do not know is answered: what a phone says first is that it wants to sign in.
    if (answer.sessionType === 'Outband')
      recordUnread(host, whoAsks(request, answer.version, encoding), {
        code: 505,
        reason: `the phone speaks a version of CSP that we do not: ${where}`,
      });
    const { transactionId: id, ...envelope } = answer;
    const transactions: Transaction[] = [{ mode: 'Response', id, content: statusOf(505) }];
    return { status: 200, contentType, body: writeMessage({ ...envelope, transactions }, encoding) };
  }

  async #outcome(request: HttpRequest, received: Received): Promise<Outcome> {
    const { sessions, ended } = this.#parts;
    const { message } = received;
    const around: Around = {
      version: message.version,
      remoteAddress: request.remoteAddress.replace(/^::ffff:/, ''),
      reached: { host: headerOf(request, 'host'), scheme: request.scheme },
      msisdn: request.msisdn,
      sms: request.sms,
    };
    const isLogin = message.transactions.some((one) => !isRefused(one) && one.content.name === 'Login-Request');
    const { sessionId } = message;
    if (isLogin || sessionId === undefined) return { message: await this.#outband(request, received, around) };
    const recognised = isSessionId(sessionId) ? recognise(sessions, sessionId) : undefined;
    const session = recognised && mayUse(recognised, request.sms).ok ? recognised : undefined;
    if (session) {
      heardOver(session, received, request.sms);
      const idle = (isIdle: boolean): void => {
        this.#working += isIdle ? -1 : 1;
      };
      const exchanged = await exchange(session, received, around, { gone: request.gone, idle });
      // It was signed out while its poll was held: the phone hears why at once.
      const isLast = !exchanged.message && !request.gone?.aborted && ended.wasDisconnected(session.key);
      const last = isLast ? ended.answer(session.key, received) : [];
      return last.length ? { message: answerMessage(message, last) } : exchanged;
    }
    if (message.sessionType === 'Outband') return { message: await this.#outband(request, received, around) };
    const transactions = ended.answer(sessionKey(sessionId), received);
    return { message: transactions.length ? answerMessage(message, transactions) : undefined };
  }

  /** Without a session: sign-in, and who provides the service. */
  async #outband(request: HttpRequest, received: Received, around: Around): Promise<CspMessage | undefined> {
    const { host, signIns } = this.#parts;
    const { message, encoding } = received;
    const transactions: Transaction[] = [];
    for (const one of message.transactions) {
      if (one.mode === 'Response' && (isRefused(one) || one.content.name !== 'Login-Request')) continue;
      const answer = (content: Transaction['content']): void =>
        void transactions.push({ mode: 'Response', id: one.id, content });
      if (isRefused(one)) {
        host.events.notServed(one.fault.primitive, one.fault.code);
        if (one.fault.primitive === 'Login-Request')
          recordUnread(host, whoAsks(request, message.version, encoding), {
            code: one.fault.code,
            reason: `the sign-in cannot be understood: ${one.fault.path} ${one.fault.reason}`,
          });
        answer(statusOf(one.fault.code, one.fault.path));
      } else if (one.content.name === 'Login-Request') {
        const userAgent = request.userAgent ?? headerOf(request, 'user-agent') ?? '';
        answer(
          await signIns.attempt({
            ...around,
            request: one.content,
            transactionId: one.id,
            userAgent,
            encoding,
            usesOurCodes: message.usesOurCodes,
          }),
        );
      } else if (one.content.name === 'GetSPInfo-Request') answer(providerInfo(one.content, host.settings));
      else if (one.content.name === 'WV-CSP-VersionDiscovery-Request') answer(versionsSpoken);
      else answer(statusOf(604));
    }
    return transactions.length ? answerMessage(message, transactions) : undefined;
  }
}

const whoAsks = (request: HttpRequest, version: string, encoding: Encoding) => ({
  remote: request.remoteAddress.replace(/^::ffff:/, ''),
  userAgent: request.userAgent ?? headerOf(request, 'user-agent') ?? '',
  version,
  encoding,
});

const headerOf = ({ headers }: HttpRequest, name: string): string | undefined => {
  const value = headers?.[name];
  return typeof value === 'string' ? value : value?.[0];
};
