// A view with a clock, for tests: Mila is a user here; Ben and Ada are contacts elsewhere, Tom is one of this server's own.

import { describe } from '../describe.ts';
import { knownOf, makePresenceState, type PresenceState } from '../state.ts';
import { step } from '../step.ts';
import type { ContactDescription, PresenceEffect, PresenceEvent, PresenceOptions, Shown } from '../view.ts';

export const mila = 'mila@home.test';
export const ben = 'ben@far.test';
export const ada = 'ada@away.test';
export const tom = 'tom@home.test';
export const second = 1_000;
export const minute = 60_000;
export const away = '<show>away</show>';

/** A view with a clock: `tells` gives what an event leads to, without timers; `pass` performs the ticks asked for. */
export const stage = (options: Partial<PresenceOptions> = {}) => {
  const state = makePresenceState({ spreadMs: 10 * second, ...options });
  let now = 5_000;
  let armedAt: number | undefined;
  const perform = (event: PresenceEvent): PresenceEffect[] => {
    if (event.type === 'tick') armedAt = undefined;
    return step(state, event, now).filter((effect) => {
      if (effect.type === 'arm') armedAt = effect.at;
      return effect.type !== 'arm';
    });
  };
  const stageOf = {
    state,
    tells: perform,
    pass(ms: number): PresenceEffect[] {
      const effects: PresenceEffect[] = [];
      const end = now + ms;
      while (armedAt !== undefined && armedAt <= end) {
        now = Math.max(now, armedAt);
        effects.push(...perform({ type: 'tick' }));
      }
      now = end;
      return effects;
    },
    /** Nothing runs for so long, and then the tick that is due comes. */
    sleep(ms: number): PresenceEffect[] {
      now += ms;
      return armedAt !== undefined && armedAt <= now ? perform({ type: 'tick' }) : [];
    },
    /** Time goes by, and nothing runs. */
    freeze(ms: number): void {
      now += ms;
    },
    restored: (contact: string, resource: string, ageMs: number) =>
      perform({ type: 'restored', entries: [{ user: mila, contact, resource, payload: '', ageMs }] }),
    error: (contact: string) => perform({ type: 'error', user: mila, contact }),
    down: (domain: string) => perform({ type: 'link-down', domain }),
    up: (domain: string) => perform({ type: 'link-up', domain }),
    described: (contact: string): ContactDescription | undefined =>
      describe(state, mila, now).find((one) => one.contact === contact),
    added: (contact: string, isLocal = false) => perform({ type: 'contact-added', user: mila, contact, isLocal }),
    here: (contact: string, resource: string, payload = '') =>
      perform({ type: 'available', user: mila, contact, resource, payload }),
    gone: (contact: string, resource: string, payload = '') =>
      perform({ type: 'unavailable', user: mila, contact, resource, payload }),
    signIn: (session = 'phone') => perform({ type: 'session-available', user: mila, session }),
    signOut: (session = 'phone') => perform({ type: 'session-gone', user: mila, session }),
  };
  return stageOf;
};
export const shown = (contact: string, resource: string, payload = ''): Shown => ({
  contact,
  resource,
  isAvailable: true,
  payload,
});
export const unshown = (contact: string, resource: string, payload = ''): Shown => ({
  contact,
  resource,
  isAvailable: false,
  payload,
});
export const delivered = (presences: Shown[], to = 'all'): PresenceEffect => ({
  type: 'deliver',
  user: mila,
  to,
  presences,
});
export const probed = (contact: string): PresenceEffect => ({ type: 'probe', user: mila, contact });
export const stored = (contact: string, resource: string, payload: string | undefined): PresenceEffect => ({
  type: 'snapshot',
  changes: [{ user: mila, contact, resource, payload }],
});
export const resources = (state: PresenceState, contact = ben): string[] =>
  knownOf(state, mila, contact).map((one) => one.resource);
export const deliveries = (effects: readonly PresenceEffect[]): PresenceEffect[] =>
  effects.filter((one) => one.type === 'deliver');
export const probes = (effects: readonly PresenceEffect[]): PresenceEffect[] =>
  effects.filter((one) => one.type === 'probe');
