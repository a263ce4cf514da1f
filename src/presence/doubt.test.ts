// Rows of the table about doubt: sleep, restarts, links, and how long at most something is shown that nothing confirms.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownOf, viewOf } from './state.ts';
import {
  ada,
  ben,
  delivered,
  deliveries,
  mila,
  minute,
  probed,
  probes,
  resources,
  second,
  stage,
  stored,
  unshown,
} from './testing/stage.ts';
import { defaultPresenceOptions, keptMs, stalenessBoundMs } from './view.ts';

const hour = 60 * minute;
/** A contact that was asked, and answered with these resources. */
const known = (stageOf: ReturnType<typeof stage>, contact: string, ...names: string[]): void => {
  stageOf.added(contact);
  stageOf.pass(10 * second);
  for (const name of names) stageOf.here(contact, name);
  stageOf.pass(2 * minute);
};

test('sleep: a tick that comes hours late takes nobody to be offline; all are doubted, and asked again', () => {
  const stageOf = stage({ probe: 'always' });
  const { state, signIn, here, sleep, pass } = stageOf;
  known(stageOf, ben, 'laptop');
  known(stageOf, ada, 'desk');
  assert.deepEqual(probes(signIn()), [probed(ben), probed(ada)], 'probes are out when the lid closes');
  assert.deepEqual(sleep(5 * hour), []);
  assert.deepEqual([resources(state), resources(state, ada)], [['laptop'], ['desk']]);
  assert.equal(knownOf(state, mila, ben)[0]?.isConfirmed, false);
  assert.deepEqual(
    probes(pass(11 * second)).sort((a, b) => JSON.stringify(b).localeCompare(JSON.stringify(a))),
    [probed(ben), probed(ada)],
  );
  here(ben, 'laptop');
  assert.equal(knownOf(state, mila, ben)[0]?.isConfirmed, true);
  assert.deepEqual(deliveries(pass(2 * minute)), [delivered([unshown(ada, 'desk')])], 'who does not answer is gone');
});

test('sleep: whatever comes before the late tick is noticed all the same', () => {
  const stageOf = stage({ probe: 'always' });
  const { state, signIn, here, tells, freeze, pass } = stageOf;
  known(stageOf, ben, 'laptop', 'phone');
  signIn();
  freeze(3 * hour);
  here(ada, 'of no interest');
  assert.deepEqual(
    knownOf(state, mila, ben).map((one) => one.isConfirmed),
    [false, false],
  );
  assert.deepEqual(deliveries(tells({ type: 'tick' })), []);
  assert.deepEqual(probes(pass(11 * second)), [probed(ben)]);
  here(ben, 'phone');
  assert.deepEqual(deliveries(pass(2 * minute)), [delivered([unshown(ben, 'laptop')])]);
});

test('sleep: a grace time does not run on, nor does the time for which an unconfirmed entry is kept', () => {
  const stageOf = stage({ probe: 'blind', graceMs: 10 * minute });
  const { state, down, sleep, pass } = stageOf;
  known(stageOf, ben, 'laptop');
  down('far.test');
  pass(5 * minute);
  sleep(24 * hour);
  pass(4 * minute);
  assert.deepEqual(resources(state), ['laptop']);
  pass(2 * minute);
  assert.deepEqual(resources(state), []);
});

test('sleep in which the monotonic clock stood still: doubted and asked again all the same', () => {
  const stageOf = stage({ probe: 'always' });
  const { state, signIn, tells, pass, described } = stageOf;
  known(stageOf, ben, 'laptop');
  signIn();
  assert.deepEqual(tells({ type: 'slept', ms: 3 * hour }), []);
  assert.equal(knownOf(state, mila, ben)[0]?.isConfirmed, false);
  const ageMs = described(ben)?.resources[0]?.ageMs ?? 0;
  assert.ok(ageMs >= 3 * hour && ageMs < 3 * hour + 3 * minute, `${ageMs}`);
  assert.deepEqual(probes(pass(11 * second)), [probed(ben)]);
  assert.deepEqual(resources(state), ['laptop']);
});

test('a pause too short to be sleep doubts nobody', () => {
  const stageOf = stage({ probe: 'blind' });
  known(stageOf, ben, 'laptop');
  stageOf.sleep(60 * second);
  assert.equal(knownOf(stageOf.state, mila, ben)[0]?.isConfirmed, true);
});

