import { z } from 'zod';

/** A group of keys. `words`: what it is about, for the reference. */
export const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape, words: string) =>
  z
    .strictObject(shape, {
      error: (issue) => (issue.code === 'invalid_type' ? 'must be a section with keys' : undefined),
    })
    .describe(words);
