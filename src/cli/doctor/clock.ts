// The machine's clock: certificates, sealed answers and time stamps all hang on it.

import { statSync } from 'node:fs';
import type { WallMs } from '../../base/clock.ts';
import type { Finding } from './finding.ts';

export const clockFindings = (
  now: WallMs,
  installedAt: WallMs = statSync(new URL('../../../package.json', import.meta.url)).mtimeMs,
): readonly Finding[] => {
  const shown = new Date(now).toISOString().slice(0, 16).replace('T', ' ');
  // Nothing can be installed after now; a minute is left to file systems on other machines.
  if (now < installedAt - 60_000)
    return [
      {
        state: 'wrong',
        text: `the clock says ${shown} UTC, which is before this program was installed`,
        mend: 'set the clock, best by NTP',
      },
    ];
  return [{ state: 'good', text: `the clock says ${shown} UTC` }];
};
