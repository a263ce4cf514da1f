// Walks the table of the presence view row by row. Mila is a user here; Ben and Ada are contacts elsewhere, Tom is one of
// this server's own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { none } from './memory/rows.ts';
import { knownOf, sizeOf, viewOf } from './state.ts';
import {
  ada,
  away,
  ben,
  delivered,
  deliveries,
  mila,
  minute,
  probed,
  probes,
  resources,
  second,
  shown,
  stage,
  stored,
  tom,
  unshown,
} from './testing/stage.ts';
import type { PresenceEvent } from './view.ts';

test('available, new or changed: stored, and delivered to all the user’s sessions', () => {
  const { added, signIn, here } = stage({ probe: 'blind' });
  added(ben);
  signIn();
  assert.deepEqual(here(ben, 'laptop'), [delivered([shown(ben, 'laptop')]), stored(ben, 'laptop', '')]);
  assert.deepEqual(here(ben, 'laptop', away), [delivered([shown(ben, 'laptop', away)]), stored(ben, 'laptop', away)]);
  assert.deepEqual(here(ben, 'phone'), [delivered([shown(ben, 'phone')]), stored(ben, 'phone', '')]);
});

test('available, equal to what is stored: delivers nothing, and refreshes its age', () => {
  const { state, added, signIn, here, pass } = stage({ probe: 'blind', agedMs: 8 * minute });
  added(ben);
  signIn();
  pass(2 * minute); // the first probe and its time-out
  here(ben, 'laptop');
  for (let i = 0; i < 20; i++) {
    assert.deepEqual(pass(3 * minute), [], 'what is heard of again and again is not probed');
    assert.deepEqual(deliveries(here(ben, 'laptop')), []);
  }
  assert.equal(sizeOf(state).texts, 3, 'ben, laptop and the payload');
});

test('unavailable from a full address: delivered with its status if known, nothing if not', () => {
  const { added, signIn, here, gone } = stage({ probe: 'blind' });
  added(ben);
  signIn();
  here(ben, 'laptop');
  const bye = '<status>bye</status>';
  assert.deepEqual(gone(ben, 'laptop', bye), [
    delivered([unshown(ben, 'laptop', bye)]),
    stored(ben, 'laptop', undefined),
  ]);
  assert.deepEqual(gone(ben, 'laptop', bye), []);
  assert.deepEqual(gone(ben, 'phone'), []);
});

test('unavailable from the bare address, and presence errors: every known resource is gone, in one batch', () => {
  for (const event of [
    { type: 'unavailable', user: mila, contact: ben, resource: '' },
    { type: 'error', user: mila, contact: ben },
  ] as const) {
    const { state, added, signIn, here, tells } = stage({ probe: 'blind' });
    added(ben);
    signIn();
    here(ben, 'laptop');
    here(ben, 'phone');
    assert.deepEqual(tells(event), [
      delivered([unshown(ben, 'phone'), unshown(ben, 'laptop')]),
      {
        type: 'snapshot',
        changes: ['phone', 'laptop'].map((resource) => ({ user: mila, contact: ben, resource, payload: undefined })),
      },
    ]);
    assert.deepEqual(viewOf(state, mila), []);
    assert.deepEqual(tells(event), []);
    assert.equal(sizeOf(state).texts, 1, 'ben');
  }
});

test('a domain out of reach for longer than the grace time: as for bare unavailable', () => {
  const { state, added, signIn, here, tells, pass } = stage({ probe: 'blind', graceMs: 10 * minute });
  added(ben);
  added(ada);
  signIn();
  pass(2 * minute);
  here(ben, 'laptop');
  here(ada, 'desk');
  assert.deepEqual(tells({ type: 'link-down', domain: 'far.test' }), []);
  assert.deepEqual(knownOf(state, mila, ben), [{ resource: 'laptop', payload: '', isConfirmed: false }]);
  assert.deepEqual(knownOf(state, mila, ada), [{ resource: 'desk', payload: '', isConfirmed: true }]);
  here(ada, 'desk');
  assert.deepEqual(deliveries(pass(10 * minute - second)), []);
  assert.deepEqual(deliveries(pass(second)), [delivered([unshown(ben, 'laptop')])]);
  assert.deepEqual(resources(state, ada), ['desk']);
});

