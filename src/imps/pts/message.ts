// A CSP message in the plain text syntax, whole: one primitive, its session and its TransactionID. There is no
// TransactionMode, the code tells; and no Poll, the server sends what it has.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { WbxmlElement } from '../../wbxml/document.ts';
import type {
  CspFault,
  CspMessage,
  Note,
  Received,
  RefusedTransaction,
  Transaction,
  TransactionMode,
} from '../message.ts';
import { type ElementModel, elements, primitives } from '../model/model.ts';
import { note, type Reading, readPrimitive, readStructure } from '../tree-to-value.ts';
import { CspWriteError, primitiveTree, structureTree } from '../value-to-tree.ts';
import type { CspVersion } from '../version.ts';
import { capabilities, features, sourcedParameters, sourcedPrimitives } from './codes.ts';
import { primitiveCodes, primitiveNames } from './names.ts';
import { childrenOf, parametersOf } from './parameters.ts';
import {
  defaultPtsLimits,
  type Parameter,
  type PtsLimits,
  type PtsText,
  readText,
  type Value,
  writeText,
} from './syntax.ts';
import { branch, fromValue, groupOf, listOfValue, toValue } from './values.ts';

export const ptsType = 'application/vnd.wv.csp.sms';

export interface PtsReadOptions {
  readonly limits?: Partial<PtsLimits>;
  /**
   * Whether the reader waits for the answer to a request of that id. It tells the mode of the few primitives that are both
   * (Disconnect, LeaveGroup-Response); without it they are requests.
   */
  readonly isAwaited?: ((id: string) => boolean) | undefined;
}

/** 1.3: beside the primitive, under its whole name. */
const segmentName = 'SegmentInfo';
const segmentModel = elements.get(segmentName) as ElementModel;
const segmentTree = (segment: object, version: CspVersion): WbxmlElement =>
  structureTree(segmentModel, segment, version);
const segmentOf = (parameters: readonly Parameter[], reading: Reading): Transaction['segment'] => {
  const said = parameters.find(({ name }) => name === segmentName);
  const tree = said && fromValue(segmentName, said.value, segmentModel);
  return tree && (readStructure(segmentModel, tree, reading) as Transaction['segment']);
};

/** Throws CspWriteError for what the syntax cannot say: several primitives, or one that has no code. */
export const writePts = (message: CspMessage): string => {
  const [transaction, ...more] = message.transactions;
  if (!transaction || more.length) throw new CspWriteError('the plain text syntax says one primitive at a time');
  const { content } = transaction;
  const id = transaction.id === '' ? '0' : transaction.id;
  if (!/^(0|[1-9]\d{0,2})$/.test(id)) throw new CspWriteError(`${id} is no TransactionID in the plain text syntax`);
  const code = primitiveCodes.get(content.name);
  if (code === undefined) throw new CspWriteError(`${content.name} has no code in the plain text syntax`);
  const parameters = parametersOf(primitiveTree(content, message.version), message.usesOurCodes === true);
  if (transaction.segment)
    parameters.push({ name: segmentName, value: toValue(segmentTree(transaction.segment, message.version)) });
  if (message.sessionId !== undefined) parameters.unshift({ name: 'SI', value: message.sessionId });
  return writeText({ version: message.version.replace('.', ''), code, id, parameters });
};

const versions: ReadonlyMap<string, CspVersion> = new Map([
  ['10', '1.1'],
  ['11', '1.1'],
  ['12', '1.2'],
  ['13', '1.3'],
]);

/** Never throws. */
export const readPts = (text: string, options: PtsReadOptions = {}): Outcome<Received, CspFault> => {
  const form = { encoding: 'pts', contentType: ptsType } as const;
  const read = readText(text, { ...defaultPtsLimits, ...options.limits });
  if (!read.ok) return bad({ reason: read.fault.reason, where: `character ${read.fault.at}`, ...form });
  const { version: told, code, id, parameters } = read.value;
  const version = versions.get(told);
  if (!version) {
    const nearest = { version: '1.2', sessionType: 'Outband', transactionId: id } as const;
    return bad({ reason: 'version', where: told, answer: nearest, ...form });
  }
  const notes: Note[] = [];
  const name = primitiveNames.get(code);
  const model = name === undefined ? undefined : primitives.get(name);
  // A SessionID is an element of Login-Request and -Response, and the message's session in all others.
  const first = parameters.find((parameter) => parameter.name.toUpperCase() === 'SI');
  const sessionId =
    typeof first?.value === 'string' && !model?.element.slots.has('SessionID') ? first.value : undefined;
  const session =
    sessionId === undefined ? ({ sessionType: 'Outband' } as const) : ({ sessionType: 'Inband', sessionId } as const);
  const transaction = (): Transaction | RefusedTransaction => {
    const mode = modeOf(model?.mode, name, id, options);
    if (!model || name === undefined)
      return { mode, id, fault: { reason: 'unknown', code: 501, primitive: code, path: code } };
    const children = parameters.flatMap((parameter) => {
      if ((sessionId !== undefined && parameter === first) || parameter.name === segmentName) return [];
      const said = childrenOf(parameter, model.element, version);
      if (!said.known) note({ version, notes }, 'unknown', name, parameter.name);
      return said.children;
    });
    const content = readPrimitive(branch(name, children), { version, notes });
    if ('fault' in content) return { mode, id, fault: content.fault };
    const segment = segmentOf(parameters, { version, notes });
    return { mode, id, content: content.content, ...(segment && { segment }) };
  };
  const message = { version, ...session, transactions: [transaction()], usesOurCodes: usesOurs(read.value) };
  return good({ message, notes, ...form });
};

/**
 * Whether it says something that Android's plug-in would not: a primitive, a parameter, a capability or a function without a
 * sourced code. Who does so has our table, and can be told things in it.
 */
const usesOurs = ({ code, parameters }: PtsText): boolean =>
  !sourcedPrimitives.has(code) ||
  parameters.some(({ name, value }) => {
    const upper = name.toUpperCase();
    if (!sourcedParameters.has(upper)) return true;
    if (upper === 'CA') return groupOf(value).some((pair) => !capabilities.has(codeIn(groupOf(pair)[0])));
    return upper === 'RF' && listOfValue(value).some((feature) => !features.has(codeIn(feature)));
  });
const codeIn = (value: Value | undefined): string => (typeof value === 'string' ? value.toUpperCase() : '');

const modeOf = (
  mode: 'Request' | 'Response' | 'either' | undefined,
  name: string | undefined,
  id: string,
  { isAwaited }: PtsReadOptions,
): TransactionMode => {
  // The invitee's and the inviter's answers are requests in all but name, and so in the model.
  if (mode === 'Request' || mode === 'Response') return mode;
  return name !== 'PresenceAuth-User' && isAwaited?.(id) ? 'Response' : 'Request';
};
