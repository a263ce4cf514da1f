import type { S2sLimits } from './s2s.ts';

export const defaultS2sLimits: S2sLimits = {
  xmlBeforeAuth: { bytesMax: 16_384, depthMax: 8, attributesMax: 32, elementsMax: 64 },
  xml: { bytesMax: 524_288 },
  authMs: 60_000,
  bytesPerSecondBeforeAuth: 16_384,
  bytesPerSecond: 1_048_576,
  burstBytes: 1_048_576,
  elementsPerSecond: 2_000,
  burstElements: 10_000,
  handlingMax: 256,
  idleMs: 120_000,
  answerMs: 30_000,
  keepaliveMs: 0,
  closeMs: 10_000,
  unackedMax: 20_000,
  unackedCharsMax: 16_777_216,
  resumeMs: 300_000,
  pairsMax: 100,
  verifyingMax: 10,
};
