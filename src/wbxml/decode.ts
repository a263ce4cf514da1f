// Octets to a tree: read() with a visitor that keeps everything.

import type { Outcome } from '../base/outcome.ts';
import type { DecodeOptions, WbxmlAttribute, WbxmlDocument, WbxmlElement, WbxmlFault } from './document.ts';
import { read, type WbxmlVisitor } from './read.ts';

/** Decode a whole WBXML document of any CSP version. Faults: see WbxmlFaultReason. Never throws. */
export function decode(bytes: Uint8Array, options?: DecodeOptions): Outcome<WbxmlDocument, WbxmlFault> {
  const builder = new TreeBuilder();
  const outcome = read(bytes, builder, options);
  if (!outcome.ok) return outcome;
  const { version, publicId } = outcome.value;
  return { ok: true, value: { version, publicId, root: builder.root as WbxmlElement } };
}

/** What leaves share: most elements have no children. */
const none: readonly WbxmlElement[] = Object.freeze([]);

/** Every node has the same properties in the same order, which keeps readers of the tree fast. */
class Node implements WbxmlElement {
  readonly name: string;
  readonly xmlns: string | undefined;
  readonly attributes: readonly WbxmlAttribute[] | undefined;
  children: readonly WbxmlElement[] = none;
  text: string | undefined = undefined;
  opaque: Uint8Array | undefined = undefined;

  constructor(name: string, xmlns: string | undefined, attributes: readonly WbxmlAttribute[] | undefined) {
    this.name = name;
    this.xmlns = xmlns;
    this.attributes = attributes;
  }
}

class TreeBuilder implements WbxmlVisitor {
  root: Node | undefined;
  private readonly ancestors: Node[] = [];
  private current: Node | undefined;

  begin(): void {}

  open(name: string, xmlns: string | undefined, attributes: readonly WbxmlAttribute[] | undefined): void {
    const node = new Node(name, xmlns, attributes);
    const parent = this.current;
    if (parent === undefined) this.root = node;
    else {
      if (parent.children === none) parent.children = [node];
      else (parent.children as WbxmlElement[]).push(node);
      this.ancestors.push(parent);
    }
    this.current = node;
  }

  close(text: string | undefined, opaque: Uint8Array | undefined): void {
    const node = this.current as Node;
    node.text = text;
    node.opaque = opaque;
    this.current = this.ancestors.pop();
  }
}
