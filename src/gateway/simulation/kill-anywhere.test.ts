// kill -9 in the middle of everything a phone can ask for. Each thing is asked for again and again, the process dying some
// moments later each time, a moment being before or after a write to the store, until it is done before the end comes. The
// phone, which was not told, asks again under the same TransactionID. Then it must be done: once, and with the answer it has
// when nobody dies. (With a real SIGKILL and real files, for messages: ../kill.test.ts.)

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SimulatedClock } from '../../base/clock.ts';
import { seededRandom, systemRandom } from '../../base/random.ts';
import { CspClient, CspClientError } from '../../imps/client/client.ts';
import { plain } from '../../imps/client/personality.ts';
import { codeOf } from '../../imps/client/strict.ts';
import { digestBytes } from '../../imps/digest.ts';
import type { Primitive, PrimitiveName, PrimitiveOf } from '../../imps/primitives.ts';
import type { CspVersion } from '../../imps/version.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Activity } from './activity.ts';
import { Lines } from './lines.ts';
import { Place } from './place.ts';

const clock = new SimulatedClock();
const activity = new Activity();
const troubles: string[] = [];
const place = new Place({
  ...{ clock, activity, lines: new Lines(activity), domains: ['north.test'], number: 1 },
  tell: () => {},
  trouble: (text) => void troubles.push(text),
});

let starting: Promise<void> | undefined;
/** Time passes, and the process is started again whenever it is gone, until the work is done. */
const done = async <Value>(work: Promise<Value>): Promise<Value> => {
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  work.then(over, over);
  for (let steps = 0; ; steps++) {
    await activity.quiet();
    if (isOver) return work;
    if (!place.running && !starting)
      starting = place.start().finally(() => {
        starting = undefined;
      });
    clock.advance(Math.max(1, Math.min(60_000, (clock.nextAt ?? 0) - clock.mono())));
    assert.ok(steps < 20_000, 'it comes to an end');
  }
};
const pass = (ms: number): Promise<void> => done(new Promise<void>((resolve) => void clock.after(ms, resolve)));

/** A phone that never gives a request up, and what it was shown. */
class Handy {
  readonly user: string;
  readonly client: CspClient;
  readonly arrived: Primitive[] = [];

  constructor(user: string, number = 1, version: CspVersion = '1.2') {
    this.user = user;
    this.client = new CspClient({
      post: async (body, contentType) => {
        const answer = await place.post({ body, contentType, userAgent: 'Phone/1.0', remoteAddress: '192.0.2.7' });
        answer.delivered?.(true);
        return { status: answer.status, contentType: answer.contentType, body: answer.body };
      },
      ...{ clock, random: seededRandom(number), user: this.wv, password: 'secret', digest: digestBytes },
      personality: {
        ...{ ...plain, version, retriesMax: Number.POSITIVE_INFINITY, retryMsMax: 1_000 },
        clientId: { URL: `http://phone.example/${number}` },
      },
    });
    void this.#listen();
  }

  get wv(): string {
    return `wv:${this.user}@north.test`;
  }

  /** An address of the user's own: of a list, of a group. */
  own(name: string): string {
    return `wv:${this.user}/${name}@north.test`;
  }

  async start(): Promise<this> {
    await done(this.client.signIn('PWD'));
    await done(this.client.negotiate());
    return this;
  }

  code(content: Primitive): Promise<number> {
    return done(this.client.codeFor(content));
  }

  /** Polls until nothing comes any more, for longer than it takes until something is handed out again. */
  async look(): Promise<void> {
    for (let polls = 0; polls < 10; polls++) {
      await done(this.client.poll());
      await pass(8_000);
    }
  }

  /** Of that name, once or more often. */
  shown<Name extends PrimitiveName>(name: Name): PrimitiveOf<Name>[] {
    return this.arrived.filter((one) => one.name === name) as PrimitiveOf<Name>[];
  }

  async #listen(): Promise<void> {
    for await (const { content } of this.client.arrivals()) this.arrived.push(content);
  }
}

let anna: Handy;
let mila: Handy;
before(async () => {
  starting = place.start();
  await starting;
  starting = undefined;
  for (const name of ['anna', 'mila', 'otto']) {
    await place.running?.server.accounts('north.test').create(Jid.from(`${name}@north.test`), 'secret');
    await place.keepForDigests(`${name}@north.test`, 'secret');
  }
  anna = await new Handy('anna').start();
  mila = await new Handy('mila').start();
});
after(() => place.close());

