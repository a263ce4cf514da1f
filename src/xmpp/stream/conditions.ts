// Stream errors (RFC 6120 §4.9): unrecoverable, followed by the end of the stream.

import { type Element, el, elementsOf, textOf, write } from '../../xml/element.ts';
import { ns } from '../namespaces.ts';

/** RFC 6120 §4.9.3, in its order. */
export const streamConditions = [
  'bad-format',
  'bad-namespace-prefix',
  'conflict',
  'connection-timeout',
  'host-gone',
  'host-unknown',
  'improper-addressing',
  'internal-server-error',
  'invalid-from',
  'invalid-namespace',
  'invalid-xml',
  'not-authorized',
  'not-well-formed',
  'policy-violation',
  'remote-connection-failed',
  'reset',
  'resource-constraint',
  'restricted-xml',
  'see-other-host',
  'system-shutdown',
  'undefined-condition',
  'unsupported-encoding',
  'unsupported-feature',
  'unsupported-stanza-type',
  'unsupported-version',
] as const;
export type StreamCondition = (typeof streamConditions)[number];

export interface StreamError {
  readonly condition: StreamCondition;
  /** English, for people who read logs. */
  readonly text?: string;
  /** An application's own condition beside the defined one. */
  readonly extra?: Element;
}

/**
 * As text, under the prefix `stream` that our stream header declares: some clients look for `stream:error` by that very name
 * (RFC 6120 §4.8.5 has the prefix as the custom).
 */
export const streamErrorText = ({ condition, text, extra }: StreamError): string => {
  const children = [
    el(condition, { xmlns: ns.streamErrors }),
    ...(text === undefined ? [] : [el('text', { xmlns: ns.streamErrors, 'xml:lang': 'en' }, text)]),
    ...(extra ? [extra] : []),
  ];
  return `<stream:error>${children.map((one) => write(one, ns.client)).join('')}</stream:error>`;
};

/** The error a peer sent; a condition we do not know is an undefined one. */
export const streamErrorOf = (element: Element): StreamError => {
  let condition: StreamCondition = 'undefined-condition';
  let text: string | undefined;
  for (const one of elementsOf(element)) {
    if (one.xmlns !== ns.streamErrors) continue;
    if (one.name === 'text') text = textOf(one).slice(0, 500);
    else condition = streamConditions.find((known) => known === one.name) ?? condition;
  }
  return text === undefined ? { condition } : { condition, text };
};
