// Values an account keeps across sessions and restarts, as JSON under a setting.

import { fromJson, toJson } from '../../json.ts';
import { type Effect, set } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';

export interface Kept<Value> {
  read(session: SessionView): Promise<Value>;
  /** The effect that replaces the value; undefined goes back to the start. */
  write(value: Value | undefined): Effect;
  /** The effect that makes a new value of the one there is at its commit: for what several sessions write at the same moment. */
  change(next: (value: Value) => Value): Effect;
}

/** `key` begins with the service's name, so that services do not meet. */
export const kept = <Value>(key: `${string}.${string}`, start: NoInfer<Value>): Kept<Value> => ({
  async read(session) {
    const text = await session.setting(key);
    return text === undefined ? start : (fromJson(text) as Value);
  },
  write: (value) => set(key, value === undefined ? undefined : toJson(value)),
  change: (next) => ({
    do: 'change',
    key,
    change: (text) => toJson(next(text === undefined ? start : (fromJson(text) as Value))),
  }),
});