/** Every how many moments it is tried, and from which on: EVERY=1 tries them all. */
const stride = Number(process.env['EVERY'] ?? 5);
const first = Math.floor(systemRandom.fraction() * stride);
let lastMoments = 0;
/**
 * `task` for the moments at which the process can die in it; `number` counts on. What `task` prepares before it calls `aim`
 * happens undisturbed. Resolves with the last number.
 */
const everywhere = async (task: (number: number, aim: () => void) => Promise<void>): Promise<number> => {
  for (let number = 0; number < 400; number++) {
    // When a phone was heard is written down within half a minute: nobody's session is to end for being killed so often.
    for (const { client } of [anna, mila]) await done(client.codeFor({ name: 'KeepAlive-Request' }));
    await pass(31_000);
    const before = place.running;
    lastMoments = first + number * stride;
    await task(number, () => place.killAfter(lastMoments)).catch((cause: unknown) => {
      throw new Error(`killed after ${lastMoments} moments`, { cause });
    });
    const hasDied = place.running !== before;
    place.killAfter(Number.POSITIVE_INFINITY);
    if (!hasDied) return number;
  }
  throw new Error('it never comes through');
};
const told = (number: number): string => `killed ${number} times`;

const text = (phone: Handy, to: object, ContentData: string): Primitive => ({
  name: 'SendMessage-Request',
  DeliveryReport: true,
  MessageInfo: {
    ...{ ContentType: 'text/plain', ContentSize: ContentData.length },
    ...{ Recipient: to, Sender: { User: { UserID: phone.wv } } },
  },
  ContentData,
});

test('sign-in: in the end there is one session, by password and by digest', async (context) => {
  for (const scheme of ['PWD', 'SHA'] as const) {
    const times = await everywhere(async (number, aim) => {
      aim();
      for (let tries = 0; ; tries++) {
        const phone = new Handy('otto', 500 + tries);
        const signedIn = await done(
          phone.client.signIn(scheme).then(
            () => true,
            (cause: unknown) => {
              // No answer; or one that says that it shall begin anew.
              if (!(cause instanceof CspClientError) || (cause.code !== undefined && cause.code !== 401)) throw cause;
              return false;
            },
          ),
        );
        if (!signedIn) {
          phone.client.drop();
          await pass(1_000);
          continue;
        }
        assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 200);
        // A sign-out that gets no answer is not asked for again: the phone is off by then.
        await done(phone.client.signOut().catch(() => {}));
        break;
      }
      await pass(10_000);
      const left = (await place.store.csp.sessions()).filter(({ account }) => account === 'otto@north.test');
      assert.ok(left.length <= 1, `${left.length} sessions after ${number}`);
    });
    context.diagnostic(`${scheme}: ${told(times)}`);
  }
});

test('a message is shown once', async (context) => {
  const count = await everywhere(async (number, aim) => {
    aim();
    assert.equal(await anna.code(text(anna, { User: [{ UserID: mila.wv }] }, `message ${number}`)), 200);
    await mila.look();
  });
  await mila.look();
  const seen = mila.shown('NewMessage').map(({ ContentData }) => ContentData);
  assert.deepEqual(
    seen,
    Array.from({ length: count + 1 }, (_, number) => `message ${number}`),
  );
  context.diagnostic(told(count));
});

