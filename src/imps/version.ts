// The CSP versions, and how a message tells its own.

/** CSP 1.0 is read as 1.1. */
export type CspVersion = '1.1' | '1.2' | '1.3';
export const cspVersions: readonly CspVersion[] = ['1.1', '1.2', '1.3'];
