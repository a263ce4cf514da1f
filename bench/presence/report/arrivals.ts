// When contacts were shown, as one sign-in's figures.

import { bareOf, type Presence } from '../clients/presences.ts';

export interface Arrivals {
  /** Milliseconds after the initial presence until so many of the online contacts were shown; undefined: they never were. */
  readonly firstMs: number | undefined;
  readonly halfMs: number | undefined;
  readonly mostMs: number | undefined;
  readonly allMs: number | undefined;
  readonly shown: number;
  readonly expected: number;
  /** Presence stanzas, those of the same contact again included. */
  readonly stanzas: number;
  /** [ms, contacts shown by then], one for each moment at which there were more. */
  readonly curve: readonly (readonly [number, number])[];
}

/** `presences` in the order they came; `expected`: the bare addresses that are online in truth. */
export const arrivalsOf = (presences: readonly Presence[], expected: ReadonlySet<string>): Arrivals => {
  const shown = new Map<string, number>();
  for (const { from, type, atMs } of presences) {
    const contact = bareOf(from);
    if (type === '' && expected.has(contact) && !shown.has(contact)) shown.set(contact, atMs);
  }
  const times = [...shown.values()];
  const curve: [number, number][] = [];
  for (const [i, atMs] of times.entries()) {
    const last = curve.at(-1);
    if (last?.[0] === atMs) last[1] = i + 1;
    else curve.push([atMs, i + 1]);
  }
  /** The smallest number of contacts that is at least this share of them. */
  const at = (share: number): number | undefined => times[Math.max(1, Math.ceil(expected.size * share)) - 1];
  return {
    firstMs: times[0],
    halfMs: at(0.5),
    mostMs: at(0.95),
    allMs: at(1),
    shown: shown.size,
    expected: expected.size,
    stanzas: presences.length,
    curve,
  };
};

/** Which contacts a client shows online, after these. */
export const onlineAfter = (presences: Iterable<Presence>): Set<string> => {
  const resources = new Map<string, Set<string>>();
  for (const { from, type } of presences) {
    const contact = bareOf(from);
    const known = resources.get(contact) ?? new Set();
    resources.set(contact, known);
    if (type === '') known.add(from);
    else if (type === 'unavailable' && from === contact) known.clear();
    else if (type === 'unavailable') known.delete(from);
  }
  return new Set([...resources].filter(([, known]) => known.size > 0).map(([contact]) => contact));
};