test('a session becomes available: the whole view in one write, then probes; the answers refine it', () => {
  const { added, signIn, here, gone } = stage({ probe: 'always' });
  added(ben);
  added(ada);
  added(tom, true);
  here(ben, 'laptop', away);
  here(tom, 'phone');
  here(tom, 'desk', away);
  assert.deepEqual(signIn('phone'), [
    delivered([shown(ben, 'laptop', away), shown(tom, 'desk', away), shown(tom, 'phone')], 'phone'),
    probed(ben),
    probed(ada),
  ]);
  assert.deepEqual(here(ben, 'laptop', away), [], 'an answer that says nothing new');
  assert.deepEqual(deliveries(here(ada, 'desk')), [delivered([shown(ada, 'desk')])]);
  assert.deepEqual(deliveries(gone(ben, '')), [delivered([unshown(ben, 'laptop')])]);
  assert.deepEqual(signIn('phone'), [], 'the same session again is no news');
});

test('a second session gets the view for itself; after it went it gets nothing', () => {
  const { added, signIn, signOut, here } = stage({ probe: 'blind' });
  added(ben);
  signIn('phone');
  here(ben, 'laptop');
  assert.deepEqual(signIn('desk'), [delivered([shown(ben, 'laptop')], 'desk')]);
  signOut('phone');
  assert.deepEqual(deliveries(here(ben, 'laptop', away)), [delivered([shown(ben, 'laptop', away)])]);
  signOut('desk');
  assert.deepEqual(deliveries(here(ben, 'laptop')), []);
});

test('probe unanswered within the time-out: what is older than the probe is removed, what answered stays', () => {
  const { state, added, signIn, here, pass } = stage({ probe: 'always', probeTimeoutMs: minute });
  added(ben);
  here(ben, 'laptop');
  here(ben, 'phone');
  pass(second);
  assert.deepEqual(probes(signIn()), [probed(ben)]);
  pass(second);
  here(ben, 'phone');
  assert.deepEqual(pass(minute), [delivered([unshown(ben, 'laptop')]), stored(ben, 'laptop', undefined)]);
  assert.deepEqual(resources(state), ['phone']);
});

test('long-running session: contacts whose entries have aged are probed again, spread over time', () => {
  const { state, tells, pass } = stage({ agedMs: 60 * minute, probeTimeoutMs: minute });
  for (let i = 0; i < 500; i++) tells({ type: 'contact-added', user: mila, contact: `c${i}@far.test` });
  pass(minute);
  for (let i = 0; i < 500; i++)
    tells({ type: 'available', user: mila, contact: `c${i}@far.test`, resource: 'r', payload: '' });
  pass(minute);
  assert.deepEqual(probes(pass(43 * minute)), [], 'none in the first three quarters');
  const perMinute: number[] = [];
  for (let i = 0; i < 32; i++) perMinute.push(probes(pass(minute)).length);
  assert.equal(
    perMinute.reduce((sum, one) => sum + one),
    500,
  );
  assert.ok(Math.max(...perMinute) < 50, `${perMinute}`);
  assert.equal(viewOf(state, mila).length < 500, true);
});

test('probes of one tick are bounded, and none is forgotten', () => {
  const { tells, pass } = stage({ probesPerTickMax: 10, spreadMs: 0 });
  for (let i = 0; i < 35; i++) tells({ type: 'contact-added', user: mila, contact: `c${i}@far.test` });
  const perTick = [0, second, second, second, second, second].map((ms) => probes(pass(ms)).length);
  assert.ok(Math.max(...perTick) <= 10);
  assert.equal(
    perTick.reduce((sum, one) => sum + one),
    35,
  );
});

