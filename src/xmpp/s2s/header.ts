// What a stream header between servers has to be like (RFC 6120 §4.7); older than XMPP 1.0 only to speak dialback.

import type { StreamHeader } from '../../xml/stream-reader.ts';
import { ns } from '../namespaces.ts';
import type { StreamError } from '../stream/conditions.ts';
import { checkHeader } from '../stream/header.ts';

/** `isLegacy`: the other side is from before XMPP 1.0 (XEP-0220 §2.3) and knows no features. */
export const checkServerHeader = (
  header: StreamHeader,
): { readonly wrong: StreamError | undefined; readonly isLegacy: boolean } => {
  const { attrs, prefixes } = header;
  const isLegacy = attrs['version'] === undefined && Object.values(prefixes).includes(ns.dialback);
  const asked = isLegacy ? { ...header, attrs: { ...attrs, version: '1.0' } } : header;
  return { wrong: checkHeader(asked, ns.server), isLegacy };
};
