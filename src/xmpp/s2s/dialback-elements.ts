// The two elements of XEP-0220 as text and back: <db:result/> between the servers of a pair, <db:verify/> to ask the server
// that is said to have made a key.

import { elementsOf, escapeAttr, escapeText, textOf } from '../../xml/element.ts';
import type { StreamElement } from '../../xml/stream-reader.ts';
import { prepareDomain } from '../idna.ts';
import { ns } from '../namespaces.ts';
import { type StanzaCondition, stanzaErrorTypes } from '../stanza.ts';
import { elementOf } from '../stanza-reader.ts';
import type { KeyVerdict, Pair } from './s2s.ts';

export interface DialbackElement {
  readonly name: 'result' | 'verify';
  /** `local` is its 'to', `remote` its 'from': it came from the other side. */
  readonly pair: Pair;
  /** Of the stream that is asked about; <db:verify/> only. */
  readonly id: string | undefined;
  /** Undefined: it is no answer. */
  readonly verdict: KeyVerdict | undefined;
  readonly key: string;
}

/** Undefined when it lacks an address, or has one that is no domain. */
export const dialbackElementOf = (element: StreamElement): DialbackElement | undefined => {
  const { name, attrs } = element;
  const { from, to, id, type } = attrs;
  const remote = from === undefined ? undefined : prepareDomain(from);
  const local = to === undefined ? undefined : prepareDomain(to);
  if (remote === undefined || local === undefined) return undefined;
  if (name !== 'result' && name !== 'verify') return undefined;
  if (name === 'verify' && id === undefined) return undefined;
  const verdict = type === undefined ? undefined : verdictOf(type, element);
  const key = verdict ? '' : textOf(elementOf(element)).trim();
  return { name, pair: { local, remote }, id, verdict, key };
};

const verdictOf = (type: string, element: StreamElement): KeyVerdict => {
  if (type === 'valid' || type === 'invalid') return { verdict: type };
  const error = elementsOf(elementOf(element)).find((one) => one.name === 'error');
  const named = error && elementsOf(error).find((one) => one.xmlns === ns.stanzaErrors && one.name !== 'text')?.name;
  return { verdict: 'error', condition: isCondition(named) ? named : 'undefined-condition' };
};

const isCondition = (name: string | undefined): name is StanzaCondition =>
  name !== undefined && Object.hasOwn(stanzaErrorTypes, name);

const open = (name: 'result' | 'verify', { local, remote }: Pair, id?: string): string =>
  `<db:${name} from='${escapeAttr(local)}' to='${escapeAttr(remote)}'${id === undefined ? '' : ` id='${escapeAttr(id)}'`}`;

/** Asks for leave to send for the pair (step 1), or asks about a key (step 2). */
export const requestText = (name: 'result' | 'verify', pair: Pair, key: string, id?: string): string =>
  `${open(name, pair, id)}>${escapeText(key)}</db:${name}>`;

/** Step 3 and step 4. */
export const answerText = (name: 'result' | 'verify', pair: Pair, verdict: KeyVerdict, id?: string): string => {
  const start = `${open(name, pair, id)} type='${verdict.verdict}'`;
  if (verdict.verdict !== 'error') return `${start}/>`;
  const { condition } = verdict;
  return `${start}><error type='${stanzaErrorTypes[condition]}'><${condition} xmlns='${ns.stanzaErrors}'/></error></db:${name}>`;
};
