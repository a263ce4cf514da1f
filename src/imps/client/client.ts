// A CSP client: signs in, negotiates, asks, polls, acknowledges. Knows no sockets: everything that leaves it goes through
// `post` and `cir`, time through the clock.

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { encode } from '../../wbxml/encode.ts';
import { contentTypeOf } from '../content-type.ts';
import { namedLeaves } from '../features.ts';
import { isAnswerTo } from '../lookup.ts';
import { type CspMessage, isRefused, type Received, type Transaction } from '../message.ts';
import type { Primitive, PrimitiveName, PrimitiveOf, StructureOf } from '../primitives.ts';
import { readMessage } from '../read-message.ts';
import { isSessionEnd } from '../status.ts';
import { messageTree } from '../write-message.ts';
import { writeXml } from '../xml.ts';
import { CirClient, isWakeDatagram } from './cir.ts';
import { type Personality, plain } from './personality.ts';
import { codeOf } from './strict.ts';
import type { CirConnection, CirOpener, HttpAnswer, Post } from './transport.ts';

export interface ClientOptions {
  readonly post: Post;
  readonly clock: Clock;
  readonly random: Random;
  /** As the user types it: with or without wv: and domain. */
  readonly user: string;
  readonly password: string;
  readonly personality?: Personality | undefined;
  /** Instead of the personality's own: two sessions of a user differ by it. */
  readonly clientId?: StructureOf<'ClientID'> | undefined;
  /** DigestBytes for 4-way sign-in, such as digestBytes in digest.ts; without it only 2-way works. */
  readonly digest?: ((scheme: 'MD5' | 'SHA', nonce: string, password: string) => string) | undefined;
  readonly cir?: CirOpener | undefined;
  /** Seconds between polls without a CIR channel. Default: the agreed ServerPollMin. */
  readonly pollSeconds?: number | undefined;
  /** Sees every message: for demonstrations and traces. An empty answer is undefined. */
  readonly trace?:
    | ((direction: 'sent' | 'received', message: CspMessage | Received['message'] | undefined) => void)
    | undefined;
}

/** A server's request, as the phone's user would notice it. */
export type Arrival = {
  readonly [Name in PrimitiveName]: { readonly id: string; readonly content: PrimitiveOf<Name> };
}[PrimitiveName];

