// XEP-0356 Privileged Entity 0.4.1: a component acts in the name of our accounts as far as the configuration lets it. What it
// may do it is told when it connects; what goes beyond is answered with <forbidden/>. Only the component itself (its bare
// domain) has privileges, not the addresses on it.

import { hear } from '../../../base/hooks.ts';
import { el } from '../../../xml/element.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import type { Host } from '../../host.ts';
import { isRequest } from '../../iq.ts';
import { accountAnswered, presenceNews, remoteReach, rosterChanged } from '../../points.ts';
import type { Privileges } from '../settings.ts';
import { PrivilegedIqs } from './privileged-iqs.ts';
import { sendInTheNameOf } from './privileged-messages.ts';
import { PrivilegedPresence } from './privileged-presence.ts';
import { maySee, pushFor, useRoster } from './privileged-roster.ts';

export const privilegeNamespace = 'urn:xmpp:privilege:2';

export interface PrivilegedOptions {
  readonly component: Jid;
  readonly privileges: Privileges;
  readonly hosts: ReadonlyMap<string, Host>;
  isConnected(): boolean;
  /** To the component; nobody is told when it cannot be delivered. */
  deliver(stanza: Stanza): Promise<void>;
  /** It wanted more than it may. */
  denied(privilege: 'roster' | 'message' | 'iq'): void;
  failed(cause: unknown): void;
}

export class PrivilegedEntity {
  readonly #options: PrivilegedOptions;
  readonly #iqs: PrivilegedIqs;
  readonly #presence: PrivilegedPresence | undefined;
  readonly #taps: readonly Disposable[];

  constructor(options: PrivilegedOptions) {
    this.#options = options;
    const { privileges, hosts } = options;
    this.#iqs = new PrivilegedIqs(options);
    this.#presence =
      (privileges.presence ?? 'none') === 'none' ? undefined : new PrivilegedPresence(options, privileges.presence);
    const presence = this.#presence;
    this.#taps = [...hosts.values()].map((host) =>
      host.hooks.use([
        hear(accountAnswered, 'any', (received) => this.#iqs.answered(received)),
        hear(rosterChanged, 'any', ({ user, contact }) => {
          if (maySee(privileges) && (privileges.rosterPush ?? true) && options.isConnected())
            this.#give(pushFor(user, contact, options.component));
          presence?.rosterChanged(user, contact);
        }),
        ...(presence
          ? [
              hear(presenceNews, 'any', (stanza) => presence.hear(host, stanza)),
              hear(remoteReach, 'any', ({ domain, isReachable }) => {
                if (!isReachable) presence.lose(domain);
              }),
            ]
          : []),
      ]),
    );
  }

  /** The component is told its privileges (§4.2 and the like), and whom it may see. */
  connected(): void {
    const permissions = permissionsOf(this.#options.privileges);
    if (permissions.length > 0)
      for (const { domain, random } of this.#options.hosts.values())
        this.#give(
          Stanza.make(
            { kind: 'message', id: random.id(10), from: domain, to: this.#options.component },
            el('privilege', { xmlns: privilegeNamespace }, permissions),
          ),
        );
    this.#presence?.tellAll();
  }

  /** The work that a stanza of the component asks for by its privileges; undefined: it is a stanza like any other. */
  take(stanza: Stanza): Promise<void> | undefined {
    const { kind, type, from, to } = stanza;
    const host = to && this.#options.hosts.get(to.domain);
    if (!from || !to || !host) return undefined;
    const isEntity = from.equals(this.#options.component);
    const { privileges } = this.#options;
    if (kind === 'message' && type !== 'error' && stanza.has('privilege', privilegeNamespace)) {
      if (isEntity && privileges.message === 'outgoing' && to.equals(host.domain))
        return sendInTheNameOf(this.#options.hosts, host, stanza);
      return this.#deny('message', host, stanza);
    }
    if (!isRequest(stanza)) return undefined;
    if (stanza.has('privileged_iq', privilegeNamespace))
      return (isEntity && this.#iqs.begin(host, stanza)) || this.#deny('iq', host, stanza);
    if (stanza.has('query', 'jabber:iq:roster') && to.isBare && to.local !== undefined)
      return (isEntity && useRoster(privileges, host, stanza)) || this.#deny('roster', host, stanza);
    return undefined;
  }

  [Symbol.dispose](): void {
    for (const tap of this.#taps) tap[Symbol.dispose]();
    this.#iqs[Symbol.dispose]();
  }

  #deny(privilege: 'roster' | 'message' | 'iq', host: Host, stanza: Stanza): Promise<void> {
    this.#options.denied(privilege);
    return host.route(stanza.error('forbidden'));
  }

  #give(stanza: Stanza): void {
    this.#options.deliver(stanza).catch((cause: unknown) => this.#options.failed(cause));
  }
}

const permissionsOf = (privileges: Privileges) => {
  const { roster = 'none', message = 'none', presence = 'none', iq = [] } = privileges;
  return [
    roster !== 'none' &&
      el('perm', {
        access: 'roster',
        type: roster,
        push: String(maySee(privileges) && (privileges.rosterPush ?? true)),
      }),
    message !== 'none' && el('perm', { access: 'message', type: message }),
    iq.length > 0 &&
      el(
        'perm',
        { access: 'iq' },
        iq.map(({ namespace, type }) => el('namespace', { ns: namespace, type })),
      ),
    presence !== 'none' && el('perm', { access: 'presence', type: presence }),
  ].filter((one) => one !== false);
};
