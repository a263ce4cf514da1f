// An announcement in the words of CSP 1.3.

import type { StructureOf } from '../../../imps/primitives.ts';
import type { Announcement } from '../../../store/announcements.ts';

export const systemMessage = ({
  id,
  text,
  options,
  requiresAnswer,
  verification,
}: Announcement): StructureOf<'SystemMessage'> => ({
  SystemMessageID: id,
  ...(requiresAnswer && { RequiresResponse: true }),
  SystemMessageText: text,
  ...(options.length > 0 && {
    AnswerOptions: {
      AnswerOption: options.map((AnswerOptionText, n) => ({ AnswerOptionID: n + 1, AnswerOptionText })),
    },
  }),
  ...(verification && {
    VerificationMechanism: verification.url === undefined ? { InText: verification.key } : { URL: verification.url },
  }),
});
