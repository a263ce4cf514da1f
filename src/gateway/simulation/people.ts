// Who lives in the simulation, as far as the others know them.

import type { Jid } from '../../xmpp/jid.ts';
import type { Place } from './place.ts';

/** What others can see of somebody, when all is well. */
export interface Truth {
  readonly isOnline: boolean;
  /** Undefined: nothing, or nobody can say. */
  readonly status: string | undefined;
  /** The last change was not confirmed: either may be seen. */
  readonly isUnsure: boolean;
}

export interface Person {
  /** The bare JID. */
  readonly name: string;
  readonly jid: Jid;
  readonly place: Place;
  readonly truth: Truth;
  /** Everything for them is shown in one place. */
  readonly hasOneDevice: boolean;
  /** Both ways, from the beginning. */
  readonly contacts: Person[];
}
