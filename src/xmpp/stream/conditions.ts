// Stream errors (RFC 6120 §4.9): unrecoverable, followed by the end of the stream.

import { type Element, el, elementsOf, textOf } from '../../xml/element.ts';
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

/** As text for a stream that declared the prefix `stream` in its header, as ours do. */
export const streamErrorElement = ({ condition, text, extra }: StreamError): Element =>
  el(
    'error',
    { xmlns: ns.stream },
    el(condition, { xmlns: ns.streamErrors }),
    text === undefined ? undefined : el('text', { xmlns: ns.streamErrors, 'xml:lang': 'en' }, text),
    extra,
  );

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
