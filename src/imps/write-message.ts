// A message to octets.

import type { WbxmlElement } from '../wbxml/document.ts';
import { encode } from '../wbxml/encode.ts';
import type { CspMessage, Encoding, Transaction } from './message.ts';
import type { ElementModel } from './model/model.ts';
import { elements } from './model/model.ts';
import { writePts } from './pts/message.ts';
import { leaf, primitiveTree, structureTree } from './value-to-tree.ts';
import { type CspVersion, namespaces } from './version.ts';
import { writeXml } from './xml.ts';

const utf8 = new TextEncoder();

/** The octets of the message in that encoding. Throws CspWriteError on a value that the model does not allow. */
export const writeMessage = (message: CspMessage, encoding: Encoding): Uint8Array => {
  if (encoding === 'pts') return utf8.encode(writePts(message));
  const root = messageTree(message);
  return encoding === 'xml' ? writeXml(root) : encode({ version: message.version, root });
};

/** The element tree of the message. */
export const messageTree = (message: CspMessage): WbxmlElement => {
  const { version, sessionId, transactions, poll, cir } = message;
  const descriptor = [leaf('SessionType', message.sessionType)];
  if (sessionId !== undefined) descriptor.push(leaf('SessionID', sessionId));
  const session = [branch('SessionDescriptor', descriptor)];
  // 1.1 has Poll in the transaction; with several it is the same in each, whichever a client looks at.
  const inner = version === '1.1' ? poll : undefined;
  for (const transaction of transactions) session.push(transactionTree(transaction, version, inner));
  if (version !== '1.1') {
    if (poll !== undefined) session.push(leaf('Poll', poll ? 'T' : 'F'));
    if (cir !== undefined) session.push(leaf('CIR', cir ? 'T' : 'F'));
  }
  return branch('WV-CSP-Message', [branch('Session', session)], namespaces[version].csp);
};

const transactionTree = (transaction: Transaction, version: CspVersion, poll: boolean | undefined): WbxmlElement => {
  const { mode, id, content, extensions, segment } = transaction;
  const descriptor = [leaf('TransactionMode', mode), leaf('TransactionID', id)];
  if (segment && version === '1.3')
    descriptor.push(structureTree(elements.get('SegmentInfo') as ElementModel, segment, version));
  if (poll !== undefined) descriptor.push(leaf('Poll', poll ? 'T' : 'F'));
  const children = [
    branch('TransactionDescriptor', descriptor),
    branch('TransactionContent', [primitiveTree(content, version)], namespaces[version].trc),
  ];
  if (extensions && version !== '1.1') children.push(branch('ExtBlock', extensions));
  return branch('Transaction', children);
};

const branch = (name: string, children: readonly WbxmlElement[], xmlns?: string): WbxmlElement => ({
  name,
  xmlns,
  attributes: undefined,
  children,
  text: undefined,
  opaque: undefined,
});
