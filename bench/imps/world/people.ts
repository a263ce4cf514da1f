// Who has an account: phones p0, p1 …, and friends f0, f1 … with an XMPP client, each for a hundred phones.

import { systemRandom } from '../../../src/base/random.ts';
import { openSqliteStore } from '../../../src/store/sqlite/open.ts';
import { makeCredentials } from '../../../src/xmpp/sasl/scram-keys.ts';

export const domain = 'home.test';
export const password = 'secret';
/** Phones whose contact one friend is. */
const phonesPerFriend = 100;

export const phoneAddress = (index: number): string => `p${index}@${domain}`;
export const friendName = (index: number): string => `f${index}`;
export const friendOf = (phone: number): string => `${friendName(Math.floor(phone / phonesPerFriend))}@${domain}`;
export const friendsOf = (phones: number): number => Math.ceil(phones / phonesPerFriend);

/** Phones that know each other: they stand in a circle, and each knows so many of its neighbours, half on either side. */
export const neighboursOf = (index: number, phones: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => {
    const step = (at >> 1) + 1;
    return phoneAddress((index + (at % 2 ? -step : step) + phones) % phones);
  });

export interface People {
  readonly phones: number;
  /** Does each phone have its friend as a contact? */
  readonly friends: boolean;
  /** … and how many other phones. Even, so that whom a phone knows knows it too. */
  readonly neighbours: number;
}

/** Writes them into a new store: all with the same password, everybody seeing the presence of whom they know. */
export const writePeople = async (file: string, { phones, friends, neighbours }: People): Promise<void> => {
  const made = await makeCredentials(password, systemRandom);
  if (!made.ok) throw new Error('the password is no password');
  const store = openSqliteStore({ file });
  try {
    await store.together(async ({ accounts, rosters }) => {
      const create = (address: string) =>
        accounts.create({ address, keys: made.value, createdAt: Date.now(), disabled: false });
      const know = (account: string, contact: string) =>
        rosters.set(account, contact, {
          ...{ name: undefined, groups: ['Friends'], ask: false, request: undefined, approved: false },
          ...{ contact, subscription: 'both', listed: true },
        });
      if (friends) for (let at = 0; at < friendsOf(phones); at++) await create(`${friendName(at)}@${domain}`);
      for (let at = 0; at < phones; at++) {
        const address = phoneAddress(at);
        await create(address);
        for (const other of neighboursOf(at, phones, neighbours)) await know(address, other);
        if (!friends) continue;
        await know(address, friendOf(at));
        await know(friendOf(at), address);
      }
    });
  } finally {
    await store.close();
  }
};
