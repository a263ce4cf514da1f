// Binary XML of the Client-Server Protocol (CSP 1.0 to 1.3): octets in, elements out, and back. See README.md.

export { decode } from './decode.ts';
export {
  type CspVersion,
  cspVersions,
  type DecodeOptions,
  defaultLimits,
  type Limits,
  type WbxmlAttribute,
  type WbxmlDocument,
  type WbxmlElement,
  type WbxmlFault,
  type WbxmlFaultReason,
  type WbxmlHeader,
} from './document.ts';
export { encode } from './encode.ts';
export { type Namespaces, namespaces, publicIds, versionOfNamespace } from './namespaces.ts';
export { read, type WbxmlVisitor } from './read.ts';
export { WbxmlWriter } from './write.ts';
