// The Meter over prom-client, and its text for /metrics.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Meter } from '../base/meter.ts';

export interface Metrics {
  readonly meter: Meter;
  readonly contentType: string;
  text(): Promise<string>;
}

/** `withProcess`: also memory, CPU and event-loop figures of this process. */
export const createMetrics = (withProcess: boolean): Metrics => {
  const registry = new Registry();
  if (withProcess) collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    meter: {
      counter(name, help, labels = []) {
        const counter = new Counter({ name, help, labelNames: [...labels], registers });
        return { add: (values, amount = 1) => (values ? counter.inc({ ...values }, amount) : counter.inc(amount)) };
      },
      gauge(name, help, read) {
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read());
          },
        });
      },
      histogram(name, help, buckets, labels = []) {
        const histogram = new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers });
        return {
          observe: (value, values) => (values ? histogram.observe({ ...values }, value) : histogram.observe(value)),
        };
      },
    },
  };
};