test('restarts: what nothing ever confirms is not shown for longer than the bound, however many there are', () => {
  const bound = stalenessBoundMs();
  let shownMs = 0;
  // Each process knows from the Store how old the entry is; the link is down all the time.
  for (let ageMs = 0; ageMs <= 2 * bound; ageMs += 7 * minute) {
    const { state, added, restored, down, pass } = stage({ graceMs: 48 * hour });
    added(ben);
    restored(ben, 'laptop', ageMs);
    down('far.test');
    for (let s = 0; s < 7 * 60 && resources(state).length > 0; s++) {
      pass(second);
      shownMs = Math.max(shownMs, ageMs + (s + 1) * second);
    }
    pass(0);
  }
  assert.ok(shownMs <= bound && shownMs > bound - 10 * second, `${shownMs}`);
});

test('restart: what is too old already is not shown, and the Store hears so', () => {
  const { state, added, restored, signIn } = stage({ probe: 'blind' });
  added(ben);
  signIn();
  assert.deepEqual(restored(ben, 'laptop', keptMs(defaultPresenceOptions)), [stored(ben, 'laptop', undefined)]);
  assert.deepEqual(viewOf(state, mila), []);
  assert.equal(deliveries(restored(ben, 'laptop', keptMs(defaultPresenceOptions) - second)).length, 1);
});

test('restart: news that comes before a later page of the snapshot stays confirmed', () => {
  const { state, added, here, restored, pass } = stage({ probe: 'blind' });
  added(ben);
  added(ada);
  here(ben, 'phone');
  pass(5 * second);
  restored(ben, 'laptop', 0);
  restored(ada, 'desk', 0);
  assert.deepEqual(
    knownOf(state, mila, ben).map(({ resource, isConfirmed }) => [resource, isConfirmed]),
    [
      ['laptop', false],
      ['phone', true],
    ],
  );
});

test('now and then the Store hears that an entry is still so, so that a restart does not take it for old', () => {
  const stageOf = stage({ probe: 'blind' });
  const { here, pass } = stageOf;
  known(stageOf, ben, 'laptop');
  let told = 0;
  for (let i = 0; i < 240; i++) {
    const effects = here(ben, 'laptop');
    assert.ok(effects.every((one) => one.type === 'snapshot'));
    told += effects.length;
    pass(minute);
  }
  assert.equal(told, 16, 'four times an hour');
});

test('a client that keeps talking does not keep another one of the same contact alive', () => {
  const stageOf = stage({ probe: 'blind' });
  const { state, here, pass } = stageOf;
  known(stageOf, ben, 'laptop', 'phone');
  let minutes = 0;
  for (; resources(state).includes('laptop') && minutes < 600; minutes++) {
    here(ben, 'phone', `<status>${minutes}</status>`);
    pass(minute);
  }
  assert.ok(minutes * minute <= stalenessBoundMs(), `${minutes}`);
  assert.deepEqual(resources(state), ['phone']);
});

test('news of one client does not settle whether there are others: a contact in doubt is asked all the same', () => {
  const { added, here, pass } = stage({ probe: 'aged' });
  added(ben);
  here(ben, 'laptop');
  assert.deepEqual(probes(pass(11 * second)), [probed(ben)]);
});

test('the bound holds whatever becomes of links and probes, for whatever options', () => {
  for (const agedMs of [minute, 45 * minute])
    for (const unconfirmedMaxMs of [minute, hour])
      for (const graceMs of [5 * minute, 24 * hour])
        for (const trouble of ['down', 'flapping', 'silent', 'mute but talking'] as const) {
          const options = { agedMs, unconfirmedMaxMs, graceMs, probe: 'blind' as const };
          const stageOf = stage(options);
          const { state, here, down, up, pass } = stageOf;
          known(stageOf, ben, 'laptop');
          here(ben, 'laptop');
          if (trouble === 'down') down('far.test');
          let seconds = 0;
          for (; resources(state).includes('laptop') && seconds < 100_000; seconds++) {
            pass(second);
            if (trouble === 'mute but talking' && seconds % 30 === 0) here(ben, 'phone', `${seconds}`);
            if (trouble === 'flapping') seconds % 2 ? up('far.test') : down('far.test');
          }
          const what = `${JSON.stringify(options)} ${trouble}: ${seconds} s`;
          assert.ok(seconds * second <= stalenessBoundMs(options), what);
          if (trouble === 'down')
            assert.ok(seconds * second <= Math.max(graceMs, 0) + 2 * second || graceMs > hour, what);
        }
});

