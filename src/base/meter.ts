/** Counting, without knowing who reads the counts. `src/web` implements it over prom-client for /metrics. */
export interface Meter {
  /** Each name is registered once, at start-up; `labels` are the label names that `add` may use. */
  counter(name: string, help: string, labels?: readonly string[]): Counter;
  /** A value that is read when somebody looks, such as the number of open sessions. */
  gauge(name: string, help: string, read: () => number): void;
  /** Observations in `unit` (seconds, bytes), into the buckets given. */
  histogram(name: string, help: string, buckets: readonly number[], labels?: readonly string[]): Histogram;
}
export interface Counter {
  add(labels?: Readonly<Record<string, string>>, amount?: number): void;
}
export interface Histogram {
  observe(value: number, labels?: Readonly<Record<string, string>>): void;
}

export const silentMeter: Meter = {
  counter: () => ({ add() {} }),
  gauge() {},
  histogram: () => ({ observe() {} }),
};
