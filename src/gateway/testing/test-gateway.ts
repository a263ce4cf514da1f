// A gateway over a whole server in memory, for tests: no sockets, time moved by hand. home.test is its own domain; away.test
// plays a backend, whose users need their password.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Log, silentLog } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import { seededRandom } from '../../base/random.ts';
import type { CspMessage, Encoding, Transaction } from '../../imps/message.ts';
import { isRefused } from '../../imps/message.ts';
import type { Primitive, PrimitiveName, PrimitiveOf } from '../../imps/primitives.ts';
import { readMessage } from '../../imps/read-message.ts';
import type { CspVersion } from '../../imps/version.ts';
import { writeMessage } from '../../imps/write-message.ts';
import { type TestServer, testServer } from '../../server/testing/server.ts';
import type { SmsCarrier } from '../../sms/carrier.ts';
import { PasswordVault } from '../../store/vault.ts';
import type { LinkProvider } from '../../xmpp/link.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../gateway.ts';
import type { HttpAnswer } from '../http-channel.ts';
import type { Service } from '../service.ts';
import { courier } from './courier.ts';

export interface TestGateway {
  readonly server: TestServer;
  readonly vault: PasswordVault;
  /** The gateway that runs now. */
  readonly gateway: Gateway;
  /** Lines of the log from warnings on, as `message`. */
  readonly troubles: string[];
  phone(options: Partial<PhoneOptions> & Pick<PhoneOptions, 'user'>): Phone;
  /** Stops the gateway and starts another over the same store and server. */
  restart(): Promise<void>;
  /** The same without a word of warning: the old one just never acts again. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

export interface TestOptions {
  readonly services?: readonly Service[];
  /** Instead of the one that keeps troubles. */
  readonly log?: Log;
  readonly settings?: Partial<GatewayOptions['settings']>;
  readonly meter?: Meter;
  readonly sms?: SmsCarrier;
  /** Instead of the server's own. */
  readonly providers?: (own: readonly LinkProvider[]) => readonly LinkProvider[];
}

export const testGateway = async (options: TestOptions = {}): Promise<TestGateway> => {
  const server = testServer();
  const keys = mkdtempSync(join(tmpdir(), 'onesoup-keys-'));
  const vault = new PasswordVault(keys, server.store, seededRandom(2));
  const troubles: string[] = [];
  const log: Log = options.log ?? {
    ...silentLog,
    warn: (_fields, message) => void troubles.push(message),
    error: (fields, message) => void troubles.push(`${message}: ${(fields as { err?: unknown }).err}`),
    child: () => log,
  };
  const random = seededRandom(3);
  // A crashed gateway's Links go silent: nothing it does reaches anybody.
  const generation = { alive: 0 };
  const providers = options.providers?.(server.links) ?? server.links;
  const make = (): Gateway => {
    const mine = ++generation.alive;
    return createGateway({
      settings: { domain: 'home.test', ...options.settings },
      providers: providers.map((provider) => ({
        domain: provider.domain,
        open: (request, receiver) =>
          provider.open(request, {
            stanza: (stanza) => {
              if (mine !== generation.alive) throw new Error('that gateway is dead');
              return receiver.stanza(stanza);
            },
            closed: (end) => {
              if (mine === generation.alive) receiver.closed(end);
            },
          }),
      })),
      services: options.services ?? [courier],
      store: server.store,
      vault,
      clock: server.clock,
      random,
      log,
      ...(options.meter && { meter: options.meter }),
      sms: options.sms,
    });
  };
  let gateway = make();
  await gateway.start();
  await server.addAccount('anna', 'mila', 'otto@away.test');
  const test: TestGateway = {
    server,
    vault,
    troubles,
    get gateway() {
      return gateway;
    },
    phone: (of) => new Phone(() => gateway, of),
    async restart() {
      await gateway.shutdown();
      gateway = make();
      await gateway.start();
      await server.settle();
    },
    async crash() {
      gateway = make();
      await gateway.start();
      await server.settle();
    },
    async close() {
      await gateway.shutdown();
      await server.close();
      rmSync(keys, { recursive: true });
    },
  };
  return test;
};

export interface PhoneOptions {
  readonly user: string;
  readonly password: string;
  readonly version: CspVersion;
  readonly encoding: Encoding;
  readonly clientId: string;
  readonly userAgent: string;
  readonly remoteAddress: string;
  /** Its number, as a WAP gateway that is believed says. */
  readonly msisdn: string | undefined;
}

/** Says exactly what a test makes it say. (src/imps/client is a phone with a mind of its own.) */
export class Phone {
  readonly options: PhoneOptions;
  sessionId: string | undefined;
  readonly #gateway: () => Gateway;
  #last = 0;
  /** Of the last answer. */
  poll: boolean | undefined;

