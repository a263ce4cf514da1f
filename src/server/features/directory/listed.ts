// Who is in the directory: those who said so, each by what their vCards say now. Nobody is in it by default.

import { strict as assert } from 'node:assert';
import type { Element } from '../../../xml/element.ts';
import { parseElement } from '../../../xml/reader.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { joinPersons, nobody } from '../../../xmpp/person/person.ts';
import { personOfVcardTemp, profileOfVcardTemp } from '../../../xmpp/person/vcard-temp.ts';
import { personOfVcard4, vcard4Node } from '../../../xmpp/person/vcard4.ts';
import type { Host } from '../../host.ts';
import { readSettings } from '../pubsub/settings.ts';
import { vcardKey } from '../vcard.ts';
import { entryOf } from './entry.ts';

type Place = Pick<Host, 'store'>;

export const isListed = async ({ store }: Place, account: Jid): Promise<boolean> =>
  (await store.directory.get(account.bare.toString())) !== undefined;

/** The account can be found from now on, or not any more. The account must exist. */
export const setListed = async (place: Place, account: Jid, wished: boolean): Promise<void> => {
  const address = account.bare.toString();
  if (wished) await list(place, address);
  else await place.store.directory.remove(address);
};

/** What the account shows has changed. Nothing happens when it is not in the directory. */
export const refresh = async (place: Place, account: Jid): Promise<void> => {
  if (await isListed(place, account)) await list(place, account.bare.toString());
};

const list = async ({ store }: Place, address: string): Promise<void> => {
  const temp = parsed(await store.privateData.get(address, vcardKey));
  const node = await store.pubsub.node(address, vcard4Node);
  // A vCard that its owner shows to some only is not shown to all by way of the directory.
  const isOpen = node !== undefined && readSettings(node.settings).accessModel === 'open';
  const [item] = isOpen ? await store.pubsub.items(address, vcard4Node, 1) : [];
  const newer = parsed(item?.payload || undefined);
  const person = joinPersons(
    temp ? personOfVcardTemp(temp) : nobody,
    newer?.name === 'vcard' ? personOfVcard4(newer) : nobody,
  );
  await store.directory.set(entryOf(address, person, temp ? profileOfVcardTemp(temp) : new Map()));
};

const parsed = (text: string | undefined): Element | undefined => {
  if (text === undefined) return undefined;
  const read = parseElement(text, { bytesMax: Number.MAX_SAFE_INTEGER, elementsMax: Number.MAX_SAFE_INTEGER });
  assert(read.ok, 'what is stored is well-formed');
  return read.value;
};
