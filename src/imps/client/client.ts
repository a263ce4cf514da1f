// A CSP client: signs in, negotiates, asks, polls, acknowledges. Knows no sockets: everything that leaves it goes through
// `post` and `cir`, time through the clock. One client is one session.

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { namedLeaves } from '../features.ts';
import { isAnswerTo } from '../lookup.ts';
import type { Transaction } from '../message.ts';
import type { Primitive, PrimitiveName, PrimitiveOf, StructureOf } from '../primitives.ts';
import { capabilityRequest } from './capabilities.ts';
import { DataChannel, type Trace } from './data-channel.ts';
import { CspClientError } from './error.ts';
import { type Arrival, Inbox } from './inbox.ts';
import { type Personality, plain } from './personality.ts';
import { joinPieces } from './pieces.ts';
import { codeOf } from './strict.ts';
import type { CirOpener, Post } from './transport.ts';
import { WakeUp } from './wake-up.ts';

export { type Arrival, CspClientError };

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
  readonly trace?: Trace | undefined;
}

export class CspClient {
  readonly personality: Personality;
  readonly cookie: string;
  keepAliveSeconds = 0;
  serverPollSeconds = 0;
  /** Functions that the server refused. */
  refused: ReadonlySet<string> = new Set();
  /** Everything about the server's answers that this phone could not take; a strict phone's tests expect none. */
  readonly complaints: string[] = [];
  /** 1.3: what came in pieces. */
  readonly pieces: StructureOf<'SegmentID'>[] = [];

  readonly #options: ClientOptions;
  readonly #clientId: StructureOf<'ClientID'>;
  readonly #channel: DataChannel;
  readonly #inbox: Inbox;
  readonly #wakeUp: WakeUp;
  /** POSTs go one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #acknowledgements: Transaction[] = [];
  #pollWanted = false;
  /** Requests of the server of which only the first piece is here. */
  #inPieces: { readonly id: string; readonly first: string; readonly segment: StructureOf<'SegmentInfo'> }[] = [];
  /** TransactionIDs of the server's requests so far. */
  readonly #seen = new Set<string>();
  #isPolling = false;
  #pollTimer: Disposable | undefined;
  #keepAliveTimer: Disposable | undefined;