test('a contact list is made, filled, renamed and deleted', async (context) => {
  const names = async () => new Set(await done(anna.client.contactLists()));
  const property = (Value: string) => ({ Property: [{ Name: 'DisplayName', Value }] });
  const made = await everywhere(async (number, aim) => {
    aim();
    const ContactList = anna.own(`list${number}`);
    assert.equal(
      await anna.code({ name: 'CreateList-Request', ContactList, ContactListProperties: property(`List ${number}`) }),
      200,
    );
    assert.ok((await names()).has(ContactList));
  });
  const filled = await everywhere(async (number, aim) => {
    aim();
    const contact = { Name: `Friend ${number}`, UserID: `wv:friend${number}@north.test` };
    const ContactList = anna.own('list0');
    const AddNickList = { NickName: [contact] };
    await done(anna.client.manageList({ name: 'ListManage-Request', ContactList, AddNickList, ReceiveList: true }));
    const { NickList } = await done(anna.client.readList(ContactList));
    assert.equal(NickList?.NickName?.filter(({ UserID }) => UserID === contact.UserID).length, 1);
  });
  const renamed = await everywhere(async (number, aim) => {
    aim();
    const ContactList = anna.own('list0');
    const ContactListProperties = property(`Name ${number}`);
    await done(
      anna.client.manageList({ name: 'ListManage-Request', ContactList, ContactListProperties, ReceiveList: true }),
    );
    const { ContactListProperties: now } = await done(anna.client.readList(ContactList));
    assert.equal(now?.Property?.find(({ Name }) => Name === 'DisplayName')?.Value, `Name ${number}`);
  });
  const deleted = await everywhere(async (number, aim) => {
    const ContactList = anna.own(`gone${number}`);
    await anna.code({ name: 'CreateList-Request', ContactList, ContactListProperties: property(`Gone ${number}`) });
    aim();
    assert.equal(await anna.code({ name: 'DeleteList-Request', ContactList }), 200);
    assert.ok(!(await names()).has(ContactList));
  });
  context.diagnostic([made, filled, renamed, deleted].map(told).join(', '));
});

test('a group is made, entered, spoken in and left', async (context) => {
  const screen = (GroupID: string, SName: string) => ({ SName, GroupID });
  const make = (GroupID: string): Primitive => ({
    ...{ name: 'CreateGroup-Request', GroupID, JoinGroup: true, SubscribeNotification: false },
    ...{ GroupProperties: { Property: [{ Name: 'Name', Value: 'Boats' }] }, ScreenName: screen(GroupID, 'Anna') },
  });
  const made = await everywhere(async (number, aim) => {
    aim();
    const GroupID = anna.own(`group${number}`);
    assert.equal(await anna.code(make(GroupID)), 200);
    await pass(30_000);
    assert.equal(await anna.code({ name: 'LeaveGroup-Request', GroupID }), 200);
  });
  const GroupID = anna.own('boats');
  assert.equal(await anna.code(make(GroupID)), 200);
  const enter: Primitive = {
    ...{ name: 'JoinGroup-Request', GroupID, ScreenName: screen(GroupID, 'Mila') },
    ...{ JoinedRequest: false, SubscribeNotification: false },
  };
  let left = 0;
  const entered = await everywhere(async (_, aim) => {
    aim();
    assert.equal(await mila.code(enter), 200);
    await pass(30_000);
    assert.equal(await mila.code({ name: 'LeaveGroup-Request', GroupID }), 200);
  });
  await mila.code(enter);
  left = await everywhere(async (_, aim) => {
    aim();
    assert.equal(await mila.code({ name: 'LeaveGroup-Request', GroupID }), 200);
    await pass(30_000);
    assert.equal(await mila.code(enter), 200);
  });
  mila.arrived.length = 0;
  const spoken = await everywhere(async (number, aim) => {
    aim();
    assert.equal(await anna.code(text(anna, { Group: [{ GroupID }] }, `ahoy ${number}`)), 200);
    // Both are in it again before the next is said.
    await pass(60_000);
    await mila.look();
  });
  const seen = mila.shown('NewMessage').map(({ ContentData }) => String(ContentData));
  assert.equal(new Set(seen).size, seen.length, `none is shown twice: ${seen.join(', ')}`);
  assert.equal(seen.at(-1), `ahoy ${spoken}`);
  assert.equal(await anna.code({ name: 'LeaveGroup-Request', GroupID }), 200);
  assert.equal(await mila.code({ name: 'LeaveGroup-Request', GroupID }), 200);
  context.diagnostic([made, entered, left, spoken].map(told).join(', '));
});

test('an invitation arrives once', async (context) => {
  mila.arrived.length = 0;
  const count = await everywhere(async (number, aim) => {
    aim();
    const code = await anna.code({
      ...{ name: 'Invite-Request', InviteID: `i${number}`, InviteType: 'IM', Validity: 3_600 },
      ...{ Sender: { User: { UserID: anna.wv } }, Recipient: { User: [{ UserID: mila.wv }] } },
      InviteNote: `talk ${number}?`,
    });
    assert.equal(code, 200);
    await mila.look();
  });
  const notes = mila.shown('InviteUser-Request').map(({ InviteNote }) => InviteNote);
  assert.deepEqual(
    notes,
    Array.from({ length: count + 1 }, (_, number) => `talk ${number}?`),
  );
  context.diagnostic(told(count));
});

