// Somebody with a phone: signs in, does what people did with the IM icon, drives through tunnels, runs out of battery, and
// comes back as the phone they had or as another. What the phone was told is compared with the truth.

import { seededRandom } from '../../base/random.ts';
import { CspClient, CspClientError } from '../../imps/client/client.ts';
import type { Personality } from '../../imps/client/personality.ts';
import { codeOf } from '../../imps/client/strict.ts';
import type { CirOpener } from '../../imps/client/transport.ts';
import { digestBytes } from '../../imps/digest.ts';
import type { Primitive, PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Air } from './air.ts';
import type { Chance } from './chance.ts';
import type { Sending } from './ledger.ts';
import type { Person, Truth } from './people.ts';
import type { Place } from './place.ts';
import { count, type Stage, sleep } from './stage.ts';

export interface PhoneOptions {
  readonly stage: Stage;
  readonly place: Place;
  readonly account: Account;
  readonly personality: Personality;
  /** Unlike those of other phones of the account. */
  readonly number: number;
}

/** The session is over: whether it may be is looked at elsewhere. Taken name, a room that is full, a server that cannot be reached. */
const mayRefuseToJoin: ReadonlySet<number> = new Set([600, 601, 604, 500, 503, 504, 516, 533, 800, 807, 811, 817]);
const mayRefuseToSpeak: ReadonlySet<number> = new Set([600, 601, 604, 808]);

/** A session that was not heard for so long is over, and after a restart the gateway does not know any more why. */
const longestSilenceMs = 1_200_000;

/** As a person on an XMPP client reads it too. */
export const inviteNote = 'Time for a word?';

/** Every third phone waits to be woken: half of those over a connection, the others by datagram. */
type Bearer = 'connection' | 'datagram' | 'translated datagram';
const bearerOf = (number: number): Bearer | undefined =>
  number % 3 !== 2
    ? undefined
    : number % 6 === 2
      ? 'connection'
      : number % 12 === 5
        ? 'translated datagram'
        : 'datagram';
const openerFor = (bearer: Bearer | undefined, air: Air): CirOpener | undefined =>
  bearer === undefined
    ? undefined
    : bearer === 'connection'
      ? { tcp: air.openCir }
      : { udp: air.udp(bearer === 'translated datagram') };

/** What a contact was last told to be. */
interface Told {
  isOnline: boolean | undefined;
  status: string | undefined;
}

/** One account, and the phones it is used from. */
export class Account implements Person {
  readonly name: string;
  readonly jid: Jid;
  readonly place: Place;
  readonly contacts: Person[] = [];
  readonly phones: PhonePerson[] = [];
  status: string | undefined;
  isUnsure = false;
  /** Some session of it may have been left behind, with messages in it. */
  hasStrayed = false;

  constructor(place: Place, name: string) {
    this.place = place;
    this.name = name;
    this.jid = Jid.from(name);
  }

  get hasOneDevice(): boolean {
    return this.phones.length === 1 && !this.hasStrayed;
  }

  get truth(): Truth {
    const isOnline = this.phones.some(({ isSignedIn }) => isSignedIn);
    // Each phone publishes for itself.
    return { isOnline, status: isOnline ? this.status : undefined, isUnsure: this.isUnsure || this.phones.length > 1 };
  }
}

export class PhonePerson {
  readonly account: Account;
  readonly personality: Personality;
  readonly device: string;
  readonly told = new Map<string, Told>();
  /** The sentences that broke off a session: why phones had to sign in again, and how often. */
  readonly #options: PhoneOptions;
  readonly #stage: Stage;
  readonly #chance: Chance;
  #clientId: number;
  #lives = 0;
  #client: CspClient | undefined;
  #air: Air | undefined;
  #wantsOnline = true;
  #isReady = false;
  /** When it last asked to be signed in. */
  #loginAt = 0;
  /** The group it is in. */
  #club: string | undefined;
  /** Somebody it has put into its list. */
  #met: string | undefined;
  /** When it last heard anything of the gateway. */
  #heardAt = 0;
  /** When it was told that it has no session, and for how long it had heard nothing before. */
  #over = { at: 0, silentMs: 0 };

  constructor(options: PhoneOptions) {
    this.#options = options;
    this.#stage = options.stage;
    this.#chance = options.stage.chance.fork();
    this.account = options.account;
    this.personality = options.personality;
    this.device = `${options.account.name}#${options.number}`;
    this.#clientId = options.number;
    options.account.phones.push(this);
  }

