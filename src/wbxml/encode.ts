// A tree to octets.

import type { WbxmlDocument, WbxmlElement } from './document.ts';
import { WbxmlWriter } from './write.ts';

const writer = new WbxmlWriter();

/**
 * Encode a document in the tables of its version: WBXML 1.3, UTF-8, and in the forms that phones read (csp-typed.ts).
 * Elements and attributes without a token go out as literals. xmlns is written where an element has it, and only there.
 */
export function encode(document: WbxmlDocument): Uint8Array {
  writer.begin(document.version, document.publicId);
  put(document.root);
  return writer.finish();
}

function put(element: WbxmlElement): void {
  writer.open(element.name, element.xmlns, element.attributes);
  if (element.opaque !== undefined) writer.opaque(element.opaque);
  else if (element.text !== undefined) writer.text(element.text);
  for (const child of element.children) put(child);
  writer.close();
}
