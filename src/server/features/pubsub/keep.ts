// Changes of an account's nodes, all or nothing and within the account's quota.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { PubsubStore } from '../../../store/store.ts';
import type { LocalUser } from '../../users/local-user.ts';
import { fault, type PubsubFault } from './names.ts';
import type { Node } from './node.ts';
import { itemsKept } from './settings.ts';

/** Takes a transaction back; never leaves this file. */
class OverQuotaSignal extends Error {
  override readonly name = 'OverQuotaSignal';
}

const overQuota = fault('resource-constraint', undefined, 'the account keeps too much');

/** Runs `work` as one transaction; refused, and nothing changed, when the account would keep too much after it. */
export const withinQuota = async (
  { host, jid }: LocalUser,
  work: (pubsub: PubsubStore, account: string) => Promise<void>,
): Promise<Outcome<void, PubsubFault>> => {
  const account = jid.toString();
  try {
    await host.store.together(async ({ pubsub }) => {
      await work(pubsub, account);
      if ((await pubsub.size(account)) > host.limits.pubsubBytesMax) throw new OverQuotaSignal('over quota');
    });
    return good(undefined);
  } catch (thrown) {
    if (thrown instanceof OverQuotaSignal) return bad(overQuota);
    throw thrown;
  }
};

/** Is there room for one node more? */
export const roomForNode = async ({ host, jid }: LocalUser): Promise<PubsubFault | undefined> => {
  const { length } = await host.store.pubsub.nodes(jid.toString());
  return length < host.limits.pubsubNodesMax
    ? undefined
    : fault('resource-constraint', undefined, 'the account has too many nodes');
};

/** Makes the node or changes its settings; items that it may not keep any more go. */
export const saveNode = (user: LocalUser, { name, settings }: Node): Promise<Outcome<void, PubsubFault>> =>
  withinQuota(user, async (pubsub, account) => {
    await pubsub.putNode(account, name, JSON.stringify(settings));
    await pubsub.trim(account, name, itemsKept(settings, user.host.limits));
  });
