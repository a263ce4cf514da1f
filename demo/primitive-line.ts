// What is worth telling of each primitive, in a few words.

import type { Transaction } from '../src/imps/message.ts';
import { isRefused, type RefusedTransaction } from '../src/imps/message.ts';
import type { Primitive, PrimitiveName, PrimitiveOf, StructureOf } from '../src/imps/primitives.ts';

type Words = { readonly [Name in PrimitiveName]?: (content: PrimitiveOf<Name>) => string };

const words: Words = {
  'Login-Request': ({ UserID, Password, DigestBytes, DigestSchema }) => {
    if (DigestBytes !== undefined) return `${UserID}, digest ${String(DigestBytes).slice(0, 10)}…`;
    return Password !== undefined ? `${UserID}, password` : `${UserID}, can do ${DigestSchema?.join(', ')}`;
  },
  'Login-Response': ({ Result, Nonce, SessionID, KeepAliveTime }) =>
    Nonce !== undefined && SessionID === undefined
      ? `nonce ${Nonce.slice(0, 10)}…: prove the password`
      : `${Result.Code}, session ${SessionID?.slice(0, 6)}…, for ${KeepAliveTime} s`,
  'ClientCapability-Request': ({ CapabilityList }) =>
    `${CapabilityList?.ParserSize} octets at most, wake-up ${CapabilityList?.SupportedCIRMethod?.join(', ')}`,
  'ClientCapability-Response': (content) => {
    const list = content.AgreedCapabilityList ?? content.CapabilityList;
    return `wake-up ${list?.SupportedCIRMethod?.join(', ')} at ${list?.TCPAddress}:${list?.TCPPort}`;
  },
  'Service-Request': ({ Functions }) => `wants ${featuresIn(Functions?.WVCSPFeat)}`,
  'Service-Response': ({ AllFunctions }) => `has ${featuresIn(AllFunctions?.WVCSPFeat)}`,
  'GetList-Response': ({ ContactList, DefaultContactList }) =>
    (ContactList ?? [DefaultContactList ?? 'none']).join(', '),
  'ListManage-Request': ({ ContactList, AddNickList, ReceiveList }) =>
    AddNickList
      ? `add ${AddNickList.NickName?.map(({ Name, UserID }) => `${Name} (${UserID})`).join(', ')}`
      : `${ReceiveList ? 'read ' : ''}${ContactList}`,
  'ListManage-Response': ({ Result, NickList }) =>
    [Result.Code, ...(NickList?.NickName ?? []).map(({ Name, UserID }) => `${Name} (${UserID})`)].join(', '),
  'SubscribePresence-Request': ({ ContactList, PresenceSubList }) =>
    `of ${ContactList?.join(', ')}: ${Object.keys(PresenceSubList ?? {}).join(', ')}`,
  'UpdatePresence-Request': ({ PresenceSubList }) => presenceWords(PresenceSubList),
  'PresenceNotification-Request': ({ Presence }) =>
    (Presence ?? [])
      .map(({ UserID, PresenceSubList }) => `${UserID}: ${presenceWords(PresenceSubList?.[0])}`)
      .join('; '),
  'PresenceAuth-Request': ({ UserID }) => `${UserID} asks to see you`,
  'PresenceAuth-User': ({ UserID, Acceptance }) => `${UserID} may ${Acceptance ? 'see me' : 'not see me'}`,
  'SendMessage-Request': ({ MessageInfo, DeliveryReport, ContentData }) =>
    `to ${usersOf(MessageInfo.Recipient)}${DeliveryReport ? ', report' : ''}: ${quoted(ContentData)}`,
  'SendMessage-Response': ({ Result, MessageID }) => `${Result.Code}, message ${MessageID?.slice(0, 10)}`,
  NewMessage: ({ MessageInfo, ContentData }) => `from ${MessageInfo.Sender?.User?.UserID}: ${quoted(ContentData)}`,
  MessageDelivered: ({ MessageID }) => `message ${MessageID.slice(0, 10)}`,
  'DeliveryReport-Request': ({ Result, MessageInfo }) =>
    `${Result.Code}, message ${MessageInfo.MessageID?.slice(0, 10)}`,
  'Polling-Request': () => 'what is there for me?',
  Status: ({ Result }) => `${Result.Code}${Result.Description === undefined ? '' : ` ${Result.Description}`}`,
};

/** 'Login-Request 1' and what is in it. */
export const primitiveLine = (transaction: Transaction | RefusedTransaction): { name: string; fields: string } => {
  if (isRefused(transaction)) {
    const { primitive, code, path } = transaction.fault;
    return { name: `${primitive || 'nothing'} ${transaction.id}`, fields: `refused, ${code} ${path}` };
  }
  const { content, id } = transaction;
  const tell = words[content.name] as ((content: Primitive) => string) | undefined;
  return { name: `${content.name} ${id}`.trimEnd(), fields: tell?.(content) ?? leaves(content) };
};

/** Everything short that a primitive holds, for those without words of their own. */
const leaves = ({ name: _, ...fields }: Primitive): string =>
  Object.entries(fields)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');

export const presenceWords = (list: StructureOf<'PresenceSubList'> | undefined): string => {
  if (!list) return 'nothing';
  const said = (one: unknown): string | undefined =>
    typeof one === 'object' && one !== null && 'PresenceValue' in one ? String(one.PresenceValue) : undefined;
  const [online] = list.OnlineStatus ?? [];
  return [
    said(online) === undefined ? undefined : said(online) === 'true' || said(online) === 'T' ? 'online' : 'offline',
    said(list.UserAvailability),
    said(list.StatusText) && quoted(said(list.StatusText)),
  ]
    .filter(Boolean)
    .join(', ');
};

export const quoted = (text: string | Uint8Array | undefined): string =>
  text === undefined ? 'nothing' : typeof text === 'string' ? `“${text}”` : `${text.length} octets`;

/** FundamentalFeat, IMFeat: Fundamental, IM. */
const featuresIn = (tree: StructureOf<'WVCSPFeat'> | undefined): string =>
  Object.keys(tree ?? {})
    .map((name) => name.replace(/Feat$/, ''))
    .join(', ');

const usersOf = (recipient: StructureOf<'Recipient'>): string =>
  (recipient.User ?? []).map(({ UserID }) => UserID).join(', ');
