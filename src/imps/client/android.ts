// How Android's IMPS plug-in mangles messages: it writes children out of order, and of a text keeps only the last run of
// characters that its SAX parser reported, trimmed.

import type { WbxmlElement } from '../../wbxml/document.ts';
import { type Encoding, isRefused, type Received } from '../message.ts';

/** The tree with the children of every structure inside TransactionContent back to front. */
export const reversed = (tree: WbxmlElement): WbxmlElement =>
  tree.name === 'TransactionContent'
    ? { ...tree, children: tree.children.map(backToFront) }
    : { ...tree, children: tree.children.map(reversed) };

const backToFront = (tree: WbxmlElement): WbxmlElement => ({
  ...tree,
  children: tree.children.map(backToFront).reverse(),
});

/**
 * The XML with every text cut down to what follows its last entity or character reference (or that reference itself, when
 * nothing follows). WBXML stays: there a run is one string, and texts are written as one.
 */
export const lastRunOnly = (body: Uint8Array, encoding: Encoding): Uint8Array => {
  if (encoding !== 'xml') return body;
  const text = new TextDecoder().decode(body);
  const cut = text.replace(/>([^<]+)</g, (_, run: string) => {
    const runs = run.match(/&[^;]*;|[^&]+/g) ?? [];
    return `>${(runs.at(-1) ?? '').trim()}<`;
  });
  return new TextEncoder().encode(cut);
};

/** What makes it throw an exception, hang or lose the message. */
export const inspectLikeAndroid = (_: Uint8Array, __: string | undefined, { message }: Received): readonly string[] => {
  const complaints: string[] = [];
  for (const transaction of message.transactions) {
    if (isRefused(transaction)) continue;
    const { content } = transaction;
    switch (content.name) {
      case 'NewMessage':
        if (!content.MessageInfo.Sender?.User && !content.MessageInfo.Sender?.Group)
          complaints.push('NewMessage without Sender');
        break;
      case 'DeliveryReport-Request': {
        const { User, Group } = content.MessageInfo.Recipient;
        if (!User?.length && !Group?.length) complaints.push('DeliveryReport without Recipient');
        break;
      }
      case 'PresenceNotification-Request':
      case 'GetPresence-Response':
        for (const { PresenceSubList } of content.Presence ?? [])
          if (!PresenceSubList?.length) complaints.push('Presence without PresenceSubList');
        break;
      case 'JoinGroup-Response':
        if (content.UserMapList?.UserMapping) complaints.push('UserMapList with UserMapping');
        break;
      default:
    }
  }
  return complaints;
};
