// Octets to a message: which encoding, which version, whose session; then each transaction by itself, so that one that
// cannot be read does not take the others down with it.

import { bad, good, type Outcome } from '../base/outcome.ts';
import { decode } from '../wbxml/decode.ts';
import { defaultLimits, type WbxmlElement, type Limits as WbxmlLimits } from '../wbxml/document.ts';
import { answerType, charsetOf, encodingOfBytes, encodingOfType, isOf13 } from './content-type.ts';
import type {
  CspFault,
  Encoding,
  Note,
  Received,
  RefusedTransaction,
  SessionType,
  Transaction,
  TransactionMode,
} from './message.ts';
import { type ElementModel, elements, primitives } from './model/model.ts';
import type { Extension, StructureOf } from './primitives.ts';
import { readPts } from './pts/message.ts';
import { canonical, note, type Reading, readPrimitive, readStructure } from './tree-to-value.ts';
import { type CspVersion, versionOfRoot } from './version.ts';
import { defaultXmlTreeLimits, readXml, type XmlTreeLimits } from './xml.ts';

const utf8 = new TextDecoder();

export interface ReadOptions {
  /** The version to assume where nothing in the message tells: that of the session, if it is known. */
  readonly version?: CspVersion | undefined;
  /** Default: `defaultMessageLimits`. */
  readonly limits?: MessageLimits | undefined;
  /** As of PtsReadOptions. */
  readonly isAwaited?: ((id: string) => boolean) | undefined;
}

/** What a stranger's message may cost. */
export interface MessageLimits {
  /** Octets of the body. */
  readonly bytes: number;
  /** Elements inside one another. */
  readonly depth: number;
  /** Elements in all. */
  readonly elements: number;
  readonly transactions: number;
}
export const defaultMessageLimits: MessageLimits = { bytes: 1_048_576, depth: 32, elements: 10_000, transactions: 64 };

/**
 * Reads one CSP message. The octets decide the encoding, the Content-Type only where they do not. The version is told by the
 * root's namespace, else the WBXML public id, else the Content-Type, else `options.version`, else it is 1.2.
 */
export const readMessage = (
  bytes: Uint8Array,
  contentType?: string,
  options: ReadOptions = {},
): Outcome<Received, CspFault> => {
  const limits = options.limits ?? defaultMessageLimits;
  const encoding = encodingOfBytes(bytes) ?? encodingOfType(contentType) ?? 'xml';
  const assumed = isOf13(contentType) ? '1.3' : (options.version ?? '1.2');
  const fail = (reason: CspFault['reason'], where: string, version: CspVersion = assumed): CspFault => ({
    reason,
    where,
    encoding,
    contentType: answerType(contentType, version, encoding),
  });
  if (bytes.length === 0) return bad(fail('empty', 'no octets'));
  if (bytes.length > limits.bytes) return bad(fail('limit', `${bytes.length} octets`));
  if (encoding === 'pts')
    return readPts(utf8.decode(bytes), {
      limits: { characters: limits.bytes, depth: limits.depth, values: limits.elements },
      isAwaited: options.isAwaited,
    });

  const tree = readTree(bytes, encoding, charsetOf(contentType), assumed, limits);
  if (!tree.ok) return bad(fail(tree.fault.reason, tree.fault.where));
  const { root, told } = tree.value;
  if (root.name !== 'WV-CSP-Message') return bad(fail('not-csp', `the root is ${root.name.slice(0, 80)}`));
  const session = root.children.find(({ name }) => name === 'Session');
  if (!session) return bad(fail('not-csp', 'WV-CSP-Message without Session'));
  const own = versionOfRoot(root.xmlns);
  if (own && 'nearest' in own)
    return bad({
      ...fail('version', (root.xmlns ?? '').slice(0, 200), own.nearest),
      answer: { version: own.nearest, ...descriptorOf(session), transactionId: firstId(session) },
    });
  const version = own?.version ?? told;
  return readSession(root, session, version, {
    encoding,
    contentType: answerType(contentType, version, encoding),
    transactionsMax: limits.transactions,
  });
};

const readTree = (
  bytes: Uint8Array,
  encoding: Encoding,
  charset: string | undefined,
  assumed: CspVersion,
  limits: MessageLimits,
): Outcome<{ root: WbxmlElement; told: CspVersion }, { reason: 'syntax' | 'limit'; where: string }> => {
  const { xml, wbxml } = treeLimits(limits);
  if (encoding === 'xml') {
    const read = readXml(bytes, charset, xml);
    return read.ok ? good({ root: read.value, told: assumed }) : read;
  }
  const read = decode(bytes, { version: assumed, limits: wbxml });
  if (!read.ok) {
    const { reason, offset } = read.fault;
    return bad({ reason: reason.startsWith('limit') ? 'limit' : 'syntax', where: `${reason} at octet ${offset}` });
  }
  const { version, root } = read.value;
  return good({ root, told: version === '1.0' ? '1.1' : version });
};

interface TreeLimits {
  readonly xml: XmlTreeLimits;
  readonly wbxml: WbxmlLimits;
}
const treeLimitsOf = new WeakMap<MessageLimits, TreeLimits>();

