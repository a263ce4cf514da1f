// Who sees whom when the server starts: every subscription 'to' or 'both' that no block list stands against.

import type { Address, Store, SubscribedPair } from '../../../store/store.ts';

/** Small, so that a page is garbage before V8 takes it for something that lasts. */
const pageSize = 500;

/** Gives every pair of the domain's accounts to `visit`, page by page. */
export const readPairs = async (
  store: Store,
  domain: string,
  visit: (pairs: readonly SubscribedPair[]) => void,
): Promise<void> => {
  const blocked = await readBlocks(store);
  const suffix = `@${domain}`;
  for (let after: SubscribedPair | undefined; ; ) {
    const page = await store.rosters.subscribed({ after, limit: pageSize });
    visit(page.filter(({ account, contact }) => account.endsWith(suffix) && !isBlocked(blocked.get(account), contact)));
    if (page.length < pageSize) return;
    after = page.at(-1);
  }
};

const readBlocks = async ({ blocks }: Store): Promise<Map<Address, Set<string>>> => {
  const blocked = new Map<Address, Set<string>>();
  for (let after: Awaited<ReturnType<typeof blocks.all>>[number] | undefined; ; ) {
    const page = await blocks.all({ after, limit: pageSize });
    for (const { account, entry } of page) {
      const entries = blocked.get(account);
      if (entries) entries.add(entry);
      else blocked.set(account, new Set([entry]));
    }
    if (page.length < pageSize) return blocked;
    after = page.at(-1);
  }
};

/** As BlockList.has, for the bare address of a contact, without making a million addresses of texts. */
const isBlocked = (entries: ReadonlySet<string> | undefined, contact: string): boolean =>
  entries !== undefined && (entries.has(contact) || entries.has(contact.slice(contact.indexOf('@') + 1)));
