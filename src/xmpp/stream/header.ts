// Stream headers (RFC 6120 §4.7): written, and held to what the RFC asks of them.

import { escapeAttr } from '../../xml/element.ts';
import type { StreamHeader } from '../../xml/stream-reader.ts';
import { ns } from '../namespaces.ts';
import type { StreamError } from './conditions.ts';

export interface HeaderFields {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly id?: string | undefined;
  readonly lang?: string | undefined;
}

export const writeHeader = (contentNamespace: string, { from, to, id, lang }: HeaderFields): string => {
  let text = "<?xml version='1.0'?><stream:stream";
  if (from !== undefined) text += ` from='${escapeAttr(from)}'`;
  if (to !== undefined) text += ` to='${escapeAttr(to)}'`;
  if (id !== undefined) text += ` id='${escapeAttr(id)}'`;
  if (lang !== undefined) text += ` xml:lang='${escapeAttr(lang)}'`;
  // XEP-0220 §2.3: who speaks it declares its namespace, under this very prefix.
  const dialback = contentNamespace === ns.server ? ` xmlns:db='${ns.dialback}'` : '';
  return `${text} version='1.0' xmlns='${contentNamespace}'${dialback} xmlns:stream='${ns.stream}'>`;
};

export const streamEnd = '</stream:stream>';

/** What is wrong with a header, whoever sent it; undefined when nothing is. */
export const checkHeader = (header: StreamHeader, contentNamespace: string): StreamError | undefined => {
  const { name, xmlns, attrs, defaultNamespace, prefixes } = header;
  if (name !== 'stream' || xmlns !== ns.stream)
    return xmlns === ns.stream
      ? { condition: 'bad-format', text: 'the root element is not stream' }
      : { condition: 'invalid-namespace', text: 'not the namespace of streams' };
  // RFC 6120 §4.8.5: the content namespace is the default one, and the stream's prefix has to be declared.
  if (prefixes['stream'] !== ns.stream) return { condition: 'bad-namespace-prefix' };
  if (defaultNamespace !== contentNamespace) return { condition: 'invalid-namespace', text: `not ${contentNamespace}` };
  const major = /^(\d{1,3})\.\d{1,9}$/.exec(attrs['version'] ?? '')?.[1];
  if (major === undefined || Number(major) < 1) return { condition: 'unsupported-version' };
  return undefined;
};
