// Test support: what must hold of decode() for any octets whatever.

import { type DecodeOptions, decode, defaultLimits, encode, type WbxmlElement } from '../index.ts';
import { xmlOf } from './format.ts';

/** Returns the fault's reason, or undefined for a document; throws when decode() breaks its promises. */
export function judge(bytes: Uint8Array, options?: DecodeOptions): string | undefined {
  const outcome = decode(bytes, options);
  if (!outcome.ok) {
    const { reason, offset } = outcome.fault;
    if (!(Number.isInteger(offset) && offset >= 0 && offset <= bytes.length))
      throw new Error(`fault ${reason} at ${offset}, outside the ${bytes.length} octets`);
    return reason;
  }
  const limits = { ...defaultLimits, ...options?.limits };
  const cost = { elements: 0, text: 0, depth: 0 };
  measure(outcome.value.root, 1, cost);
  // Every element takes an octet; text may be longer than the input only by what the string table and tokens give.
  if (cost.elements > bytes.length || cost.elements > limits.elements) throw new Error(`${cost.elements} elements`);
  if (cost.depth > limits.depth) throw new Error(`${cost.depth} deep`);
  if (cost.text > limits.text) throw new Error(`${cost.text} characters`);

  const again = decode(encode(outcome.value), {
    limits: { bytes: 4 * limits.bytes + 4096, stringTable: limits.bytes, text: 2 * limits.text },
  });
  if (!again.ok) throw new Error(`what was read and written is not read again: ${again.fault.reason}`);
  if (xmlOf(again.value.root) !== xmlOf(outcome.value.root))
    throw new Error('read, written and read is another document');
  return undefined;
}

function measure(element: WbxmlElement, depth: number, cost: { elements: number; text: number; depth: number }): void {
  cost.elements++;
  cost.text += element.text?.length ?? 0;
  cost.depth = Math.max(cost.depth, depth);
  for (const child of element.children) measure(child, depth + 1, cost);
}
