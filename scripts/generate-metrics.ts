// Writes docs/metrics.md from the events that are counted. A test fails when it is stale.

import { writeFileSync } from 'node:fs';
import { metricsDocument } from './metrics-document.ts';

writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsDocument());
