// Result for requests that name several addresses: 200, or 201 with what failed for whom. (CSP all versions, "Status codes")

import type { StructureOf } from '../../../imps/primitives.ts';
import type { CspVersion } from '../../../imps/version.ts';

/** What could not be done, and for whom: addresses as the phone wrote them. */
export interface Refused {
  readonly code: number;
  readonly description?: string;
  readonly users?: readonly string[];
  readonly lists?: readonly string[];
  readonly groups?: readonly string[];
  readonly screenNames?: readonly StructureOf<'ScreenName'>[];
  readonly messages?: readonly string[];
  readonly domains?: readonly string[];
}

/**
 * `done`: how many addresses it worked for. All failed for one reason: its code; for several: 900 with details. 201 when
 * some failed, and also when all did but `partly` says that the request as a whole had its effect (a list was created).
 */
export const resultFor = (
  refused: readonly Refused[],
  done: number,
  version: CspVersion,
  partly = false,
): StructureOf<'Result'> => {
  if (refused.length === 0) return { Code: 200 };
  const some = done > 0 || partly;
  const [first] = refused;
  const only = !some && first && refused.every(({ code }) => code === first.code) ? first : undefined;
  return {
    Code: some ? 201 : (only?.code ?? 900),
    ...(only?.description === undefined ? {} : { Description: only.description }),
    DetailedResult: refused.map((one) => ({
      Code: one.code,
      Description: one.description,
      UserID: one.users,
      GroupID: one.groups,
      ScreenName: one.screenNames,
      // 1.1 has no place for these; the code alone must do.
      ...(version === '1.1' ? {} : { MessageID: one.messages, ContactList: one.lists, Domain: one.domains }),
    })),
  };
};