/** What they are for the two readers: made once for all messages that have the same. */
const treeLimits = (limits: MessageLimits): TreeLimits => {
  const known = treeLimitsOf.get(limits);
  if (known) return known;
  const { bytes, depth, elements } = limits;
  const made: TreeLimits = {
    xml: { ...defaultXmlTreeLimits, bytes, depth, elements },
    wbxml: { ...defaultLimits, bytes, text: bytes, depth, elements },
  };
  treeLimitsOf.set(limits, made);
  return made;
};

const readSession = (
  root: WbxmlElement,
  session: WbxmlElement,
  version: CspVersion,
  form: { encoding: Encoding; contentType: string; transactionsMax: number },
): Outcome<Received, CspFault> => {
  const { encoding, contentType } = form;
  const notes: Note[] = [];
  const reading: Reading = { version, notes };
  const transactions: (Transaction | RefusedTransaction)[] = [];
  let poll: boolean | undefined;
  let cir: boolean | undefined;
  noteOthers(reading, root, 'WV-CSP-Message', ['Session']);
  for (const child of session.children) {
    if (child.name === 'Transaction') {
      if (transactions.length >= form.transactionsMax)
        return bad({ reason: 'limit', where: 'too many transactions', encoding, contentType });
      const descriptor = child.children.find(({ name }) => name === 'TransactionDescriptor');
      // COMPAT read in either place: AOSP does, and gateways mix them up. Test: read-message.test.ts, "Poll".
      const flag = descriptor?.children.find(({ name }) => name === 'Poll');
      if (flag) poll = isTrue(flag);
      transactions.push(readTransaction(child, descriptor, reading));
    } else if (child.name === 'Poll') poll = isTrue(child);
    else if (child.name === 'CIR') cir = isTrue(child);
    else if (child.name !== 'SessionDescriptor') note(reading, 'unknown', 'Session', child.name);
  }
  if (transactions.length === 0) return bad({ reason: 'not-csp', where: 'no Transaction', encoding, contentType });
  const message = { version, ...descriptorOf(session), transactions, poll, cir };
  return good({ message, encoding, contentType, notes });
};

const readTransaction = (
  transaction: WbxmlElement,
  descriptor: WbxmlElement | undefined,
  reading: Reading,
): Transaction | RefusedTransaction => {
  const content = transaction.children.find(({ name }) => name === 'TransactionContent');
  const id = textOf(descriptor, 'TransactionID') ?? '';
  const told = textOf(descriptor, 'TransactionMode');
  const tree = content?.children.find(({ name }) => primitives.has(canonical(name))) ?? content?.children[0];
  const mode = modeOf(told, tree);
  noteOthers(reading, transaction, 'Transaction', ['TransactionDescriptor', 'TransactionContent', 'ExtBlock']);
  if (!content || !tree) {
    const path = content ? 'TransactionContent' : 'Transaction/TransactionContent';
    return { mode, id, fault: { reason: 'empty', code: 400, primitive: '', path } };
  }
  for (const other of content.children) if (other !== tree) note(reading, 'unknown', 'TransactionContent', other.name);
  const read = readPrimitive(tree, reading);
  if ('fault' in read) return { mode, id, fault: read.fault };

  let extensions: Extension[] | undefined;
  for (const { name, children } of transaction.children) {
    if (name !== 'ExtBlock') continue;
    extensions ??= [];
    extensions.push(...children);
  }
  const segmentTree = descriptor?.children.find(({ name }) => name === 'SegmentInfo');
  const segment = segmentTree && readStructure(elements.get('SegmentInfo') as ElementModel, segmentTree, reading);
  return {
    mode,
    id,
    content: read.content,
    ...(extensions && { extensions }),
    ...(segment && { segment: segment as StructureOf<'SegmentInfo'> }),
  };
};

/** Where the mode is missing, or is neither, the primitive's own. */
const modeOf = (told: string | undefined, tree: WbxmlElement | undefined): TransactionMode => {
  if (/^request$/i.test(told ?? '')) return 'Request';
  if (/^response$/i.test(told ?? '')) return 'Response';
  return primitives.get(canonical(tree?.name ?? ''))?.mode === 'Response' ? 'Response' : 'Request';
};

const descriptorOf = (session: WbxmlElement): { sessionType: SessionType; sessionId?: string } => {
  const descriptor = session.children.find(({ name }) => name === 'SessionDescriptor');
  const sessionId = textOf(descriptor, 'SessionID');
  const told = textOf(descriptor, 'SessionType') ?? '';
  const isInband = /^inband$/i.test(told) || (!/^outband$/i.test(told) && !!sessionId);
  return { sessionType: isInband ? 'Inband' : 'Outband', ...(sessionId ? { sessionId } : {}) };
};

const firstId = (session: WbxmlElement): string => {
  const transaction = session.children.find(({ name }) => name === 'Transaction');
  const descriptor = transaction?.children.find(({ name }) => name === 'TransactionDescriptor');
  return textOf(descriptor, 'TransactionID') ?? '';
};

const textOf = (parent: WbxmlElement | undefined, name: string): string | undefined => {
  const found = parent?.children.find((child) => child.name === name);
  return found && (found.text ?? '').trim();
};

const isTrue = (flag: WbxmlElement): boolean => /^(t|true|1)$/i.test((flag.text ?? '').trim());

const noteOthers = (reading: Reading, parent: WbxmlElement, path: string, known: readonly string[]): void => {
  for (const { name } of parent.attributes ?? []) note(reading, 'attribute', path, name);
  for (const { name } of parent.children) if (!known.includes(name)) note(reading, 'unknown', path, name);
};
