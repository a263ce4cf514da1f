// What is kept.

import { section } from '../section.ts';
import { oneOf } from '../values.ts';

export const store = section(
  {
    synchronous: oneOf('normal', 'full')
      .default('normal')
      .describe(
        '`normal`: what was acknowledged survives the death of the program, `kill -9` included; a power cut or a crash of the operating system may take the last moments. `full`: every commit waits for the disk and survives a power cut too, as far as the disk tells the truth; several times slower.',
      ),
  },
  'The database, `data/onesoup.db`.',
);
