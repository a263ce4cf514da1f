// An account's picture as it is published (XEP-0084): the newest metadata, and the image it names, if that is what it says.

import { child, childrenNamed, type Element, textOf } from '../../../xml/element.ts';
import { parseElement } from '../../../xml/reader.ts';
import type { LocalUser } from '../../users/local-user.ts';
import type { NodeSettings } from '../pubsub/settings.ts';
import { readSettings } from '../pubsub/settings.ts';
import { dataNs, imageId, metadataNs } from './names.ts';

export interface Picture {
  /** SHA-1 in hexadecimal. */
  readonly id: string;
  readonly type: string;
}

/** The picture that is shown in presence; undefined when there is none, or not for all who see the account. */
export const publishedPicture = async ({ host, jid }: LocalUser): Promise<Picture | undefined> => {
  const account = jid.toString();
  const node = await host.store.pubsub.node(account, metadataNs);
  const model = node && readSettings(node.settings).accessModel;
  if (model !== 'open' && model !== 'presence') return undefined;
  const [item] = await host.store.pubsub.items(account, metadataNs, 1);
  const metadata = item && parsed(item.payload);
  // One that is elsewhere on the web is no picture of a vCard (XEP-0398 §3.1).
  const info = metadata && childrenNamed(metadata, 'info').find(({ attrs }) => attrs.id && attrs.url === undefined);
  return info && { id: (info.attrs.id ?? '').toLowerCase(), type: info.attrs.type ?? 'image/png' };
};

/** The image itself, and who may read it; undefined when it is not there or is another. */
export const imageOf = async (
  { host, jid }: LocalUser,
  { id }: Picture,
): Promise<{ readonly octets: Buffer; readonly settings: NodeSettings } | undefined> => {
  const account = jid.toString();
  const node = await host.store.pubsub.node(account, dataNs);
  const item = node && (await host.store.pubsub.item(account, dataNs, id));
  const data = item && parsed(item.payload);
  if (!node || data?.name !== 'data' || data.xmlns !== dataNs) return undefined;
  const octets = Buffer.from(textOf(data), 'base64');
  return imageId(octets) === id ? { octets, settings: readSettings(node.settings) } : undefined;
};

/** The picture in a vCard that a client wrote. */
export const photoIn = (vcard: Element): { readonly octets: Buffer; readonly type: string } | undefined => {
  const photo = child(vcard, 'PHOTO');
  const binary = photo && child(photo, 'BINVAL');
  const octets = Buffer.from(binary ? textOf(binary) : '', 'base64');
  if (!photo || octets.length === 0) return undefined;
  const type = child(photo, 'TYPE');
  return { octets, type: (type && textOf(type).trim()) || 'image/png' };
};

const parsed = (text: string): Element | undefined => {
  if (text === '') return undefined;
  const read = parseElement(text, { bytesMax: Number.MAX_SAFE_INTEGER });
  return read.ok ? read.value : undefined;
};
