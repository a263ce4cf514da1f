// XEP-0049 Private XML Storage 1.2: pieces of XML that an account's clients keep on the server, each known by its element.

import { strict as assert } from 'node:assert';
import { own } from '../../base/hooks.ts';
import { type Element, el, elementsOf, write } from '../../xml/element.ts';
import { parseElement } from '../../xml/reader.ts';
import type { Stanza } from '../../xmpp/stanza.ts';
import { type AccountRequest, accountRequest, requestKey } from '../points.ts';
import { advertise } from './advertise.ts';
import type { Feature } from './feature.ts';
import { vcardKey } from './vcard.ts';

const xmlns = 'jabber:iq:private';
const keyOf = (element: Element): string => `{${element.xmlns}}${element.name}`;

export const privateStorage: Feature = {
  specs: [{ id: 'XEP-0049', name: 'Private XML Storage', version: '1.2', scope: 'all', namespaces: [xmlns] }],
  taps: () => [
    own(accountRequest, requestKey('get', xmlns, 'query'), get),
    own(accountRequest, requestKey('set', xmlns, 'query'), set),
    advertise('server', xmlns),
    advertise('account', xmlns),
  ],
};

const isFit = (element: Element): boolean =>
  element.xmlns !== '' && element.xmlns !== xmlns && keyOf(element) !== vcardKey;

const get = async ({ user, stanza, payload, isOwn }: AccountRequest): Promise<Stanza> => {
  if (!isOwn) return stanza.error('forbidden');
  const [wanted, ...more] = elementsOf(payload);
  if (!wanted || more.length > 0) return stanza.error('bad-request');
  if (!isFit(wanted)) return stanza.error('not-acceptable');
  const text = await user.host.store.privateData.get(user.jid.toString(), keyOf(wanted));
  if (text === undefined) return stanza.result(el('query', { xmlns }, { ...wanted, children: [] }));
  const read = parseElement(text, { bytesMax: Number.MAX_SAFE_INTEGER });
  assert(read.ok, 'stored XML is well-formed');
  return stanza.result(el('query', { xmlns }, read.value));
};

const set = async ({ user, stanza, payload, isOwn }: AccountRequest): Promise<Stanza> => {
  if (!isOwn) return stanza.error('forbidden');
  const { store, limits } = user.host;
  const account = user.jid.toString();
  const pieces = elementsOf(payload);
  if (pieces.length === 0) return stanza.error('bad-request');
  if (!pieces.every(isFit)) return stanza.error('not-acceptable');
  let size = await store.privateData.size(account);
  const texts = new Map<string, string | undefined>();
  for (const piece of pieces) {
    const text = piece.children.length === 0 ? undefined : write(piece);
    if ((text?.length ?? 0) > limits.privateEntryMax) return stanza.error('resource-constraint');
    const before = await store.privateData.get(account, keyOf(piece));
    size += Buffer.byteLength(text ?? '') - Buffer.byteLength(before ?? '');
    texts.set(keyOf(piece), text);
  }
  if (size > limits.privateBytesMax) return stanza.error('resource-constraint', { text: 'the account keeps too much' });
  await store.together(async (inside) => {
    for (const [key, text] of texts) await inside.privateData.set(account, key, text);
  });
  return stanza.result();
};