test('a link drops: unconfirmed, not offline; probed when it is back; the answer confirms', () => {
  const { state, added, signIn, here, tells, pass } = stage({ probe: 'blind', spreadMs: 10 * second });
  added(ben);
  signIn();
  pass(2 * minute);
  here(ben, 'laptop');
  pass(second);
  assert.deepEqual(tells({ type: 'link-down', domain: 'far.test' }), []);
  pass(minute);
  assert.deepEqual(resources(state), ['laptop']);
  assert.deepEqual(tells({ type: 'link-up', domain: 'far.test' }), []);
  assert.deepEqual(pass(11 * second), [probed(ben)]);
  assert.equal(knownOf(state, mila, ben)[0]?.isConfirmed, false);
  assert.deepEqual(here(ben, 'laptop'), []);
  assert.equal(knownOf(state, mila, ben)[0]?.isConfirmed, true);
  assert.deepEqual(deliveries(pass(20 * minute)), [], 'the grace time of a link that is back does not run on');
});

test('a probe whose link dropped shows nothing by going unanswered', () => {
  const { state, added, signIn, here, tells, pass } = stage({ probe: 'always', graceMs: 60 * minute });
  added(ben);
  here(ben, 'laptop');
  pass(second);
  signIn();
  tells({ type: 'link-down', domain: 'far.test' });
  assert.deepEqual(deliveries(pass(10 * minute)), []);
  assert.deepEqual(resources(state), ['laptop']);
  tells({ type: 'link-up', domain: 'far.test' });
  assert.deepEqual(pass(2 * minute), [
    probed(ben),
    delivered([unshown(ben, 'laptop')]),
    stored(ben, 'laptop', undefined),
  ]);
});

test('a link that keeps coming and going: what nothing confirms for too long is removed', () => {
  const { state, added, here, tells, pass } = stage({
    unconfirmedMaxMs: 120 * minute,
    graceMs: 10 * minute,
    spreadMs: 0,
  });
  added(ben);
  here(ben, 'laptop');
  let minutes = 0;
  while (resources(state).length > 0 && minutes < 1_000) {
    tells({ type: 'link-up', domain: 'far.test' });
    pass(10 * second);
    tells({ type: 'link-down', domain: 'far.test' });
    pass(minute - 10 * second);
    minutes++;
  }
  assert.ok(minutes >= 120 && minutes <= 125, `${minutes}`);
});

test('the user has no sessions: the view is maintained, nothing is delivered', () => {
  const { state, added, here, gone, signIn } = stage({ probe: 'blind' });
  added(ben);
  assert.deepEqual(here(ben, 'laptop', away), [stored(ben, 'laptop', away)]);
  assert.deepEqual(here(ben, 'phone'), [stored(ben, 'phone', '')]);
  assert.deepEqual(gone(ben, 'phone'), [stored(ben, 'phone', undefined)]);
  assert.deepEqual(resources(state), ['laptop']);
  assert.deepEqual(signIn(), [delivered([shown(ben, 'laptop', away)], 'phone')]);
});

test('restart: the view comes back unconfirmed, is delivered at once, and is probed', () => {
  const { state, added, signIn, tells, pass } = stage({ probe: 'aged' });
  added(ben);
  added(tom, true);
  const entry = (contact: string) => ({ user: mila, contact, resource: 'laptop', payload: away });
  assert.deepEqual(tells({ type: 'restored', entries: [entry(ben), entry(ada), entry(tom)] }), [
    { type: 'forget', user: mila, contact: ada },
    { type: 'forget', user: mila, contact: tom },
  ]);
  assert.equal(knownOf(state, mila, ben)[0]?.isConfirmed, false);
  assert.deepEqual(signIn(), [delivered([shown(ben, 'laptop', away)], 'phone'), probed(ben)]);
  assert.deepEqual(tells({ type: 'restored', entries: [entry(ben)] }), [], 'the same again is no news');
  assert.deepEqual(pass(2 * minute), [delivered([unshown(ben, 'laptop')]), stored(ben, 'laptop', undefined)]);
});