  constructor(gateway: () => Gateway, options: Partial<PhoneOptions> & Pick<PhoneOptions, 'user'>) {
    this.#gateway = gateway;
    this.options = {
      password: 'secret',
      version: '1.2',
      encoding: 'xml',
      clientId: 'http://phone.example/1',
      userAgent: 'Phone/1.0',
      remoteAddress: '192.0.2.1',
      msisdn: undefined,
      ...options,
    };
  }

  /** Posts transactions as they are; resolves with those of the answer. */
  async exchange(transactions: readonly Transaction[], gone?: AbortSignal): Promise<readonly Transaction[]> {
    const answer = await this.post(this.bytes(transactions), gone);
    return this.read(answer);
  }

  bytes(transactions: readonly Transaction[]): Uint8Array {
    const { version, encoding } = this.options;
    const message: CspMessage = {
      version,
      sessionType: this.sessionId === undefined ? 'Outband' : 'Inband',
      sessionId: this.sessionId,
      transactions,
    };
    return writeMessage(message, encoding);
  }

  post(body: Uint8Array, gone?: AbortSignal): Promise<HttpAnswer> {
    const { encoding, version, userAgent, remoteAddress, msisdn } = this.options;
    return this.#gateway().handle({
      body,
      contentType: `application/vnd.wv.csp${version === '1.3' ? '+' : '.'}${encoding}`,
      userAgent,
      remoteAddress,
      msisdn,
      headers: { host: 'imps.example:5280' },
      gone,
    });
  }

  read(answer: HttpAnswer): readonly Transaction[] {
    assert.equal(answer.status, 200);
    if (answer.body.length === 0) {
      this.poll = undefined;
      return [];
    }
    const read = readMessage(answer.body, answer.contentType);
    assert(read.ok);
    const { message, contentType } = read.value;
    assert.equal(message.version, this.options.version);
    assert.equal(contentType, answer.contentType);
    if (message.sessionType === 'Inband') assert.equal(message.sessionId, this.sessionId);
    this.poll = message.poll;
    return message.transactions.map((one) => {
      assert(!isRefused(one), 'the gateway writes what it can read');
      return one;
    });
  }

  /** One request, answered by one response. */
  async ask(content: Primitive, id = `p${++this.#last}`): Promise<Primitive> {
    const answers = await this.exchange([{ mode: 'Request', id, content }]);
    assert.equal(answers.length, 1, 'one answer');
    const [answer] = answers as [Transaction];
    assert.deepEqual([answer.mode, answer.id], ['Response', id]);
    return answer.content;
  }

  async askFor<Name extends PrimitiveName>(content: Primitive, name: Name, id?: string): Promise<PrimitiveOf<Name>> {
    const answer = await this.ask(content, id);
    assert.equal(answer.name, name);
    return answer as PrimitiveOf<Name>;
  }

  /** The code a request is answered with. */
  async code(content: Primitive, id?: string): Promise<number> {
    const answer = await this.ask(content, id);
    return 'Result' in answer ? answer.Result.Code : 200;
  }

  login(more: Partial<PrimitiveOf<'Login-Request'>> = {}): PrimitiveOf<'Login-Request'> {
    const { user, password, clientId } = this.options;
    const hasProof = 'Password' in more || 'DigestBytes' in more || 'DigestSchema' in more || 'SessionID' in more;
    return {
      name: 'Login-Request',
      UserID: user,
      ClientID: { URL: clientId },
      SessionCookie: `cookie-${user}`,
      ...(hasProof ? {} : { Password: password }),
      ...more,
    };
  }

  async signIn(more: Partial<PrimitiveOf<'Login-Request'>> = {}): Promise<PrimitiveOf<'Login-Response'>> {
    this.sessionId = undefined;
    const answer = await this.askFor(this.login(more), 'Login-Response');
    this.sessionId = answer.SessionID;
    return answer;
  }

  /** Polls; resolves with the server's requests. */
  async fetch(): Promise<readonly Transaction[]> {
    return this.exchange([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }]);
  }

  /** Acknowledges what was fetched; resolves with what came along. */
  async acknowledge(...requests: readonly Transaction[]): Promise<readonly Transaction[]> {
    return this.exchange(
      requests.map(({ id, content }) => ({
        mode: 'Response',
        id,
        content:
          content.name === 'NewMessage'
            ? { name: 'MessageDelivered', MessageID: content.MessageInfo.MessageID ?? '' }
            : { name: 'Status', Result: { Code: 200 } },
      })),
    );
  }

  message(to: string, text: string): PrimitiveOf<'SendMessage-Request'> {
    return {
      name: 'SendMessage-Request',
      DeliveryReport: false,
      MessageInfo: {
        ContentType: 'text/plain',
        ContentSize: text.length,
        Recipient: { User: [{ UserID: to }] },
        Sender: { User: { UserID: this.options.user } },
      },
      ContentData: text,
    };
  }
}

/** The texts of NewMessages. */
export const textsOf = (requests: readonly Transaction[]): readonly string[] =>
  requests.flatMap(({ content }) => (content.name === 'NewMessage' ? [String(content.ContentData)] : []));