test('a domain of very many contacts: its links come and go a page at a time, and all are reached', () => {
  const { state, tells, down, up, pass } = stage({ probe: 'blind', graceMs: 10 * minute, spreadMs: 0 });
  const people = Array.from({ length: 5_000 }, (_, i) => `c${i}@far.test`);
  for (const contact of people) tells({ type: 'contact-added', user: mila, contact });
  pass(10 * second);
  for (const contact of people) tells({ type: 'available', user: mila, contact, resource: 'r', payload: '' });
  pass(2 * minute);
  down('far.test');
  pass(minute);
  up('far.test');
  const asked = pass(30 * second);
  assert.equal(probes(asked).length, 5_000);
  down('far.test');
  const steps: number[] = [];
  for (let i = 0; i < 700; i++) {
    const gone = pass(second).flatMap((one) => (one.type === 'snapshot' ? [one.changes.length] : []));
    steps.push(...gone);
  }
  assert.deepEqual(steps, [2_000, 2_000, 1_000]);
  assert.deepEqual(viewOf(state, mila), []);
});

test('sleep in the middle of a page: the rest is taken out all the same', () => {
  const { state, tells, down, freeze, pass } = stage({ probe: 'blind', graceMs: 10 * minute, spreadMs: 0 });
  const people = Array.from({ length: 5_000 }, (_, i) => `c${i}@far.test`);
  for (const contact of people) tells({ type: 'contact-added', user: mila, contact });
  pass(10 * second);
  for (const contact of people) tells({ type: 'available', user: mila, contact, resource: 'r', payload: '' });
  pass(2 * minute);
  down('far.test');
  pass(10 * minute);
  assert.equal(viewOf(state, mila).length, 3_000, 'one page is done');
  freeze(hour);
  tells({ type: 'slept', ms: hour });
  pass(10 * second);
  assert.deepEqual(viewOf(state, mila), []);
});

test('a page is no trouble to contacts removed meanwhile', () => {
  const { state, tells, down, up, pass } = stage({ probe: 'blind', spreadMs: 0 });
  const people = Array.from({ length: 4_500 }, (_, i) => `c${i}@far.test`);
  for (const contact of people) tells({ type: 'contact-added', user: mila, contact });
  pass(2 * minute);
  down('far.test');
  up('far.test');
  const first = tells({ type: 'tick' });
  // The page ended before number 2,000: it and its neighbours go.
  const gone = new Set(people.slice(1_990, 2_010));
  for (const contact of gone) tells({ type: 'contact-removed', user: mila, contact });
  const asked = [...first, ...pass(10 * second)].flatMap((one) => (one.type === 'probe' ? [one.contact] : []));
  const others = people.filter((contact) => !gone.has(contact));
  assert.deepEqual(asked.filter((contact) => !gone.has(contact)).sort(), others.sort());
  assert.equal(state.sweeping.size, 0);
});

test('a probe’s answer of any kind, or none', () => {
  const answers: Record<string, (s: ReturnType<typeof stage>) => void> = {
    nothing: () => {},
    'bare unavailable': ({ gone }) => gone(ben, ''),
    error: ({ error }) => error(ben),
    'unavailable from a full address never seen': ({ gone }) => gone(ben, 'strange'),
  };
  for (const [what, answer] of Object.entries(answers)) {
    const stageOf = stage({ probe: 'always' });
    known(stageOf, ben, 'laptop');
    assert.deepEqual(probes(stageOf.signIn()), [probed(ben)]);
    stageOf.pass(second);
    answer(stageOf);
    stageOf.pass(minute);
    assert.deepEqual(viewOf(stageOf.state, mila), [], what);
  }
  const stageOf = stage({ probe: 'always' });
  known(stageOf, ben, 'laptop');
  stageOf.signIn();
  stageOf.pass(second);
  stageOf.here(ben, 'never seen before');
  stageOf.pass(minute);
  assert.deepEqual(resources(stageOf.state), ['never seen before']);
});

test('a subscription cancelled on the contact’s side only: the next probe says so', () => {
  for (const refuse of [(s: ReturnType<typeof stage>) => s.gone(ben, ''), () => {}]) {
    const stageOf = stage({ probe: 'aged' });
    known(stageOf, ben, 'laptop');
    for (let i = 0; i < 60; i++) if (probes(stageOf.pass(minute)).length > 0) refuse(stageOf);
    assert.deepEqual(resources(stageOf.state), []);
  }
});

test('answers that come too late are news', () => {
  const stageOf = stage({ probe: 'always' });
  known(stageOf, ben, 'laptop');
  stageOf.signIn();
  stageOf.pass(2 * minute);
  assert.deepEqual(resources(stageOf.state), []);
  assert.equal(deliveries(stageOf.here(ben, 'laptop')).length, 1);
});

test('defaults: an hour, and never less than it takes to ask', () => {
  assert.equal(stalenessBoundMs(), hour + 2 * second);
  assert.equal(stalenessBoundMs({ unconfirmedMaxMs: minute }), 1.25 * 45 * minute + minute + 4 * second);
  assert.equal(stalenessBoundMs({ agedMs: 4 * hour }), 5 * hour + minute + 4 * second);
});
