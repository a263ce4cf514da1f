// Who takes part in a conversation of the suite: Mila with her phone, Tomas with an ordinary XMPP client.

import assert from 'node:assert/strict';
import type { Personality } from '../../imps/client/personality.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { Friend } from './friend.ts';
import { attributeList, seen, wv } from './shapes.ts';
import type { Handset, World } from './world.ts';

export type Cast = ReturnType<typeof castOf>;

/** `world`: there when the first test runs. */
export const castOf = (world: () => World, kind: Personality) => {
  /** Mila's phone and Tomas' client, strangers to each other. */
  const strangers = async (
    functions = kind.functions,
  ): Promise<{ mila: Handset; tomas: Friend; milaJid: Jid; tomasJid: Jid }> => {
    const [milaJid, tomasJid] = [await world().someone('mila'), await world().someone('tomas')];
    const tomas = await world().friend(tomasJid);
    const mila = await world().phone(milaJid, kind, functions);
    return { mila, tomas, milaJid, tomasJid };
  };
  /** The same two, each in the other's list and let see the other. */
  const friends = async () => {
    const all = await strangers();
    const { mila, tomas, milaJid, tomasJid } = all;
    const list = await addContact(mila, tomasJid, 'Tomas');
    await mila.csp.subscribe({ lists: [list] });
    await tomas.receivesPresence('subscribe');
    await tomas.sends(`<presence type='subscribed' to='${milaJid}'/><presence type='subscribe' to='${milaJid}'/>`);
    assert.equal(
      await mila.csp.codeFor(attributeList(mila, { OnlineStatus: [true], StatusText: true }, [tomasJid])),
      200,
    );
    await tomas.receivesPresence('subscribed');
    await tomas.receivesPresence(undefined, ({ from }) => from?.local === milaJid.local);
    await mila.receives('PresenceNotification-Request', (one) => seen(one, tomasJid)?.OnlineStatus === true);
    return { ...all, list };
  };
  const addContact = async (mila: Handset, who: Jid, Name: string): Promise<string> => {
    const list = (await mila.csp.contactLists()).at(-1) ?? '';
    await mila.csp.manageList({
      name: 'ListManage-Request',
      ContactList: list,
      AddNickList: { NickName: [{ Name, UserID: wv(who) }] },
      ReceiveList: true,
    });
    return list;
  };
  const presence = (mila: Handset, who: Jid, wanted: Record<string, unknown>) =>
    mila.receives('PresenceNotification-Request', (one) => {
      const values = seen(one, who);
      return values !== undefined && Object.entries(wanted).every(([name, value]) => values[name] === value);
    });
  /** No phone of this kind had anything to complain of, and the gateway logged no trouble. */
  const isContent = (...handsets: Handset[]): void => {
    for (const { csp } of handsets) assert.deepEqual(csp.complaints, []);
    assert.deepEqual(world().troubles, []);
  };

  return {
    kind,
    get world(): World {
      return world();
    },
    strangers,
    friends,
    addContact,
    presence,
    isContent,
  };
};
