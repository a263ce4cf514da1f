// docs/metrics.md, made from what the server and the gateway register when they start.

import { systemClock } from '../src/base/clock.ts';
import type { Log } from '../src/base/log.ts';
import type { Meter } from '../src/base/meter.ts';
import { cirCounts } from '../src/gateway/cir/counts.ts';
import { eventsOver } from '../src/gateway/events.ts';
import { contentEvents } from '../src/gateway/services/content/events.ts';
import { pictureDesk } from '../src/gateway/services/content/pictures/desk.ts';
import { smsEvents } from '../src/gateway/sms/events.ts';
import { componentEvents } from '../src/server/component/events.ts';
import { serverEvents } from '../src/server/events.ts';
import { roomEvents } from '../src/server/rooms/events.ts';
import { federationEvents } from '../src/server/s2s/events.ts';
import { uploadEvents } from '../src/server/uploads/events.ts';
import { smsMeters } from '../src/sms/meters.ts';

export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric of ours, in the order of their names. */
export const metricRows = (): readonly MetricRow[] => {
  const rows: MetricRow[] = [];
  const meter: Meter = {
    counter(name, help, labels = []) {
      rows.push({ name, type: 'counter', help, labels });
      return { add() {} };
    },
    gauge: (name, help) => void rows.push({ name, type: 'gauge', help, labels: [] }),
    histogram(name, help, _buckets, labels = []) {
      rows.push({ name, type: 'histogram', help, labels });
      return { observe() {} };
    },
  };
  const nothing = (): void => {};
  const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };
  serverEvents(
    log,
    meter,
    () => 0,
    () => ({ pairs: 0, entries: 0, unconfirmed: 0 }),
  );
  componentEvents(log, meter, () => 0);
  roomEvents(log, meter, { rooms: () => 0, occupants: () => 0 });
  uploadEvents(log, meter, { receiving: () => 0 });
  federationEvents(log, meter, systemClock, { streams: () => 0, waiting: () => 0, waitingChars: () => 0 });
  contentEvents(meter);
  void pictureDesk({ clock: systemClock, log, meter }).close();
  eventsOver(meter, log, { sessions: () => 0 });
  cirCounts(meter, { connections: () => 0 });
  smsEvents(meter, () => 0);
  smsMeters(
    meter,
    '',
    () => true,
    () => 0,
  );
  return rows.sort((a, b) => (a.name < b.name ? -1 : 1));
};

export const metricsDocument = (): string => `# Metrics

<!-- Made from src/server/events.ts and src/gateway/events.ts by \`node scripts/generate-metrics.ts\`: change them there, not
this file. -->

\`GET /metrics\` has these, beside memory, CPU and event-loop figures of the process. \`xmpp\` is the server, \`csp\` the gateway
for phones, \`sms\` the carrier of short messages; counters end in \`_total\`, times in \`_seconds\`. Addresses of people are never labels.

| name | type | what | labels |
|---|---|---|---|
${metricRows()
  .map(({ name, type, help, labels }) => `| \`${name}\` | ${type} | ${help} | ${labels.join(', ')} |`)
  .join('\n')}
`;
