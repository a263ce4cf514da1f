// The process dies by SIGKILL, and is started again on the SQLite files that it leaves. A start takes half a second: here it dies
// once in each operation, at the first moment of it or at the last. `npm run test:kill`: at both and at two in between, a minute
// or two. `EVERY=1 npm run test:kill`: at every moment, half an hour. SEED=…: at the same moments again.

import { killInEverything } from './everything.ts';
import { Real } from './real.ts';

killInEverything(Real.open, { ends: 'either' });
