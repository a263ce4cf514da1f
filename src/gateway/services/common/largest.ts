// The largest message of ours that a phone can take in.

import type { SessionView } from '../../session-view.ts';

/** In pieces, as long as their keeping is bounded. (CSP 1.3 "Segments") */
const inPiecesMax = 1_000_000;

/** Octets: what its parser takes at once, or in pieces when it takes those. */
export const largestMessage = ({ version, features, capabilities }: SessionView): number =>
  version === '1.3' && features.has('SGMNT') ? Math.max(inPiecesMax, capabilities.parserSize) : capabilities.parserSize;