  /** As it is known in groups. */
  get #member(): string {
    return `${this.device}/${this.#clientId}`;
  }

  get isSignedIn(): boolean {
    return this.#isReady && this.#client !== undefined && !this.#client.ended;
  }

  /** Until the simulation is over. */
  async live(): Promise<void> {
    const stage = this.#stage;
    await sleep(stage, this.#chance.between(0, 600_000));
    while (!stage.isOver) {
      if (stage.isHomecoming) this.#wantsOnline = true;
      try {
        if (this.#wantsOnline && (!this.#client || this.#client.ended)) await this.#signIn();
        else if (stage.isBusy) await this.#act();
      } catch (cause) {
        if (!(cause instanceof CspClientError)) throw cause;
        this.#judge(cause);
        // It says so on the screen, and tries anew some time later.
        if (!this.#isReady) this.#die('gives the sign-in up');
      }
      const pause =
        this.isSignedIn || !this.#wantsOnline ? this.#chance.wait(stage.paceMs) : this.#chance.between(5_000, 60_000);
      await sleep(stage, pause);
    }
    await this.#goHome();
  }

  /** Half of them sign out, the others just vanish. */
  async #goHome(): Promise<void> {
    if (this.isSignedIn && this.#chance.is(0.5)) await this.#client?.signOut().catch(() => {});
    this.#die('goes home');
  }

  // ---- signing in ----

  async #signIn(): Promise<void> {
    const { stage, place, personality, number } = this.#options;
    const { clock } = stage;
    const chance = this.#chance;
    this.#die('is left behind');
    if (chance.is(0.05)) {
      this.account.hasStrayed = true;
      this.#clientId += 100;
    }
    const life = ++this.#lives;
    const bearer = bearerOf(number);
    const air = new Air({
      clock,
      chance: chance.fork(),
      place,
      userAgent: personality.userAgent,
      tell: (text) => stage.tell(this.device, text),
      badness: () => stage.badness,
    });
    const client = new CspClient({
      post: air.post,
      clock,
      random: seededRandom(chance.below(2 ** 31)),
      user: `wv:${this.account.name}`,
      password: 'secret',
      personality,
      clientId: { URL: `${personality.clientId.URL ?? 'phone'}/${this.#clientId}` },
      digest: digestBytes,
      cir: openerFor(bearer, air),
      pollSeconds: 20 + ((number * 7) % 40),
      trace: (direction, message) => {
        for (const one of message?.transactions ?? []) {
          if ('content' in one && 'Result' in one.content && [600, 601, 604].includes(one.content.Result.Code))
            this.#over = { at: clock.mono(), silentMs: clock.mono() - this.#heardAt };
          if (one.id !== '' || direction === 'received')
            stage.tell(this.device, `${direction} ${one.id} ${'content' in one ? brief(one.content) : 'unreadable'}`);
        }
        if (direction === 'received') this.#heardAt = clock.mono();
      },
    });
    this.#client = client;
    this.#air = air;
    this.told.clear();
    void this.#listen(client);
    const scheme = chance.pick(['PWD', 'MD5', 'SHA'] as const);
    stage.tell(this.device, `signs in by ${scheme}, life ${life}`);
    this.#loginAt = clock.mono();
    count(stage, 'sign-in');
    await client.signIn(scheme);
    await client.negotiate();
    const lists = await client.contactLists();
    const code = await client.subscribe({ lists });
    if ([600, 601, 604].includes(code)) throw new CspClientError(`SubscribePresence-Request: Status ${code}`, code);
    if (code !== 200) stage.ledger.wrong(`${this.device}: subscribing to the lists: ${code}`, [this.device]);
    this.#isReady = true;
    client.startPolling();
    count(stage, client.hasCir ? `signed in, to be woken by ${bearer}` : 'signed in, to poll');
    if (bearer === 'translated datagram') void this.#tellWhere(client, air);
  }

  /** Address translation forgets, and changes its mind: the phone says again and again where it is. */
  async #tellWhere(client: CspClient, air: Air): Promise<void> {
    while (client === this.#client && !client.ended) {
      if (client.sessionId !== undefined) air.sayHelo(client.sessionId);
      await sleep(this.#stage, 300_000);
      if (this.#chance.is(0.1 * this.#stage.badness)) air.rebind();
    }
  }

  /** Out of battery, thrown away or left in a taxi: nothing is said. */
  #die(how: string): void {
    if (!this.#client) return;
    this.#leaveGroups();
    this.#stage.tell(this.device, how);
    this.#complain();
    this.#air?.turnOff();
    this.#client.drop();
    this.#client = undefined;
    this.#isReady = false;
  }

  // ---- what people do ----

  async #act(): Promise<void> {
    const stage = this.#stage;
    const client = this.#client;
    if (!client || client.ended) {
      this.#wantsOnline = this.#chance.is(0.7);
      return;
    }
    const what = this.#chance.weighted({
      say: 20,
      publish: 4,
      lists: 2,
      look: 2,
      group: 8,
      stranger: 1,
      invite: 1,
      tunnel: 2,
      battery: 1.2,
      move: 1,
      signOut: 0.8,
    });
    count(stage, what);
    switch (what) {
      case 'say':
        return this.#say(client);
      case 'publish':
        return this.#publish(client);
      case 'lists':
        for (const list of await client.contactLists()) await client.readList(list);
        return;
      case 'look':
        return void (await client.codeFor({ name: 'GetWatcherList-Request' }));
      case 'group':
        return this.#beInGroup(client);
      case 'invite':
        return this.#invite(client);
      case 'stranger':
        return this.#meet(client);
      case 'tunnel':
        return void this.#tunnel();
      case 'move':
        return this.#air?.move();
      case 'battery':
        this.#die('runs out of battery');
        this.#wantsOnline = this.#chance.is(0.6);
        return;
      case 'signOut':
        this.#wantsOnline = this.#chance.is(0.3);
        return client.signOut();
    }
  }

  async #say(client: CspClient): Promise<void> {
    const { ledger, tell } = this.#stage;
    if (this.account.contacts.length === 0) return;
    const to = this.#chance.pick(this.account.contacts);
    const sending = ledger.next(this.account.name, to.name);
    tell(this.device, `says '${sending.text}'`);
    const code = await this.#send(client, sending, { User: [{ UserID: `wv:${to.name}` }] });
    if (![200, 600, 601, 604].includes(code))
      ledger.wrong(`${this.device} could not send: ${code}`, [this.device], sending.text);
  }

  /** Resolves with the code. */
  async #send(client: CspClient, sending: Sending, Recipient: StructureOf<'Recipient'>): Promise<number> {
    const { ledger, tell } = this.#stage;
    const chance = this.#chance;
    const air = this.#air;
    const lostBefore = air?.lostUnseen ?? 0;
    try {
      const answer = await client.request(
        {
          name: 'SendMessage-Request',
          DeliveryReport: chance.is(0.3),
          MessageInfo: {
            ContentType: 'text/plain',
            ContentSize: sending.text.length,
            Recipient,
            Sender: { User: { UserID: `wv:${this.account.name}` } },
            // A phone whose battery was out believes that it is 1989.
            ...(chance.is(0.2) && { DateTime: '19890612T135900Z' }),
          },
          ContentData: sending.text,
        },
        'SendMessage-Response',
      );
      if (answer.Result.Code === 200 && answer.MessageID !== undefined) {
        ledger.acknowledged(sending, answer.MessageID);
        tell(this.device, `'${sending.text}' is acknowledged`);
      } else sending.fate = 'refused';
      return answer.Result.Code;
    } finally {
      sending.mayRepeat = this.personality.retry === 'new' && (air?.lostUnseen ?? 0) > lostBefore;
    }
  }

  /** Goes into a group, says something there, or leaves. */
  async #beInGroup(client: CspClient): Promise<void> {
    const chance = this.#chance;
    const { clubs, ledger, tell } = this.#stage;
    const club = this.#club;
    if (club === undefined) {
      const GroupID = chance.pick([...clubs.keys()]);
      const ScreenName = { SName: this.device.replace('@', ' of '), GroupID };
      const answer = await client.request({
        name: 'JoinGroup-Request',
        GroupID,
        ScreenName,
        JoinedRequest: true,
        SubscribeNotification: chance.is(0.5),
      });
      const code = codeOf(answer) ?? 200;
      count(this.#stage, `joined ${code}`);
      if (code === 200 && this.#client === client) {
        this.#club = GroupID;
        clubs.get(GroupID)?.add(this.#member);
      } else if (!mayRefuseToJoin.has(code)) ledger.wrong(`${this.device} could not join: ${code}`, [this.device]);
      return;
    }
    if (chance.is(0.1)) {
      this.#leaveGroups();
      const code = await client.codeFor({ name: 'LeaveGroup-Request', GroupID: club });
      if (![200, 808, 600, 601, 604].includes(code))
        ledger.wrong(`${this.device} could not leave: ${code}`, [this.device]);
      return;
    }
    const sending = ledger.next(this.account.name, club.slice(4), { isForGroup: true });
    const members = new Set(clubs.get(club));
    tell(this.device, `says '${sending.text}'`);
    const code = await this.#send(client, sending, { Group: [{ GroupID: club }] });
    const stayed = [...members].filter((one) => one !== this.#member && clubs.get(club)?.has(one));
    if (code === 200 && clubs.get(club)?.has(this.#member)) ledger.due(sending, stayed);
    else if (code !== 200 && !mayRefuseToSpeak.has(code))
      ledger.wrong(`${this.device} could not speak in a group: ${code}`, [this.device], sending.text);
    if (code === 808) this.#leaveGroups();
  }

  #leaveGroups(): void {
    if (this.#club !== undefined) this.#stage.clubs.get(this.#club)?.delete(this.#member);
    this.#club = undefined;
    this.#stage.ledger.excuse(this.#member);
  }

  /** Puts somebody into the default list, has a look, and takes them out again some time. */
  async #meet(client: CspClient): Promise<void> {
    const { strangers } = this.#stage;
    const list = (await client.contactLists()).at(-1) ?? '';
    const met = this.#met;
    this.#met = undefined;
    if (met) {
      await client.manageList({
        name: 'ListManage-Request',
        ContactList: list,
        RemoveNickList: { UserID: [met] },
        ReceiveList: true,
      });
      return;
    }
    const who = this.#chance.pick(strangers());
    if (who === this.account.name || this.account.contacts.some(({ name }) => name === who)) return;
    await client.manageList({
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { NickName: [{ Name: 'Somebody', UserID: `wv:${who}` }] },
      ReceiveList: true,
    });
    this.#met = `wv:${who}`;
  }

  async #invite(client: CspClient): Promise<void> {
    if (this.account.contacts.length === 0) return;
    const code = await client.codeFor({
      ...{ name: 'Invite-Request', InviteID: `i${this.#chance.below(1_000_000)}`, InviteType: 'IM', Validity: 900 },
      ...{ Sender: { User: { UserID: `wv:${this.account.name}` } }, InviteNote: inviteNote },
      Recipient: { User: [{ UserID: `wv:${this.#chance.pick(this.account.contacts).name}` }] },
    });
    if (![200, 600, 601, 604].includes(code))
      this.#stage.ledger.wrong(`${this.device} could not invite: ${code}`, [this.device]);
  }

  async #publish(client: CspClient): Promise<void> {
    const chance = this.#chance;
    const status = `${this.account.jid.local} ${chance.below(100_000)}`;
    this.account.isUnsure = true;
    const code = await client.publish(chance.pick(['AVAILABLE', 'DISCREET']), status);
    if (code !== 200) return;
    this.account.status = status;
    this.account.isUnsure = false;
  }

  async #tunnel(): Promise<void> {
    const air = this.#air;
    if (!air) return;
    this.#stage.tell(this.device, 'drives into a tunnel');
    air.isInTunnel = true;
    await sleep(this.#stage, this.#chance.wait(240_000));
    air.isInTunnel = false;
    if (this.#chance.is(0.5)) air.move();
    this.#stage.tell(this.device, 'is out of the tunnel');
  }

  // ---- what arrives ----

  async #listen(client: CspClient): Promise<void> {
    const { ledger } = this.#stage;
    for await (const { content } of client.arrivals())
      switch (content.name) {
        case 'NewMessage': {
          const { Sender, MessageID = '' } = content.MessageInfo;
          // With another ClientID it is another phone to the gateway, and sees what was said in a group before it came.
          const device = Sender?.Group ? this.#member : this.device;
          ledger.shown(this.account.name, device, String(content.ContentData), MessageID);
          break;
        }
        case 'DeliveryReport-Request':
          ledger.reported(this.account.name, content.MessageInfo.MessageID ?? '', content.Result.Code);
          break;
        case 'PresenceNotification-Request':
          this.#seen(content);
          break;
        case 'InviteUser-Request':
          void this.#answer(client, {
            ...{ name: 'InviteUser-Response', InviteID: content.InviteID, Acceptance: this.#chance.is(0.5) },
            ...(client.personality.version !== '1.1' && { Sender: { User: { UserID: `wv:${this.account.name}` } } }),
          });
          break;
        case 'PresenceAuth-Request':
          void this.#answer(client, {
            ...{ name: 'PresenceAuth-User', UserID: content.UserID, Acceptance: this.#chance.is(0.5) },
          });
          break;
        case 'LeaveGroup-Response':
        case 'Disconnect':
          this.#leaveGroups();
          break;
        default:
      }
  }

  #seen({ Presence }: PrimitiveOf<'PresenceNotification-Request'>): void {
    for (const { UserID, PresenceSubList } of Presence)
      for (const { OnlineStatus, StatusText } of PresenceSubList ?? []) {
        const told: Told = this.told.get(UserID ?? '') ?? { isOnline: undefined, status: undefined };
        const [online] = Array.isArray(OnlineStatus) ? OnlineStatus : [OnlineStatus];
        if (typeof online === 'object')
          told.isOnline = online.Qualifier === true ? online.PresenceValue === true : undefined;
        if (typeof StatusText === 'object')
          told.status = StatusText.Qualifier === true ? StatusText.PresenceValue : undefined;
        this.told.set(UserID ?? '', told);
      }
  }

  /** To a request of the server; nobody waits for what becomes of it. */
  async #answer(client: CspClient, content: Primitive): Promise<void> {
    count(this.#stage, content.name);
    await client.request(content).catch((cause: unknown) => {
      if (!(cause instanceof CspClientError)) throw cause;
      this.#judge(cause);
    });
  }

  // ---- judging ----

  /** What this phone shows of its contacts, where it is not the truth. */
  get illusions(): readonly string[] {
    if (!this.isSignedIn) return [];
    return this.account.contacts.flatMap(({ name, truth }) => {
      const told = this.told.get(`wv:${name}`);
      const isWrong =
        !told ||
        told.isOnline !== truth.isOnline ||
        (!truth.isUnsure && truth.isOnline && told.status !== truth.status);
      return isWrong ? [`${name} as ${JSON.stringify(told)}, which is ${JSON.stringify(truth)}`] : [];
    });
  }

  /** A request that failed: is that the network's doing? */
  #judge(cause: CspClientError): void {
    const { ledger, tell } = this.#stage;
    const why = `${cause.message}${cause.cause instanceof Error ? `: ${cause.cause.message}` : ''}`;
    tell(this.device, `failed: ${why}`);
    count(this.#stage, `failed: ${cause.message.replace(/[a-z]+\d+/gi, '…')}`);
    if (!this.#isExcused(cause.message))
      ledger.wrong(`${this.device} (${this.personality.name}): ${why}`, [this.device]);
  }

  #complain(): void {
    for (const complaint of this.#client?.complaints ?? [])
      if (!this.#isExcused(complaint))
        this.#stage.ledger.wrong(`${this.device} (${this.personality.name}): ${complaint}`, [this.device]);
    const { ended } = this.#client ?? {};
    if (ended && !this.#isExcused(ended.message))
      this.#stage.ledger.wrong(`${this.device} (${this.personality.name}) lost its session: ${ended.message}`, [
        this.device,
      ]);
  }

  /** What a network that loses things does to a phone, and a server that was down. */
  #isExcused(message: string): boolean {
    if (/^no HTTP answer$|^HTTP 503$|^dropped$|^signed out$/.test(message)) return true;
    if (/^ECONNREFUSED$|^ETIMEDOUT$|^the CIR connection was closed$/.test(message)) return true;
    // Silent for longer than it was granted: in a tunnel, or with nobody there to hear it.
    if (/(Status |signed out by the server: )600/.test(message)) return true;
    // A sign-in that was held up on its way, or sent twice, takes the place of the one after it.
    const isOver = /(Status |signed out by the server: )60[14]/.test(message);
    const { at, silentMs } = this.#over;
    return isOver && (at - this.#loginAt < 180_000 || silentMs > longestSilenceMs);
  }
}

const brief = (content: object): string => {
  const text = JSON.stringify(content);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
};
