// Events of components worth counting: one function each, writing the metric and the log line together.

import type { Log } from '../../base/log.ts';
import type { Meter } from '../../base/meter.ts';
import type { ComponentEnd } from '../../xmpp/component/component.ts';
import type { Stanza } from '../../xmpp/stanza.ts';

export type ComponentEvents = ReturnType<typeof componentEvents>;

export const componentEvents = (log: Log, meter: Meter, connected: () => number) => {
  const handshakes = meter.counter('onesoup_xmpp_component_handshakes_total', "Components' handshakes, by outcome", [
    'outcome',
  ]);
  const refused = meter.counter(
    'onesoup_xmpp_component_connections_refused_total',
    'Connections to the port for components beyond the limits',
  );
  const ends = meter.counter('onesoup_xmpp_component_streams_ended_total', "Components' streams ended, by reason", [
    'component',
    'reason',
  ]);
  const stanzas = meter.counter('onesoup_xmpp_component_stanzas_total', 'Stanzas from and to components', [
    'component',
    'direction',
  ]);
  const undelivered = meter.counter(
    'onesoup_xmpp_component_undelivered_total',
    'Stanzas that a component was not there for, or did not confirm before its connection ended',
    ['component'],
  );
  const denied = meter.counter('onesoup_xmpp_component_denied_total', 'Requests beyond a component’s privileges', [
    'component',
    'privilege',
  ]);
  meter.gauge('onesoup_xmpp_components_connected', 'Components that are connected', connected);
  return {
    connected: (component: string, remote: string): void => {
      handshakes.add({ outcome: 'connected' });
      log.info({ component, remote }, 'component connected');
    },
    refused: (component: string, outcome: string, remote: string): void => {
      handshakes.add({ outcome });
      log.warn({ component, outcome, remote }, 'component refused');
    },
    connectionRefused: (remote: string): void => {
      refused.add();
      log.warn({ remote }, 'too many connections to the port for components, one more was closed');
    },
    ended: (component: string, { reason, error }: ComponentEnd): void => {
      ends.add({ component, reason: reason === 'closed-by-server' ? (error?.condition ?? reason) : reason });
      log.warn({ component, reason, condition: error?.condition, text: error?.text }, 'component disconnected');
    },
    received: (component: string): void => stanzas.add({ component, direction: 'from' }),
    sent: (component: string): void => stanzas.add({ component, direction: 'to' }),
    undelivered: (component: string): void => undelivered.add({ component }),
    denied: (component: string, privilege: string): void => {
      denied.add({ component, privilege });
      log.info({ component, privilege }, 'a component asked for more than its privileges');
    },
    failed: (component: string, stanza: Stanza | undefined, cause: unknown): void =>
      log.error({ err: cause, component, kind: stanza?.kind }, "a component's stanza could not be handled"),
  };
};
