// The process dies by SIGKILL, and is started again on the SQLite files that it leaves: at the first moment and at the last.
// `EVERY=1 node --test src/gateway/killing/real.test.ts`: at every one, which takes a quarter of an hour.

import { killInEverything } from './everything.ts';
import { Real } from './real.ts';

killInEverything(Real.open, { every: undefined, between: 0 });
