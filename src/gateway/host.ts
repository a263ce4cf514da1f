// What all sessions of a gateway share. Made once, by createGateway.

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Throttle } from '../base/throttle.ts';
import type { PrimitiveName } from '../imps/primitives.ts';
import type { Store } from '../store/store.ts';
import type { LinkProvider } from '../xmpp/link.ts';
import type { Cir } from './cir/cir.ts';
import type { Events } from './events.ts';
import type { Handler, Service, WaitingKind } from './service.ts';
import type { Contents } from './services/content/contents.ts';
import type { Session, SessionEnd } from './session/session.ts';
import type { GatewaySettings } from './settings.ts';
import type { Vault } from './vault.ts';

export interface Host {
  readonly settings: GatewaySettings;
  readonly store: Store;
  readonly vault: Vault;
  /** Of password guesses. */
  readonly throttle: Throttle;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: Events;
  readonly services: readonly Service[];
  /** Who answers a primitive. */
  readonly handlers: ReadonlyMap<PrimitiveName, Handler<PrimitiveName>>;
  readonly kinds: ReadonlyMap<string, WaitingKind>;
  /** Who may refuse a request before its owner sees it. */
  readonly gates: readonly NonNullable<Service['refuses']>[];
  /** Undefined: nothing is cut. */
  readonly cutting: Service['cutting'];
  /** The leaves of WVCSPFeat that are really served. */
  readonly leaves: ReadonlySet<string>;
  /** See SessionView. */
  readonly contents: Contents | undefined;
  /** By XMPP domain. */
  readonly providers: ReadonlyMap<string, LinkProvider>;
  /**
   * Something urgent waits for a phone that holds no poll open. 'later': it was just told so by a poll flag, and needs a
   * wake-up only if it does not come.
   */
  readonly wake: (session: Session, when: 'now' | 'later') => void;
  /** A request of the phone is about to be answered. */
  readonly heard: (session: Session, isPoll: boolean) => void;
  /** The answer that leaves brings all that waited. */
  readonly served: (session: Session) => void;
  /** Has it a wake-up channel that is there, and has not failed? Without one, it had better wait in its poll. */
  readonly hasWakeUp: (session: Session) => boolean;
  /** The wake-up channels that could be served to this phone. */
  readonly servable: Cir['servable'];
  /** The session's capabilities are new. */
  readonly agreed: (session: Session) => void;
  readonly ended: (session: Session, end: SessionEnd) => void;
  /** The account's other sessions. */
  readonly siblings: (session: Session) => readonly Session[];
}

/** The kinds whose requests wait for the account's next session when theirs is gone. */
export const keptKinds = ({ kinds }: Host): readonly string[] =>
  [...kinds].flatMap(([kind, { outlivesSession }]) => (outlivesSession ? [kind] : []));

/** What the gateway serves by itself, without a service. */
const ownLeaves = ['GETSPI'];

/** The pieces of the services, by name; throws at start-up when two services own the same. */
export const registryOf = (
  services: readonly Service[],
): Pick<Host, 'services' | 'handlers' | 'kinds' | 'gates' | 'cutting' | 'leaves'> => {
  const handlers = new Map<PrimitiveName, Handler<PrimitiveName>>();
  const kinds = new Map<string, WaitingKind>();
  const put = <Value>(map: Map<string, Value>, key: string, value: Value): void => {
    if (map.has(key)) throw new Error(`CSP services: '${key}' has two owners`);
    map.set(key, value);
  };
  for (const service of services) {
    for (const [name, handler] of Object.entries(service.primitives))
      put(handlers as Map<string, unknown>, name, handler);
    for (const [kind, value] of Object.entries(service.kinds ?? {})) put(kinds, kind, value);
  }
  const gates = services.flatMap(({ refuses }) => refuses ?? []);
  const cuttings = services.flatMap(({ cutting }) => cutting ?? []);
  if (cuttings.length > 1) throw new Error('CSP services: cutting has two owners');
  return {
    services,
    handlers,
    kinds,
    gates,
    cutting: cuttings[0],
    leaves: new Set([...ownLeaves, ...services.flatMap(({ leaves }) => leaves)]),
  };
};
