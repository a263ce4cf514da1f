// What Nokia's S60 client (3rd edition) refuses in an answer. The list is its source's, read as rules; each complaint says
// what the phone would have done.

import { decode } from '../../wbxml/decode.ts';
import type { WbxmlElement } from '../../wbxml/document.ts';
import { isRefused, type Received, type Transaction } from '../message.ts';
import type { Primitive } from '../primitives.ts';
import { messageTree } from '../write-message.ts';
import { inspectOctets } from './strict-octets.ts';

/** Primitives in which it looks at a Result. */
const readsResult = new Set([
  'Status',
  'Login-Response',
  'KeepAlive-Response',
  'GetPresence-Response',
  'ListManage-Response',
  'GetAttributeList-Response',
  'SendMessage-Response',
  'LeaveGroup-Response',
  'Disconnect',
  'DeliveryReport-Request',
]);
/** Characters that fit into its buffers. */
const longest: Readonly<Record<string, number>> = { SessionID: 50, TransactionID: 50, SessionCookie: 50 };

/** The complaints about one answer; none when the phone takes it. */
export const inspectStrictly = (
  body: Uint8Array,
  contentType: string | undefined,
  { message, notes, encoding }: Received,
): readonly string[] => {
  const complaints: string[] = [];
  if (contentType !== 'application/vnd.wv.csp.wbxml') complaints.push(`Content-Type ${contentType}: not understood`);
  if (encoding !== 'wbxml') return [...complaints, 'not WBXML: not understood'];
  complaints.push(...inspectOctets(body, message.version));
  for (const { kind, path, name } of notes) complaints.push(`${path}/${name}: ${kind}`);

  const taken: Transaction[] = [];
  for (const transaction of message.transactions) {
    if (isRefused(transaction)) complaints.push(`${transaction.fault.path}: ${transaction.fault.reason}`);
    else taken.push(transaction);
  }
  if (taken.length === message.transactions.length) {
    const got = decode(body);
    if (got.ok) complaints.push(...unlike(got.value.root, messageTree({ ...message, transactions: taken }), ''));
  }
  for (const { content } of taken) {
    const code = codeOf(content);
    if (code !== undefined && readsResult.has(content.name) && (code < 200 || code > 999))
      complaints.push(`code ${code}: the request would hang`);
  }
  return complaints;
};

/** Where the tree received is not what the content model writes: the phone's decoder goes by its own tables' order. */
const unlike = (got: WbxmlElement, want: WbxmlElement, path: string): string[] => {
  const here = `${path}/${want.name}`;
  const complaints: string[] = [];
  const max = longest[got.name];
  if (max !== undefined && (got.text ?? '').length > max) complaints.push(`${here}: longer than its buffer of ${max}`);
  const names = (tree: WbxmlElement): string => tree.children.map(({ name }) => name).join(' ');
  if (names(got) !== names(want)) complaints.push(`${here}: children ${names(got)}, expected ${names(want)}`);
  else
    for (const [at, child] of got.children.entries())
      complaints.push(...unlike(child, want.children[at] as WbxmlElement, here));
  return complaints;
};

/** The Code of a primitive's Result. */
export const codeOf = (content: Primitive): number | undefined =>
  'Result' in content ? content.Result.Code : undefined;
