// The feature tree of Service-Request and -Response. The trap in it: in the answer, `Functions` lists what was asked for and
// is NOT available, and a branch without children stands for all of it. CSP "Services".

import { elements } from './model/model.ts';
import { bitOf } from './model/notation.ts';
import type { PrimitiveOf, StructureOf } from './primitives.ts';
import type { CspVersion } from './version.ts';

/** A node of a tree as values hold it: `true` for the whole branch or a leaf. */
type Branch = { readonly [name: string]: Branch | true | undefined };
export type FeatureTree = StructureOf<'WVCSPFeat'>;

const markers = new Set(['MF', 'MP', 'MM', 'MG']);

/** A branch as a request asks for it by its marker, `GroupFeat { MG }`, and no function of it is served. */
const hollow = (tree: FeatureTree, served: ReadonlySet<string>, version: CspVersion): readonly string[] =>
  Object.entries(tree as Branch)
    .filter(([, node]) => typeof node === 'object' && Object.keys(node).some((name) => markers.has(name)))
    .flatMap(([name]) => {
      const leaves = leavesOf(name, version);
      return leaves.some((leaf) => served.has(leaf)) ? [] : leaves;
    });

/** The names directly below a node in a version; none for a leaf. The markers MF, MP, MM and MG are no functions. */
const below = (name: string, version: CspVersion): readonly string[] =>
  [...(elements.get(name)?.slots.values() ?? [])]
    .filter((slot) => slot.versions & bitOf(version) && !markers.has(slot.name))
    .map((slot) => slot.name);

const leavesOf = (name: string, version: CspVersion): readonly string[] => {
  const children = below(name, version);
  return children.length === 0 ? [name] : children.flatMap((child) => leavesOf(child, version));
};

/** Every negotiable function of a version: GETSPI, GCLI, NEWM… */
export const allLeaves = (version: CspVersion): readonly string[] => leavesOf('WVCSPFeat', version);

const leavesByVersion = new Map<CspVersion, ReadonlySet<string>>();

/** Whether a function can be negotiated in a version; branches and `core` cannot. */
export const isNegotiable = (leaf: string, version: CspVersion): boolean => {
  const known = leavesByVersion.get(version) ?? new Set(allLeaves(version));
  leavesByVersion.set(version, known);
  return known.has(leaf);
};

/** The leaves that a tree names, a bare branch standing for all below it. An absent or empty tree names none. */
export const namedLeaves = (tree: FeatureTree | undefined, version: CspVersion): ReadonlySet<string> => {
  const named = new Set<string>();
  const walk = (name: string, node: Branch | true | undefined): void => {
    if (node === undefined) return;
    const children = below(name, version);
    // `{}` is a branch that held only what we do not know; the marker of the mandatory part asks for no leaf.
    if (node === true) for (const leaf of leavesOf(name, version)) named.add(leaf);
    else for (const child of children) walk(child, node[child]);
  };
  walk('WVCSPFeat', tree as Branch | undefined);
  return named;
};

/** The tree that names exactly these leaves: whole branches by their root alone. undefined when there are none. */
export const treeOf = (leaves: ReadonlySet<string>, version: CspVersion): FeatureTree | undefined => {
  const walk = (name: string): Branch | true | undefined => {
    const children = below(name, version);
    if (children.length === 0) return leaves.has(name) ? true : undefined;
    const inner: Record<string, Branch | true> = {};
    let isWhole = true;
    for (const child of children) {
      const node = walk(child);
      if (node !== undefined) inner[child] = node;
      if (node !== true) isWhole = false;
    }
    if (isWhole && name !== 'WVCSPFeat') return true;
    return Object.keys(inner).length === 0 ? undefined : inner;
  };
  const tree = walk('WVCSPFeat');
  return tree === undefined || tree === true ? undefined : (tree as FeatureTree);
};

export interface Negotiation {
  /** Asked for and served: what the session may use. Without a `Functions` in the request: all that is served. */
  readonly granted: ReadonlySet<string>;
  readonly response: PrimitiveOf<'Service-Response'>;
}

/**
 * Answers a Service-Request. `served`: the leaves that this server serves. All granted: no `Functions` at all, since an empty
 * one means "nothing granted" to Nokia S60. `AllFunctions` whenever it was asked for, since Android's sign-in hangs without
 * it, and with its branches spelt out.
 */
export const negotiate = (
  request: PrimitiveOf<'Service-Request'>,
  served: ReadonlySet<string>,
  version: CspVersion,
): Negotiation => {
  const tree = request.Functions?.WVCSPFeat;
  // An element without children stands for all below it, the root too.
  const asked = tree && Object.keys(tree).length > 0 ? tree : undefined;
  const wanted = asked ? namedLeaves(asked, version) : new Set(allLeaves(version));
  const granted = new Set([...wanted].filter((leaf) => served.has(leaf)));
  const refused = new Set(
    tree ? [...wanted, ...hollow(tree, served, version)].filter((leaf) => !served.has(leaf)) : [],
  );
  const notAvailable = treeOf(refused, version);
  const response: PrimitiveOf<'Service-Response'> = { name: 'Service-Response' };
  if (request.ClientID) response.ClientID = request.ClientID;
  if (notAvailable) response.Functions = { WVCSPFeat: notAvailable };
  if (request.AllFunctionsRequest) response.AllFunctions = { WVCSPFeat: treeOf(served, version) ?? {} };
  return { granted, response };
};