  constructor(options: ClientOptions) {
    const { post, clock, random, trace, cir, personality = plain } = options;
    this.#options = options;
    this.personality = personality;
    this.#clientId = options.clientId ?? personality.clientId;
    this.cookie = `wv:phone.${random.id(10)}`;
    this.#channel = new DataChannel({ post, clock, personality, trace, complaints: this.complaints });
    this.#inbox = new Inbox(clock);
    this.#wakeUp = new WakeUp({
      opener: cir,
      clock,
      cookie: this.cookie,
      how: personality.cirReads,
      wake: () => this.#wake(),
      complain: (what) => void this.complaints.push(what),
    });
  }

  /** Known after sign-in. */
  get sessionId(): string | undefined {
    return this.#channel.sessionId;
  }
  /** Why the session is over; undefined while it is not. */
  get ended(): CspClientError | undefined {
    return this.#channel.ended;
  }
  /** CIR methods that the server agreed to. */
  get cirMethods(): readonly string[] {
    return this.#wakeUp.methods;
  }
  /** Whether a wake-up channel is open: polls then wait for it. */
  get hasCir(): boolean {
    return this.#wakeUp.isOpen;
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
    const id = this.#channel.nextId();
    let answer: Primitive;
    if (scheme === 'PWD') answer = await this.#inTurn(() => this.#ask({ ...login, Password: password }, id));
    else {
      if (!digest) throw new CspClientError('no way to compute a digest');
      const first = await this.#inTurn(() => this.#ask({ ...login, DigestSchema: [scheme] }, id));
      if (first.name !== 'Login-Response' || first.SessionID !== undefined || !first.Nonce)
        throw new CspClientError(`${first.name} without a nonce`, codeOf(first));
      const proof =
        first.DigestSchema === 'PWD'
          ? { Password: password }
          : { DigestBytes: digest(first.DigestSchema === 'SHA' ? 'SHA' : 'MD5', first.Nonce, password) };
      answer = await this.#inTurn(() =>
        this.#ask({ ...login, ...proof }, this.personality.repeatsLoginId ? id : this.#channel.nextId()),
      );
    }
    if (answer.name !== 'Login-Response' || codeOf(answer) !== 200 || !answer.SessionID)
      throw new CspClientError(`sign-in refused: ${codeOf(answer)}`, codeOf(answer));
    this.#channel.sessionId = answer.SessionID;
    this.keepAliveSeconds = answer.KeepAliveTime ?? 3600;
    this.#heard();
    return answer;
  }

  /** Negotiates capabilities and functions, and opens the CIR channel that was agreed. */
  async negotiate(): Promise<void> {
    const answer = await this.request(
      capabilityRequest(this.personality, this.#clientId, await this.#wakeUp.offer(), this.#options.pollSeconds ?? 8),
      'ClientCapability-Response',
    );
    const list = answer.AgreedCapabilityList ?? answer.CapabilityList;
    if (!list) throw new CspClientError('capabilities without a list');
    this.serverPollSeconds = list.ServerPollMin ?? 0;
    const { TCPAddress: host, TCPPort: port } = list;
    const agreed = answer.AgreedCapabilityList;
    this.#wakeUp.agree({
      methods: list.SupportedCIRMethod ?? [],
      tcp: host !== undefined && port !== undefined ? { host, port } : undefined,
      url: (agreed?.CIRURL ?? agreed?.CIRHTTPAddress)?.URL,
    });

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

  /** Opens the agreed TCP CIR connection; does nothing where none was agreed. */
  async openCir(): Promise<void> {
    if (this.sessionId !== undefined) await this.#wakeUp.open(this.sessionId);
  }

  /** SHTTP: asks once, and polls if something waits. It does so by itself every ten seconds. */
  async askCir(): Promise<void> {
    await this.#wakeUp.ask();
  }

  /** Resolves when the server has answered PING on the CIR connection. */
  async ping(): Promise<void> {
    await this.#wakeUp.ping();
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
    const answer = await this.#inTurn(() => this.#ask(content, this.#channel.nextId()));
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
      const id = this.#channel.nextId();
      const content: Primitive = { name: 'MessageDelivered', MessageID: messageId };
      await this.#exchange([{ mode: 'Response', id, content }], true);
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
  arrivals(): AsyncGenerator<Arrival, void> {
    return this.#inbox.all();
  }

  /** The next server request of that name that `matches`; others stay for later. Rejects after the time given, or when
   *  the session ends. */
  async next<Name extends PrimitiveName>(
    name: Name,
    matches: (content: PrimitiveOf<Name>) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<PrimitiveOf<Name>> {
    const isIt = ({ content }: Arrival): boolean => content.name === name && matches(content as PrimitiveOf<Name>);
    return (await this.#inbox.take(isIt, timeoutMs, name)).content as PrimitiveOf<Name>;
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
    // The acknowledgements, and the polls they led to.
    await this.#turn;
    this.#schedulePoll();
  }

  async #pollOnce(): Promise<void> {
    this.#pollWanted = false;
    await this.#exchange([{ mode: 'Request', id: '', content: { name: 'Polling-Request' } }], false);
  }

  #schedulePoll(): void {
    if (!this.#isPolling || this.ended || this.hasCir) return;
    this.#pollTimer?.[Symbol.dispose]();
    const seconds = this.#options.pollSeconds ?? Math.max(1, this.serverPollSeconds);
    this.#pollTimer = this.#options.clock.after(seconds * 1000, () => this.#wake());
  }

  #wake(): void {
    if (!this.ended) void this.poll().catch((cause: unknown) => this.#failed(cause));
  }

  // --- Transactions ---

  /** Runs alone among what uses the data channel. Afterwards it acknowledges, and polls, as the answer asked for. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => {
      if (this.ended) throw this.ended;
      return work();
    });
    // The next turn comes whether this one fails or not: its caller hears of it.
    this.#turn = turn.then(() => this.#followUp()).catch((cause: unknown) => this.#failedIn(turn, cause));
    return await turn;
  }

  /** A failure of the work is its caller's; one of what followed is noted. */
  async #failedIn(turn: Promise<unknown>, cause: unknown): Promise<void> {
    const own = await turn.then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (cause !== own) this.#failed(cause);
  }

  /** First the acknowledgements, then a poll if something still waits, as S60 does. */
  async #followUp(): Promise<void> {
    while (!this.ended && this.#acknowledgements.length + this.#inPieces.length + Number(this.#pollWanted) > 0) {
      const piece = this.#inPieces.shift();
      if (piece) {
        const { content } = await this.#join(piece.first, piece.segment);
        this.#take(piece.id, content);
      }
      const acknowledgements = this.#acknowledgements.splice(0, this.personality.multiTrans);
      if (acknowledgements.length > 0) await this.#exchange(acknowledgements, false);
      else if (this.#pollWanted) await this.#pollOnce();
    }
  }

  async #ask(content: Primitive, id: string): Promise<Primitive> {
    const answer = await this.#exchange([{ mode: 'Request', id, content }], true);
    if (!answer) throw new CspClientError(`${content.name}: no answer`);
    if (!isAnswerTo(answer.name, content.name)) throw new CspClientError(`${content.name}: answered by ${answer.name}`);
    return answer;
  }

  async #exchange(transactions: readonly Transaction[], isAsking: boolean): Promise<Primitive | undefined> {
    const { response, segment, requests, poll, end } = await this.#channel.exchange(transactions, isAsking);
    this.#heard();
    if (poll) this.#pollWanted = true;
    for (const one of requests) this.#arrive(one.id, one.content, one.segment);
    if (end) this.#end(end);
    if (segment && response?.name === 'GetSegment-Response')
      return (await this.#join(response.SegmentContent, segment)).content;
    return response;
  }

  #join(first: string, segment: StructureOf<'SegmentInfo'>): Promise<Transaction> {
    this.pieces.push(segment.SegmentID);
    return joinPieces(first, segment, (request) => this.#ask(request, this.#channel.nextId()));
  }

  #arrive(id: string, content: Primitive, segment: StructureOf<'SegmentInfo'> | undefined): void {
    if (this.#seen.has(id)) {
      this.complaints.push(`request ${id} was seen before: dropped`);
      return;
    }
    this.#seen.add(id);
    if (segment && content.name === 'GetSegment-Response')
      this.#inPieces.push({ id, first: content.SegmentContent, segment });
    else this.#take(id, content);
  }

  #take(id: string, content: Primitive): void {
    const { acknowledges } = this.personality;
    if (content.name === 'Disconnect') {
      this.#inbox.deliver({ id, content });
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
    this.#inbox.deliver({ id, content } as Arrival);
  }

  // --- Being alive ---

  /** Any request prolongs the session. */
  #heard(): void {
    this.#keepAliveTimer?.[Symbol.dispose]();
    if (this.sessionId === undefined || this.ended) return;
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
    if (this.ended) return;
    this.complaints.push(cause instanceof Error ? cause.message : String(cause));
    this.#schedulePoll();
  }

  #end(why: CspClientError): void {
    if (this.ended) return;
    this.#channel.ended = why;
    this.stopPolling();
    this.#keepAliveTimer?.[Symbol.dispose]();
    this.#wakeUp.close();
    this.#inbox.end(why);
  }
}