test('delivery by notification; a message forwarded, and one rejected', async (context) => {
  const method = (DeliveryMethod: 'P' | 'N'): Primitive => ({ name: 'SetDeliveryMethod-Request', DeliveryMethod });
  /** The MessageID of what mila was just told of. */
  const announced = async (words: string): Promise<string> => {
    mila.arrived.length = 0;
    assert.equal(await anna.code(text(anna, { User: [{ UserID: mila.wv }] }, words)), 200);
    await mila.look();
    const [told] = mila.shown('MessageNotification');
    assert.ok(told, `${words} is announced; there is ${mila.arrived.map(({ name }) => name).join(', ')}`);
    return told.MessageInfo.MessageID ?? '';
  };
  const list = async (): Promise<readonly (string | undefined)[]> =>
    (await done(mila.client.request({ name: 'GetMessageList-Request' }, 'GetMessageList-Response'))).MessageInfo?.map(
      ({ MessageID }) => MessageID,
    ) ?? [];

  const switched = await everywhere(async (number, aim) => {
    await mila.code(method('P'));
    aim();
    assert.equal(await mila.code(method('N')), 200);
    const id = await announced(`kept ${number}`);
    assert.ok((await list()).includes(id));
  });

  const otto = await new Handy('otto', 900).start();
  const forwarded = await everywhere(async (number, aim) => {
    const MessageID = await announced(`for otto ${number}`);
    aim();
    const Recipient = { User: [{ UserID: otto.wv }] };
    assert.equal(await mila.code({ name: 'ForwardMessage-Request', MessageID, Recipient }), 200);
    assert.ok(!(await list()).includes(MessageID));
    await otto.look();
  });
  assert.deepEqual(
    otto.shown('NewMessage').map(({ ContentData }) => ContentData),
    Array.from({ length: forwarded + 1 }, (_, number) => `for otto ${number}`),
  );

  const rejected = await everywhere(async (number, aim) => {
    const MessageID = await announced(`unwanted ${number}`);
    anna.arrived.length = 0;
    aim();
    assert.equal(await mila.code({ name: 'RejectMessage-Request', MessageID: [MessageID] }), 200);
    assert.ok(!(await list()).includes(MessageID));
    await anna.look();
    const reports = anna.shown('DeliveryReport-Request').map(({ Result }) => Result.Code);
    assert.deepEqual(reports, [538], 'its sender hears of it, once');
  });
  await done(otto.client.signOut());
  context.diagnostic([switched, forwarded, rejected].map(told).join(', '));
});

test('attribute lists, what the user publishes and the public profile are as was answered', async (context) => {
  const lists = await everywhere(async (number, aim) => {
    aim();
    const code = await anna.code({
      ...{ name: 'CreateAttributeList-Request', UserID: [`wv:watcher${number}@north.test`], DefaultList: false },
      PresenceSubList: { OnlineStatus: [true], StatusText: true },
    });
    assert.equal(code, 200);
    const User = [{ UserID: `wv:watcher${number}@north.test` }];
    const answer = await done(anna.client.request({ name: 'GetAttributeList-Request', User, DefaultList: false }));
    assert.match(JSON.stringify(answer), new RegExp(`watcher${number}@`));
  });
  const published = await everywhere(async (number, aim) => {
    aim();
    assert.equal(await done(anna.client.publish('AVAILABLE', `status ${number}`)), 200);
    const own = await done(
      anna.client.request({ name: 'GetPresence-Request', User: [{ UserID: anna.wv }] }, 'GetPresence-Response'),
    );
    assert.equal(codeOf(own), 200);
    assert.match(JSON.stringify(own), new RegExp(`status ${number}"`));
  });
  const otto = await new Handy('otto', 901, '1.3').start();
  const profiled = await everywhere(async (number, aim) => {
    await otto.code({ name: 'KeepAlive-Request' });
    aim();
    const PublicProfile = { UserID: otto.wv, Property: [{ Name: 'PP_CITY', Value: `Town ${number}` }] };
    assert.equal(await otto.code({ name: 'UpdatePublicProfile-Request', PublicProfile }), 200);
    const own = await done(otto.client.request({ name: 'GetPublicProfile-Request', UserID: [otto.wv] }));
    assert.match(JSON.stringify(own), new RegExp(`Town ${number}"`));
  });
  await done(otto.client.signOut());
  context.diagnostic([lists, published, profiled].map(told).join(', '));
  assert.deepEqual(troubles, []);
});
