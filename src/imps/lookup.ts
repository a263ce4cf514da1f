// Questions about primitives that the content model answers.

import { primitives } from './model/model.ts';
import { bitOf } from './model/notation.ts';
import type { PrimitiveName } from './primitives.ts';
import { type CspVersion, cspVersions } from './version.ts';

export interface PrimitiveInfo {
  readonly name: PrimitiveName;
  readonly versions: readonly CspVersion[];
  readonly from: 'client' | 'server' | 'both';
  readonly mode: 'Request' | 'Response' | 'either';
  readonly session: 'Inband' | 'Outband' | 'either';
  /** A leaf of the feature tree (`GCLI`); a branch (`IMFeat`) for what in it cannot be negotiated away; or `core`. */
  readonly feature: string;
}

const infoOf = (name: string): PrimitiveInfo | undefined => {
  const model = primitives.get(name);
  if (!model) return undefined;
  const { from, mode, session, feature } = model;
  const versions = cspVersions.filter((version) => model.versions & bitOf(version));
  return { name: name as PrimitiveName, versions, from, mode, session, feature };
};

/** Every primitive, by name. */
export const primitiveInfo: ReadonlyMap<string, PrimitiveInfo> = new Map(
  [...primitives.keys()].map((name) => [name, infoOf(name) as PrimitiveInfo]),
);

/** The primitives that exist in a version and that this side sends in TransactionMode Request. */
export const requestsFrom = (side: 'client' | 'server', version: CspVersion): readonly PrimitiveName[] =>
  [...primitiveInfo.values()]
    .filter(({ from, mode, versions }) => mode !== 'Response' && from !== otherSide[side] && versions.includes(version))
    .map(({ name }) => name);

const otherSide = { client: 'server', server: 'client' } as const;

/** What answers a request on success; an empty list for responses. `nothing`: no CSP message at all. Status may always. */
export const answersTo = (name: PrimitiveName, version: CspVersion): readonly (PrimitiveName | 'nothing')[] =>
  (primitives.get(name)?.answers ?? [])
    .filter(({ versions }) => versions & bitOf(version))
    .map((answer) => answer.name as PrimitiveName | 'nothing');

/** Whether `answer` may answer `request`, in any version: clients and servers mix them up. */
export const isAnswerTo = (answer: PrimitiveName, request: PrimitiveName): boolean =>
  answer === 'Status' || (primitives.get(request)?.answers ?? []).some(({ name }) => name === answer);

/**
 * The Status code for a client's primitive that we know and do not serve: 405 where it belongs to a negotiable function of
 * the version, which the client may now count as absent; 501 otherwise. CSP "HTTP and protocol errors".
 */
export const refusalOf = (name: PrimitiveName, version: CspVersion): 405 | 501 => {
  const info = primitiveInfo.get(name);
  if (!info || info.from === 'server' || info.feature === 'core' || !info.versions.includes(version)) return 501;
  return 405;
};
