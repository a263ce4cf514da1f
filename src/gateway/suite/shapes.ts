// Requests in the form of the phone's version, and what tests read out of answers.

import type { Primitive, PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Handset } from './world.ts';

export const wv = (jid: Jid): string => `wv:${jid.bare}`;

/** What a phone sees of one user, as simple values by attribute; undefined when the message is not about them. */
export const seen = (
  of: { readonly Presence?: readonly StructureOf<'Presence'>[] | undefined },
  who: Jid,
): Record<string, unknown> | undefined => {
  const list = of.Presence?.find(({ UserID }) => UserID === wv(who))?.PresenceSubList?.[0];
  if (!list) return undefined;
  const values: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(list)) {
    const one = (Array.isArray(given) ? given[0] : given) as Record<string, unknown> | true;
    if (one === true || one.Qualifier !== true) continue;
    values[name] = 'PresenceValue' in one ? one.PresenceValue : true;
  }
  return values;
};

const is13 = (phone: Handset): boolean => phone.csp.personality.version === '1.3';

export const getPresence = (phone: Handset, ...users: Jid[]): Primitive => ({
  name: 'GetPresence-Request',
  ...(is13(phone) ? { UserIDList: { UserID: users.map(wv) } } : { User: users.map((user) => ({ UserID: wv(user) })) }),
});

export const subscribeTo = (phone: Handset, names: StructureOf<'PresenceSubList'>, user: Jid): Primitive => ({
  name: 'SubscribePresence-Request',
  ...(is13(phone) ? { UserIDList: { UserID: [wv(user)] } } : { User: [{ UserID: wv(user) }] }),
  PresenceSubList: names,
  AutoSubscribe: false,
});

export const blockRequest = (
  phone: Handset,
  lists: {
    readonly block?: Omit<StructureOf<'BlockList'>, 'InUse'> & { readonly inUse: boolean };
    readonly grant?: Omit<StructureOf<'GrantList'>, 'InUse'> & { readonly inUse: boolean };
  },
): PrimitiveOf<'BlockEntity-Request'> => {
  const { inUse: blockInUse, ...block } = lists.block ?? {};
  const { inUse: grantInUse, ...grant } = lists.grant ?? {};
  if (is13(phone))
    return {
      name: 'BlockEntity-Request',
      ...(lists.block && { BlockList: block, BlockListInUse: blockInUse }),
      ...(lists.grant && { GrantList: grant, GrantListInUse: grantInUse }),
    };
  return {
    name: 'BlockEntity-Request',
    ...(lists.block && { BlockList: { InUse: blockInUse, ...block } }),
    ...(lists.grant && { GrantList: { InUse: grantInUse, ...grant } }),
  };
};

export const attributeList = (
  phone: Handset,
  names: StructureOf<'PresenceSubList'>,
  users: readonly Jid[],
  isDefault = false,
): PrimitiveOf<'CreateAttributeList-Request'> => ({
  name: 'CreateAttributeList-Request',
  PresenceSubList: names,
  ...(is13(phone) ? { UserIDList: { UserID: users.map(wv) } } : { UserID: users.map(wv) }),
  DefaultList: isDefault,
});
