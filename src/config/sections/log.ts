// What the program tells about its work.

import { section } from '../section.ts';
import { oneOf } from '../values.ts';

export const log = section(
  {
    level: oneOf('debug', 'info', 'warn', 'error').default('info').describe('How much is told.'),
    pretty: oneOf('auto', 'always', 'never')
      .default('auto')
      .describe('Lines for people (`always`), JSON for programs (`never`), or by whether the output is a terminal.'),
  },
  'What the program tells about its work, on standard output.',
);