/** The server refused, or said something this phone does not take. */
export class CspClientError extends Error {
  override readonly name = 'CspClientError';
  /** The CSP status code, where there was one. */
  readonly code: number | undefined;
  constructor(message: string, code?: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** How often a request without an answer is sent again, and after how long the first time; doubled each time. */
const retriesMax = 10;
const retryMs = 500;
/** A lost CIR connection is opened again after this long; then after 9, 27 and 27 s… as Android does. */
const cirRetryMs = 3000;
const cirTriesMax = 10;

export class CspClient {
  readonly personality: Personality;
  readonly cookie: string;
  /** Known after sign-in. */
  sessionId: string | undefined;
  keepAliveSeconds = 0;
  serverPollSeconds = 0;
  /** CIR methods that the server agreed to. */
  cirMethods: readonly string[] = [];
  /** Functions that the server refused. */
  refused: ReadonlySet<string> = new Set();
  /** Everything about the server's answers that this phone could not take; a strict phone's tests expect none. */
  readonly complaints: string[] = [];

  readonly #options: ClientOptions;
  readonly #clientId: StructureOf<'ClientID'>;
  #lastId = 0;
  /** POSTs go one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #acknowledgements: Transaction[] = [];
  #pollWanted = false;
  readonly #seen = new Set<string>();
  readonly #arrivals: Arrival[] = [];
  readonly #waiting = new Set<(arrival: Arrival | undefined) => boolean>();
  #ended: CspClientError | undefined;
  #isPolling = false;
  #pollTimer: Disposable | undefined;
  #keepAliveTimer: Disposable | undefined;
  #cirTimer: Disposable | undefined;
  #cir: CirClient | undefined;
  #cirTarget: { readonly host: string; readonly port: number } | undefined;
  #datagrams: (CirConnection & { readonly port: number }) | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.personality = options.personality ?? plain;
    this.#clientId = options.clientId ?? this.personality.clientId;
    this.cookie = `wv:phone.${options.random.id(10)}`;
  }

  // --- Sign-in and negotiation ---

  /** Signs in by password in clear, or by digest (4-way). Throws CspClientError with the code when refused. */
  async signIn(scheme: 'PWD' | 'MD5' | 'SHA' = 'PWD'): Promise<PrimitiveOf<'Login-Response'>> {
    const { user, password, digest } = this.#options;
    const login: PrimitiveOf<'Login-Request'> = {
      name: 'Login-Request',
      UserID: user,
      ClientID: this.#clientId,
      TimeToLive: 3600,
      SessionCookie: this.cookie,
    };
    const id = this.#nextId();
    let answer: Primitive;
    if (scheme === 'PWD') answer = await this.#login({ ...login, Password: password }, id);
    else {
      if (!digest) throw new CspClientError('no way to compute a digest');
      const first = await this.#login({ ...login, DigestSchema: [scheme] }, id);
      if (first.name !== 'Login-Response' || first.SessionID !== undefined || !first.Nonce)
        throw new CspClientError(`${first.name} without a nonce`, codeOf(first));
      const proof =
        first.DigestSchema === 'PWD'
          ? { Password: password }
          : { DigestBytes: digest(first.DigestSchema === 'SHA' ? 'SHA' : 'MD5', first.Nonce, password) };
      answer = await this.#login({ ...login, ...proof }, this.personality.repeatsLoginId ? id : this.#nextId());
    }
    if (answer.name !== 'Login-Response' || codeOf(answer) !== 200 || !answer.SessionID)
      throw new CspClientError(`sign-in refused: ${codeOf(answer)}`, codeOf(answer));
    this.sessionId = answer.SessionID;
    this.keepAliveSeconds = answer.KeepAliveTime ?? 3600;
    this.#heard();
    return answer;
  }

  /** Negotiates capabilities and functions, and opens the CIR channel that was agreed. */
  async negotiate(): Promise<void> {
    const { cir } = this.#options;
    this.#datagrams ??= await cir?.udp?.({ data: (text) => this.#datagram(text), closed: () => {} });
    const udp = this.#datagrams;
    const offered = [...(cir?.tcp ? (['STCP'] as const) : []), ...(udp ? (['SUDP'] as const) : [])];
    const answer = await this.request(this.#capabilityRequest(offered, udp?.port), 'ClientCapability-Response');
    const list = answer.AgreedCapabilityList ?? answer.CapabilityList;
    if (!list) throw new CspClientError('capabilities without a list');
    this.cirMethods = (list.SupportedCIRMethod ?? []).filter((method) =>
      (offered as readonly string[]).includes(method),
    );
    this.serverPollSeconds = list.ServerPollMin ?? 0;
    if (list.TCPAddress !== undefined && list.TCPPort !== undefined)
      this.#cirTarget = { host: list.TCPAddress, port: list.TCPPort };

    const { functions, asksAllFunctions, mustHave, version } = this.personality;
    const services = await this.request(
      {
        name: 'Service-Request',
        ClientID: this.#clientId,
        Functions: { WVCSPFeat: functions },
        AllFunctionsRequest: asksAllFunctions,
      },
      'Service-Response',
    );
    if (asksAllFunctions && !services.AllFunctions)
      throw new CspClientError('asked for AllFunctions, and waits for ever');
    const tree = services.Functions?.WVCSPFeat;
    // Nokia S60: an empty tree refuses everything.
    const isEmpty = tree !== undefined && Object.keys(tree).length === 0;
    this.refused = namedLeaves(isEmpty ? functions : tree, version);
    const lacking = mustHave.filter((leaf) => this.refused.has(leaf));
    if (lacking.length > 0) throw new CspClientError(`not supported by server: ${lacking.join(', ')}`);
    // A channel that cannot be opened is no reason to stay away: then it polls.
    await this.openCir().catch((cause: unknown) => this.#failed(cause));
  }

  #capabilityRequest(
    cirMethods: readonly ('STCP' | 'SUDP')[],
    udpPort: number | undefined,
  ): PrimitiveOf<'ClientCapability-Request'> {
    const { parserSize, multiTrans, version } = this.personality;
    const list: StructureOf<'CapabilityList'> = {
      ClientType: 'MOBILE_PHONE',
      InitialDeliveryMethod: 'P',
      ...(version === '1.3'
        ? {
            AcceptedContentType: [{ ContentType: 'text/plain' }],
            AcceptedPushLength: parserSize,
            AcceptedPullLength: parserSize,
            MultiTransPerMessage: multiTrans,
          }
        : { AnyContent: true, AcceptedCharset: [106], AcceptedContentLength: parserSize }),
      AcceptedTransferEncoding: ['BASE64'],
      SupportedBearer: ['HTTP'],
      MultiTrans: multiTrans,
      ParserSize: parserSize,
      SupportedCIRMethod: cirMethods,
      ServerPollMin: this.#options.pollSeconds ?? 8,
      ...(udpPort !== undefined && { UDPPort: udpPort }),
    };
    return { name: 'ClientCapability-Request', ClientID: this.#clientId, CapabilityList: list };
  }

  /** Opens the agreed TCP CIR connection; does nothing where none was agreed. */
  async openCir(): Promise<void> {
    const tcp = this.#options.cir?.tcp;
    const target = this.#cirTarget;
    if (!tcp || !target || !this.cirMethods.includes('STCP') || this.sessionId === undefined) return;
    const cir = new CirClient(this.cookie, this.personality.cirReads, {
      wake: () => this.#wake(),
      lost: () => this.#cirLost(cir),
      refused: (what) => void this.complaints.push(what),
    });
    await cir.greet(await tcp(target.host, target.port, cir), this.sessionId);
    if (this.#ended) cir.close();
    else this.#cir = cir;
  }

  /** Whether a wake-up channel is open: polls then wait for it. */
  get hasCir(): boolean {
    return this.#cir !== undefined || (this.#datagrams !== undefined && this.cirMethods.includes('SUDP'));
  }

  /** Resolves when the server has answered PING on the CIR connection. */
  async ping(): Promise<void> {
    await this.#cir?.ping();
  }

  /** Signs in, negotiates and begins to poll. */
  async start(scheme: 'PWD' | 'MD5' | 'SHA' = 'PWD'): Promise<void> {
    await this.signIn(scheme);
    await this.negotiate();
    this.startPolling();
  }

  async signOut(): Promise<void> {
    this.stopPolling();
    try {
      await this.request({ name: 'Logout-Request' });
    } finally {
      this.#end(new CspClientError('signed out'));
    }
  }

  /** Falls silent without a word, as a phone does whose battery was taken out. */
  drop(): void {
    this.stopPolling();
    this.#end(new CspClientError('dropped'));
  }

  // --- Asking ---

  /** Sends a request and resolves with its answer, which may be a Status. With `expected`: throws unless it is that. */
  async request<Name extends PrimitiveName>(content: Primitive, expected: Name): Promise<PrimitiveOf<Name>>;
  async request(content: Primitive): Promise<Primitive>;
  async request(content: Primitive, expected?: PrimitiveName): Promise<Primitive> {
    const answer = await this.#inTurn(() => this.#ask(content, this.#nextId()));
    if (expected !== undefined && answer.name !== expected)
      throw new CspClientError(`${content.name}: ${answer.name} ${codeOf(answer) ?? ''}`, codeOf(answer));
    return answer;
  }

  /** The code that a request was answered with; 200 where its answer has no Result. */
  async codeFor(content: Primitive): Promise<number> {
    return codeOf(await this.request(content)) ?? 200;
  }

  /** Sends a text message; resolves with the server's MessageID. Throws on any code but 200. */
  async sendText(to: string, text: string, options: { readonly report?: boolean } = {}): Promise<string> {
    const answer = await this.request(
      {
        name: 'SendMessage-Request',
        DeliveryReport: options.report ?? false,
        MessageInfo: {
          ContentType: 'text/plain',
          ContentSize: text.length,
          Recipient: { User: [{ UserID: to }] },
          Sender: { User: { UserID: this.#options.user } },
        },
        ContentData: text,
      },
      'SendMessage-Response',
    );
    if (codeOf(answer) !== 200 || answer.MessageID === undefined)
      throw new CspClientError(`message refused: ${codeOf(answer)}`, codeOf(answer));
    return answer.MessageID;
  }

  /** Fetches a message announced by MessageNotification, and acknowledges it. */
  async fetchMessage(messageId: string): Promise<PrimitiveOf<'GetMessage-Response'>> {
    const message = await this.request({ name: 'GetMessage-Request', MessageID: messageId }, 'GetMessage-Response');
    await this.#inTurn(async () => {
      const id = this.#nextId();
      const content: Primitive = { name: 'MessageDelivered', MessageID: messageId };
      await this.#exchange([{ mode: 'Response', id, content }], id);
    });
    return message;
  }

  /** The user's contact lists, the default one last, each once. */
  async contactLists(): Promise<readonly string[]> {
    const answer = await this.request({ name: 'GetList-Request' }, 'GetList-Response');
    const lists = [...(answer.ContactList ?? []), ...(answer.ContactListIDList?.ContactList ?? [])];
    if (answer.DefaultContactList !== undefined) lists.push(answer.DefaultContactList);
    return [...new Set(lists)];
  }

  /** Reads one contact list. Throws unless the code is exactly 200. */
  async readList(list: string): Promise<PrimitiveOf<'ListManage-Response'>> {
    return await this.manageList({ name: 'ListManage-Request', ContactList: list, ReceiveList: true });
  }

  async manageList(request: PrimitiveOf<'ListManage-Request'>): Promise<PrimitiveOf<'ListManage-Response'>> {
    const answer = await this.request(request, 'ListManage-Response');
    if (codeOf(answer) !== 200) throw new CspClientError(`list refused: ${codeOf(answer)}`, codeOf(answer));
    return answer;
  }

  /** Subscribes to the presence of contact lists or users; resolves with the code. */
  async subscribe(to: { readonly lists?: readonly string[]; readonly users?: readonly string[] }): Promise<number> {
    const is13 = this.personality.version === '1.3';
    const lists = to.lists ?? [];
    const users = to.users ?? [];
    return await this.codeFor({
      name: 'SubscribePresence-Request',
      ...(is13
        ? { ContactListIDList: { ContactList: lists }, UserIDList: { UserID: users } }
        : { ContactList: lists, User: users.map((UserID) => ({ UserID })) }),
      PresenceSubList: {
        OnlineStatus: [true],
        ClientInfo: [true],
        CommCap: [true],
        UserAvailability: true,
        StatusText: true,
      },
      AutoSubscribe: lists.length > 0,
    });
  }

  /** Publishes availability and status text; resolves with the code. */
  async publish(availability: 'AVAILABLE' | 'DISCREET' | 'NOT_AVAILABLE', statusText?: string): Promise<number> {
    return await this.codeFor({
      name: 'UpdatePresence-Request',
      PresenceSubList: {
        UserAvailability: { Qualifier: true, PresenceValue: availability },
        StatusText: statusText === undefined ? { Qualifier: false } : { Qualifier: true, PresenceValue: statusText },
      },
    });
  }

  // --- What arrives ---

  /** Server requests as they arrive, until the session ends. */
  async *arrivals(): AsyncGenerator<Arrival, void> {
    for (;;) {
      const arrival = await this.#take(() => true).catch((cause: unknown) => {
        if (cause === this.#ended) return undefined;
        throw cause;
      });
      if (!arrival) return;
      yield arrival;
    }
  }

  /** The next server request of that name that `matches`; earlier ones of other kinds stay for later. Rejects after the
   *  time given, or when the session ends. */
  async next<Name extends PrimitiveName>(
    name: Name,
    matches: (content: PrimitiveOf<Name>) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<PrimitiveOf<Name>> {
    const isIt = ({ content }: Arrival): boolean => content.name === name && matches(content as PrimitiveOf<Name>);
    return (await this.#take(isIt, timeoutMs, name)).content as PrimitiveOf<Name>;
  }

  #take(matches: (arrival: Arrival) => boolean, timeoutMs?: number, what = 'anything'): Promise<Arrival> {
    const at = this.#arrivals.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.#arrivals.splice(at, 1)[0] as Arrival);
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === undefined
          ? undefined
          : this.#options.clock.after(timeoutMs, () => {
              this.#waiting.delete(offer);
              reject(new CspClientError(`${what} did not arrive within ${timeoutMs} ms`));
            });
      const offer = (arrival: Arrival | undefined): boolean => {
        if (arrival && !matches(arrival)) return false;
        timer?.[Symbol.dispose]();
        this.#waiting.delete(offer);
        if (arrival) resolve(arrival);
        else reject(this.#ended);
        return true;
      };
      this.#waiting.add(offer);
    });
  }

  // --- Polling ---

  /** Polls at the agreed pace; with a CIR channel only when woken. */
  startPolling(): void {
    this.#isPolling = true;
    void this.poll().catch((cause: unknown) => this.#failed(cause));
  }

  stopPolling(): void {
    this.#isPolling = false;
    this.#pollTimer?.[Symbol.dispose]();
  }

  /** One Polling-Request, and whatever follows from its answer. */
  async poll(): Promise<void> {
    await this.#inTurn(() => this.#pollOnce());
    this.#schedulePoll();
  }

  async #pollOnce(): Promise<void> {
    this.#pollWanted = false;
    await this.#exchange([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }], undefined);
  }

  #schedulePoll(): void {
    if (!this.#isPolling || this.#ended || this.hasCir) return;
    this.#pollTimer?.[Symbol.dispose]();
    const seconds = this.#options.pollSeconds ?? Math.max(1, this.serverPollSeconds);
    this.#pollTimer = this.#options.clock.after(seconds * 1000, () => this.#wake());
  }

  #wake(): void {
    if (!this.#ended) void this.poll().catch((cause: unknown) => this.#failed(cause));
  }

  #datagram(text: string): void {
    if (isWakeDatagram(text, this.cookie)) this.#wake();
    else this.complaints.push(`datagram '${text.slice(0, 40)}'`);
  }

  /** Polls at once, and from then on by the clock, until the channel is open again. */
  #cirLost(cir: CirClient): void {
    if (this.#cir !== cir || this.#ended) return;
    this.#cir = undefined;
    this.#wake();
    this.#reopenCir(0);
  }

  #reopenCir(tries: number): void {
    if (tries >= cirTriesMax || this.#ended) return;
    this.#cirTimer = this.#options.clock.after(cirRetryMs * 3 ** Math.min(tries, 2), () => {
      this.openCir().then(
        () => this.#wake(),
        () => this.#reopenCir(tries + 1),
      );
    });
  }

  // --- Transactions ---

  #nextId(): string {
    this.#lastId++;
    return `${this.personality.idPrefix}${this.#lastId}`;
  }

  /** Runs alone among what uses the data channel; afterwards acknowledges and polls as the answers asked for. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      if (this.#ended) throw this.#ended;
      const value = await work();
      await this.#followUp();
      return value;
    });
    // The next turn comes whether this one fails or not; its caller hears of it.
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  /** First the acknowledgements, then a poll if something still waits, as S60 does. */
  async #followUp(): Promise<void> {
    while (!this.#ended && (this.#acknowledgements.length > 0 || this.#pollWanted)) {
      const acknowledgements = this.#acknowledgements.splice(0, this.personality.multiTrans);
      if (acknowledgements.length > 0) await this.#exchange(acknowledgements, undefined);
      else await this.#pollOnce();
    }
  }

  async #login(content: PrimitiveOf<'Login-Request'>, id: string): Promise<Primitive> {
    const turn = this.#turn.then(() => this.#ask(content, id));
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }

  async #ask(content: Primitive, id: string): Promise<Primitive> {
    const answer = await this.#exchange([{ mode: 'Request', id, content }], id);
    if (!answer) throw new CspClientError(`${content.name}: no answer`);
    if (!isAnswerTo(answer.name, content.name) && content.name !== 'Logout-Request')
      throw new CspClientError(`${content.name}: answered by ${answer.name}`);
    return answer;
  }

  /** One POST and its answer. Resolves with the response to `expected`, if it came. */
  async #exchange(transactions: readonly Transaction[], expected: string | undefined): Promise<Primitive | undefined> {
    const isLogin = transactions.some(({ content }) => content.name === 'Login-Request');
    let sent = transactions;
    for (let tries = 0; ; tries++) {
      const message: CspMessage = {
        version: this.personality.version,
        ...(isLogin || this.sessionId === undefined
          ? { sessionType: 'Outband' as const }
          : { sessionType: 'Inband' as const, sessionId: this.sessionId }),
        transactions: sent,
      };
      this.#options.trace?.('sent', message);
      try {
        const answer = await this.#options.post(
          this.#encode(message),
          contentTypeOf(message.version, this.personality.encoding),
        );
        this.#heard();
        return this.#take200(answer, sent[0]?.id === '' || expected === undefined ? undefined : sent[0]?.id);
      } catch (cause) {
        if (cause instanceof CspClientError) throw cause;
        const { retry } = this.personality;
        const isResponse = sent.some(({ mode }) => mode === 'Response');
        const isFinal = sent.some(
          ({ content }) => content.name === 'Login-Request' || content.name === 'Logout-Request',
        );
        if (retry === 'none' || isFinal || tries >= retriesMax || this.#ended)
          throw new CspClientError('no HTTP answer', undefined, { cause });
        await new Promise<void>(
          (resolve) => void this.#options.clock.after(Math.min(retryMs * 2 ** tries, 30_000), resolve),
        );
        if (retry === 'new' && !isResponse)
          sent = sent.map((one) => (one.id === '' ? one : { ...one, id: this.#nextId() }));
      }
    }
  }

  #encode(message: CspMessage): Uint8Array {
    const { encoding, disorder } = this.personality;
    const root = disorder ? disorder(messageTree(message)) : messageTree(message);
    return encoding === 'xml' ? writeXml(root) : encode({ version: message.version, root });
  }

  #take200(answer: HttpAnswer, expected: string | undefined): Primitive | undefined {
    const { personality } = this;
    if (answer.status !== 200) throw new CspClientError(`HTTP ${answer.status}`, answer.status);
    if (answer.body.length === 0) {
      this.#options.trace?.('received', undefined);
      return undefined;
    }
    const body = personality.garble?.(answer.body, personality.encoding) ?? answer.body;
    const read = readMessage(body, answer.contentType);
    if (!read.ok) throw new CspClientError(`cannot read the answer: ${read.fault.reason} ${read.fault.where}`);
    const { message } = read.value;
    this.#options.trace?.('received', message);
    const complaints = personality.inspect?.(body, answer.contentType, read.value) ?? [];
    if (answer.body.length > personality.parserSize) this.complaints.push(`${answer.body.length} octets: too large`);
    if (complaints.length > 0) {
      this.complaints.push(...complaints);
      throw new CspClientError(`refuses the answer: ${complaints.join('; ')}`);
    }
    if (message.version !== personality.version) this.complaints.push(`an answer in ${message.version}`);
    if (message.sessionType === 'Inband' && this.sessionId !== undefined && message.sessionId !== this.sessionId) {
      this.complaints.push('an answer for another session: dropped');
      return undefined;
    }
    if (message.poll) this.#pollWanted = true;
    const taken = personality.takesLastOnly ? message.transactions.slice(-1) : message.transactions;
    if (taken.length < message.transactions.length) this.complaints.push('only the last transaction was taken');
    let response: Primitive | undefined;
    for (const transaction of taken) {
      if (isRefused(transaction)) {
        this.complaints.push(`${transaction.fault.path}: ${transaction.fault.reason}`);
        continue;
      }
      const { mode, id, content } = transaction;
      if (mode === 'Request') this.#arrive(id, content);
      else if (expected !== undefined && id === expected) response = content;
      else if (expected !== undefined) this.complaints.push(`${content.name} ${id}: answers nothing`);
      const code = codeOf(content);
      if (code !== undefined && isSessionEnd(code) && content.name !== 'DeliveryReport-Request')
        this.#end(new CspClientError(`signed out by the server: ${code}`, code));
    }
    return response;
  }

  #arrive(id: string, content: Primitive): void {
    if (this.#seen.has(id)) {
      this.complaints.push(`request ${id} was seen before: dropped`);
      return;
    }
    this.#seen.add(id);
    const { acknowledges } = this.personality;
    if (content.name === 'Disconnect') {
      this.#deliver({ id, content });
      this.#end(new CspClientError('disconnected by the server', codeOf(content)));
      return;
    }
    if (acknowledges !== 'all' && !acknowledges.has(content.name)) {
      this.complaints.push(`${content.name}: not known to this phone, dropped`);
      return;
    }
    const answer: Primitive =
      content.name === 'NewMessage'
        ? { name: 'MessageDelivered', MessageID: content.MessageInfo.MessageID ?? '' }
        : { name: 'Status', Result: { Code: 200 } };
    this.#acknowledgements.push({ mode: 'Response', id, content: answer });
    this.#deliver({ id, content } as Arrival);
  }

  #deliver(arrival: Arrival): void {
    for (const offer of this.#waiting) if (offer(arrival)) return;
    this.#arrivals.push(arrival);
  }

  // --- Being alive ---

  /** Any request prolongs the session. */
  #heard(): void {
    this.#keepAliveTimer?.[Symbol.dispose]();
    if (this.sessionId === undefined || this.#ended) return;
    const seconds = Math.max(1, this.personality.keepAliveAfter(this.keepAliveSeconds));
    this.#keepAliveTimer = this.#options.clock.after(seconds * 1000, () => {
      void this.#keepAlive().catch((cause: unknown) => this.#failed(cause));
    });
  }

  async #keepAlive(): Promise<void> {
    const answer = await this.request({ name: 'KeepAlive-Request' });
    if (answer.name === 'KeepAlive-Response' && answer.KeepAliveTime !== undefined)
      this.keepAliveSeconds = answer.KeepAliveTime;
    this.#heard();
  }

  #failed(cause: unknown): void {
    if (this.#ended) return;
    this.complaints.push(cause instanceof Error ? cause.message : String(cause));
    this.#schedulePoll();
  }

  #end(why: CspClientError): void {
    if (this.#ended) return;
    this.#ended = why;
    this.stopPolling();
    this.#keepAliveTimer?.[Symbol.dispose]();
    this.#cirTimer?.[Symbol.dispose]();
    this.#cir?.close();
    this.#datagrams?.close();
    for (const offer of this.#waiting) offer(undefined);
  }

  /** Why the session is over; undefined while it is not. */
  get ended(): CspClientError | undefined {
    return this.#ended;
  }
}
