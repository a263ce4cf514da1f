// Phones that have signed in: a SessionID, and what was agreed.

import { contentTypeOf } from '../../../src/imps/content-type.ts';
import { type Encoding, isRefused } from '../../../src/imps/message.ts';
import type { Primitive, PrimitiveName, PrimitiveOf } from '../../../src/imps/primitives.ts';
import { readMessage } from '../../../src/imps/read-message.ts';
import type { CspVersion } from '../../../src/imps/version.ts';
import { writeMessage } from '../../../src/imps/write-message.ts';
import { password, phoneAddress } from '../world/people.ts';
import { postOf } from './stencil.ts';
import { Wire } from './wire.ts';

/** How a phone's octets reach the server. */
export type Post = (
  body: Uint8Array,
  contentType: string,
) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

export const postOver =
  (wire: Wire): Post =>
  (body, contentType) =>
    wire.asked(postOf(body, contentType));

/** How a phone speaks. */
export interface Form {
  readonly version: CspVersion;
  readonly encoding: Encoding;
}

export interface Phone {
  readonly index: number;
  readonly form: Form;
  readonly sessionId: string;
  readonly cookie: string;
}

const clientOf = (index: number) => ({ URL: `http://phone.example/${index}` });

/** 2-way sign-in, capabilities with a wake-up channel over TCP, and all functions. Its presence is then shown to its contacts. */
export const signIn = async (post: Post, index: number, form: Form): Promise<Phone> => {
  const cookie = `wv:phone.${String(index).padStart(6, '0')}`;
  const login = await answerOf(post, form, undefined, 'Login-Response', {
    name: 'Login-Request',
    UserID: `wv:${phoneAddress(index)}`,
    ClientID: clientOf(index),
    Password: password,
    TimeToLive: 7200,
    SessionCookie: cookie,
  });
  const { SessionID: sessionId } = login;
  if (login.Result.Code !== 200 || sessionId === undefined)
    throw new Error(`phone ${index} cannot sign in: ${login.Result.Code}`);
  await answerOf(post, form, sessionId, 'ClientCapability-Response', {
    name: 'ClientCapability-Request',
    ClientID: clientOf(index),
    CapabilityList: {
      ClientType: 'MOBILE_PHONE',
      InitialDeliveryMethod: 'P',
      ...(form.version === '1.3'
        ? { AcceptedContentType: [{ ContentType: 'text/plain' }], AcceptedPushLength: 32_767 }
        : { AnyContent: true, AcceptedCharset: [106], AcceptedContentLength: 32_767 }),
      ...{ AcceptedTransferEncoding: ['BASE64'], SupportedBearer: ['HTTP'], MultiTrans: 1, ParserSize: 32_767 },
      ...{ SupportedCIRMethod: ['STCP'], ServerPollMin: 10 },
    },
  });
  await answerOf(post, form, sessionId, 'Service-Response', {
    name: 'Service-Request',
    ClientID: clientOf(index),
    Functions: { WVCSPFeat: { FundamentalFeat: true, PresenceFeat: true, IMFeat: true, GroupFeat: true } },
    AllFunctionsRequest: true,
  });
  return { index, form, sessionId, cookie };
};

/** A phone looks at its contacts: its lists, and the presence of who is in them from now on. */
export const lookAtContacts = async (post: Post, { form, sessionId }: Phone): Promise<void> => {
  const lists = await answerOf(post, form, sessionId, 'GetList-Response', { name: 'GetList-Request' });
  const all = [...(lists.ContactList ?? []), ...(lists.ContactListIDList?.ContactList ?? [])];
  const [list = lists.DefaultContactList] = all;
  if (list === undefined) throw new Error('a phone without a contact list');
  await answerOf(post, form, sessionId, 'ListManage-Response', {
    name: 'ListManage-Request',
    ContactList: list,
    ReceiveList: true,
  });
  await answerOf(post, form, sessionId, 'Status', {
    name: 'SubscribePresence-Request',
    ...(form.version === '1.3' ? { ContactListIDList: { ContactList: [list] } } : { ContactList: [list] }),
    PresenceSubList: { OnlineStatus: [true], UserAvailability: true, StatusText: true },
    AutoSubscribe: true,
  });
};

let lastId = 0;

/** The response to a request, of that name. Throws on any other, and on a Status that is none of success. */
export const answerOf = async <Name extends PrimitiveName>(
  post: Post,
  { version, encoding }: Form,
  sessionId: string | undefined,
  expected: Name,
  content: Primitive,
): Promise<PrimitiveOf<Name>> => {
  const id = `A${++lastId}`;
  const body = writeMessage(
    {
      version,
      ...(sessionId === undefined
        ? ({ sessionType: 'Outband' } as const)
        : ({ sessionType: 'Inband', sessionId } as const)),
      transactions: [{ mode: 'Request', id, content }],
    },
    encoding,
  );
  const { status, body: octets } = await post(body, contentTypeOf(version, encoding));
  const read = readMessage(octets);
  if (status !== 200 || !read.ok) throw new Error(`${content.name}: HTTP ${status}, ${octets.length} octets`);
  const found = read.value.message.transactions.find((one) => one.id === id);
  if (!found || isRefused(found) || found.content.name !== expected)
    throw new Error(`${content.name} was answered by ${Buffer.from(octets).toString('latin1')}`);
  const answer = found.content as PrimitiveOf<Name>;
  if ('Result' in answer && expected === 'Status' && (answer as PrimitiveOf<'Status'>).Result.Code !== 200)
    throw new Error(`${content.name}: ${(answer as PrimitiveOf<'Status'>).Result.Code}`);
  return answer;
};

/** Signs in so many phones from `first` on, some at a time, each with the form that `formOf` says. */
export const signInAll = async (
  port: number,
  range: { readonly first: number; readonly count: number; readonly formOf: (index: number) => Form },
): Promise<readonly Phone[]> => {
  const phones: Phone[] = [];
  const left = Array.from({ length: range.count }, (_, at) => at).values();
  const lane = async (): Promise<void> => {
    const wire = await Wire.open(port);
    try {
      for (const at of left) {
        const index = range.first + at;
        phones[at] = await signIn(postOver(wire), index, range.formOf(index));
      }
    } finally {
      wire.close();
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return phones;
};

/** Polls once and acknowledges what came; resolves with its names, empty when nothing waits. */
export const pollOnce = async (post: Post, { form, sessionId }: Phone): Promise<readonly PrimitiveName[]> => {
  const { version, encoding } = form;
  const say = (mode: 'Request' | 'Response', id: string, content: Primitive) =>
    post(
      writeMessage({ version, sessionType: 'Inband', sessionId, transactions: [{ mode, id, content }] }, encoding),
      contentTypeOf(version, encoding),
    );
  const names: PrimitiveName[] = [];
  let { status, body } = await say('Request', '', { name: 'Polling-Request' });
  for (let next: Uint8Array | undefined = body; next?.length; ) {
    const read = readMessage(next);
    if (status !== 200 || !read.ok) throw new Error(`a poll was answered by HTTP ${status}, ${next.length} octets`);
    next = undefined;
    for (const one of read.value.message.transactions) {
      if (isRefused(one) || one.mode !== 'Request') continue;
      names.push(one.content.name);
      const answer: Primitive =
        one.content.name === 'NewMessage'
          ? { name: 'MessageDelivered', MessageID: one.content.MessageInfo.MessageID ?? '' }
          : { name: 'Status', Result: { Code: 200 } };
      // What waits next may come with the answer to the acknowledgement.
      ({ status, body } = await say('Response', one.id, answer));
      next = body;
    }
  }
  return names;
};