test('subscription cancelled, contact removed or blocked: removed, unavailable, forgotten', () => {
  const { state, added, signIn, here, tells, pass } = stage({ probe: 'blind' });
  added(ben);
  added(tom, true);
  signIn();
  here(ben, 'laptop');
  here(tom, 'desk');
  const removed = (contact: string): PresenceEvent => ({ type: 'contact-removed', user: mila, contact });
  assert.deepEqual(tells(removed(ben)), [
    delivered([unshown(ben, 'laptop')]),
    { type: 'forget', user: mila, contact: ben },
  ]);
  assert.deepEqual(tells(removed(tom)), [delivered([unshown(tom, 'desk')])]);
  assert.deepEqual(tells(removed(ben)), []);
  assert.deepEqual(here(ben, 'laptop'), [], 'whoever is no contact is not in the view');
  assert.deepEqual(pass(600 * minute), []);
  const { pairs, domains, entries, texts } = sizeOf(state);
  assert.deepEqual([pairs, domains, entries, texts], [0, 0, 0, 0]);
});

test('local contacts: authoritative; neither probed, nor doubted, nor stored', () => {
  const { state, added, signIn, here, gone, tells, pass } = stage({ probe: 'always' });
  assert.deepEqual(added(tom, true), []);
  assert.deepEqual(signIn(), []);
  assert.deepEqual(here(tom, 'desk', away), [delivered([shown(tom, 'desk', away)])]);
  assert.deepEqual(here(tom, 'desk', away), []);
  assert.deepEqual(tells({ type: 'link-down', domain: 'home.test' }), []);
  assert.deepEqual(pass(48 * 60 * minute), []);
  assert.deepEqual(knownOf(state, mila, tom), [{ resource: 'desk', payload: away, isConfirmed: true }]);
  assert.deepEqual(gone(tom, 'desk'), [delivered([unshown(tom, 'desk')])]);
});

test('privacy: signing in probes nobody whose view is young, and with `blind` nobody ever', () => {
  for (const probe of ['aged', 'blind'] as const) {
    const { added, signIn, signOut, here, pass } = stage({ probe });
    added(ben);
    here(ben, 'laptop');
    pass(10 * second);
    here(ben, 'laptop');
    pass(2 * minute);
    added(ada);
    assert.deepEqual(probes(signIn()), probe === 'aged' ? [probed(ada)] : [], 'only what was never asked');
    pass(5 * minute);
    signOut();
    assert.deepEqual(probes(signIn()), []);
  }
  const times = (isSignedIn: boolean): number[] => {
    const { added, signIn, pass, here } = stage({ probe: 'blind' });
    added(ben);
    here(ben, 'laptop');
    const at: number[] = [];
    for (let i = 0; i < 300; i++) {
      if (isSignedIn && i % 7 === 0) signIn(`session ${i}`);
      if (probes(pass(minute)).length > 0) at.push(i);
    }
    return at;
  };
  assert.ok(times(true).length > 2);
  assert.deepEqual(times(true), times(false));
});

test('a contact cannot show more resources than the limit: the one heard of longest ago makes room', () => {
  const { state, added, signIn, here, pass } = stage({ probe: 'blind', resourcesMax: 2 });
  added(ben);
  signIn();
  for (const resource of ['a', 'b']) {
    here(ben, resource);
    pass(second);
  }
  here(ben, 'a');
  assert.deepEqual(deliveries(here(ben, 'c')), [delivered([unshown(ben, 'b'), shown(ben, 'c')])]);
  assert.deepEqual(resources(state), ['c', 'a']);
});

test('equal payloads are kept once, for as long as somebody says them', () => {
  const { state, tells } = stage();
  const all = Array.from({ length: 50 }, (_, i) => ({ user: `u${i % 5}@home.test`, contact: `c${i}@far.test` }));
  for (const pair of all) {
    tells({ type: 'contact-added', ...pair });
    tells({ type: 'available', ...pair, resource: 'r', payload: away });
  }
  assert.equal(state.texts.usesOf(state.texts.find(away)), 50);
  assert.equal(sizeOf(state).texts, 50 + 2);
  for (const pair of all) tells({ type: 'unavailable', ...pair, resource: 'r' });
  assert.equal(state.texts.find(away), none);
});

test('a contact that has just let itself be seen is asked about soon, and not when its turn comes', () => {
  const { tells, pass } = stage({ probe: 'blind', spreadMs: 30 * minute });
  tells({ type: 'contact-added', user: mila, contact: ben, isNew: true });
  assert.deepEqual(probes(pass(2 * second)), []);
  assert.deepEqual(probes(pass(2 * second)), [probed(ben)]);
});
