import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import { anna, day, mila, session, waiting } from './samples.ts';

export const cspConformance = (test: StoreTest): void => {
  test('CSP sessions are saved, saved again and found', async ({ csp }) => {
    await csp.saveSession(session('s2'));
    await csp.saveSession(session('s1', { account: anna }));
    await csp.saveSession(session('s2', { lastHeardAt: 5000, expiresAt: 9000, state: '{}' }));
    const second = session('s2', { lastHeardAt: 5000, expiresAt: 9000, state: '{}' });
    assert.deepEqual(await csp.session('s2'), second);
    assert.deepEqual(await csp.sessions(), [session('s1', { account: anna }), second]);
    await csp.removeSession('s2', { keepWaiting: [] });
    assert.equal(await csp.session('s2'), undefined);
    assert.deepEqual(await csp.sessions(), [session('s1', { account: anna })]);
  });

  test('what waits for a session and for its account comes in order of arrival', async ({ csp }) => {
    const first = await csp.addWaiting(waiting({ session: undefined, messageId: 'm1', expiresAt: 70 }));
    const second = await csp.addWaiting(waiting({ session: 's1', kind: 'report', transactionId: 't', handedOutAt: 7 }));
    await csp.addWaiting(waiting({ session: 's2' }));
    await csp.addWaiting(waiting({ session: undefined, account: anna }));
    assert.ok(first !== undefined && second !== undefined && first < second);
    assert.deepEqual(await csp.waiting('s1', mila), [
      { seq: first, ...waiting({ session: undefined, messageId: 'm1', expiresAt: 70 }) },
      { seq: second, ...waiting({ kind: 'report', transactionId: 't', handedOutAt: 7 }) },
    ]);
    await csp.removeWaiting([]);
    await csp.removeWaiting([first]);
    assert.deepEqual(
      (await csp.waiting('s1', mila)).map(({ seq }) => seq),
      [second],
    );
  });

  test('handing out claims for the session, but not from another', async ({ csp }) => {
    const seq = (await csp.addWaiting(waiting({ session: undefined }))) ?? 0;
    await csp.handedOut(seq, 's1', 't1', 50);
    const claimed = { seq, ...waiting({ session: 's1', transactionId: 't1', handedOutAt: 50 }) };
    assert.deepEqual(await csp.waiting('s1', mila), [claimed]);
    assert.deepEqual(await csp.waiting('s2', mila), []);
    await csp.handedOut(seq, 's2', 't9', 60);
    assert.deepEqual(await csp.waiting('s1', mila), [claimed]);
    await csp.handedOut(seq, 's1', 't2', 70);
    assert.deepEqual(await csp.waiting('s1', mila), [{ ...claimed, transactionId: 't2', handedOutAt: 70 }]);
  });

  test('what comes in twice within a day is kept once, also after it was acknowledged', async ({ csp }) => {
    const seq = await csp.addWaiting(waiting({ createdAt: 1000 }), 'bob 17');
    assert.ok(seq !== undefined);
    assert.equal(await csp.addWaiting(waiting({ createdAt: 1001 }), 'bob 17'), undefined);
    await csp.removeWaiting([seq]);
    assert.equal(await csp.addWaiting(waiting({ createdAt: 999 + day }), 'bob 17'), undefined);
    assert.notEqual(await csp.addWaiting(waiting({ createdAt: 1000 + day }), 'bob 17'), undefined);
    assert.notEqual(await csp.addWaiting(waiting(), 'bob 18'), undefined);
    assert.notEqual(await csp.addWaiting(waiting({ session: 's2' }), 'bob 17'), undefined, 'another session');
    assert.notEqual(await csp.addWaiting(waiting({ session: undefined }), 'bob 17'), undefined, 'the account');
    assert.notEqual(await csp.addWaiting(waiting({ account: anna }), 'bob 17'), undefined, 'another account');
    assert.notEqual(await csp.addWaiting(waiting()), undefined, 'no origin');
    assert.notEqual(await csp.addWaiting(waiting()), undefined, 'no origin');
  });

  test('origins asked for at the same time are taken once', async ({ csp }) => {
    const kept = await Promise.all(Array.from({ length: 10 }, () => csp.addWaiting(waiting(), 'bob 1')));
    assert.equal(kept.filter((seq) => seq !== undefined).length, 1);
  });

  test('origins are forgotten by their age', async ({ csp }) => {
    await csp.addWaiting(waiting({ createdAt: 1000 }), 'bob 17');
    await csp.addWaiting(waiting({ createdAt: 1001 }), 'bob 18');
    await csp.forgetOrigins(1000);
    assert.equal(await csp.addWaiting(waiting({ createdAt: 1001 }), 'bob 18'), undefined);
    // A clock that was set back would otherwise still find it.
    assert.notEqual(await csp.addWaiting(waiting({ createdAt: 1000 }), 'bob 17'), undefined);
  });

  test('an ending session gives back what is to be kept, as if never handed out', async ({ csp }) => {
    await csp.saveSession(session('s1'));
    const message = (await csp.addWaiting(waiting({ messageId: 'm1' }), 'bob 1')) ?? 0;
    await csp.handedOut(message, 's1', 't1', 50);
    await csp.addWaiting(waiting({ kind: 'presence' }), 'presence 1');
    await csp.addWaiting(waiting({ session: 's2', kind: 'presence' }));
    await csp.removeSession('s1', { keepWaiting: ['message', 'report'] });
    assert.deepEqual(await csp.waiting('s3', mila), [
      { seq: message, ...waiting({ session: undefined, messageId: 'm1' }) },
    ]);
    assert.equal((await csp.waiting('s2', mila)).length, 2);
    const again = waiting({ session: undefined });
    assert.equal(await csp.addWaiting(again, 'bob 1'), undefined, 'the account has it already');
    assert.notEqual(await csp.addWaiting(again, 'presence 1'), undefined, 'what was dropped may come again');
  });

  test('what two sessions leave behind is kept once', async ({ csp }) => {
    await csp.addWaiting(waiting({ session: 's1' }), 'bob 1');
    await csp.addWaiting(waiting({ session: 's2' }), 'bob 1');
    await csp.addWaiting(waiting({ session: 's2' }), 'bob 2');
    await csp.removeSession('s1', { keepWaiting: ['message'] });
    await csp.removeSession('s2', { keepWaiting: ['message'] });
    assert.equal((await csp.waiting('s3', mila)).length, 2);
  });

  test('what one session acknowledged is not left behind by another', async ({ csp }) => {
    const shown = (await csp.addWaiting(waiting({ session: 's1' }), 'bob 1')) ?? 0;
    await csp.addWaiting(waiting({ session: 's2' }), 'bob 1');
    await csp.removeWaiting([shown]);
    await csp.removeSession('s1', { keepWaiting: ['message'] });
    await csp.removeSession('s2', { keepWaiting: ['message'] });
    assert.deepEqual(await csp.waiting('s3', mila), []);
  });

  test('what an ended session acknowledged is not shown to the next', async ({ csp }) => {
    const shown = (await csp.addWaiting(waiting({ session: 's1', createdAt: 1000 }), 'bob 1')) ?? 0;
    await csp.removeWaiting([shown]);
    await csp.removeSession('s1', { keepWaiting: ['message'] });
    assert.equal(await csp.addWaiting(waiting({ session: 's2', createdAt: 2000 }), 'bob 1'), undefined);
    assert.notEqual(await csp.addWaiting(waiting({ session: 's2', createdAt: 1000 + day }), 'bob 1'), undefined);
  });

  test('answers are kept per session and transaction, and age', async ({ csp }) => {
    const answer = { primitive: 'Status', request: 'digest', body: Uint8Array.of(0, 255, 1), at: 100 };
    assert.equal(await csp.answer('s1', 't1'), undefined);
    await csp.saveAnswer('s1', 't1', answer);
    await csp.saveAnswer('s1', 't2', { ...answer, at: 200 });
    await csp.saveAnswer('s2', 't1', { ...answer, body: new Uint8Array(), at: 200 });
    assert.deepEqual(await csp.answer('s1', 't1'), answer);
    assert.deepEqual(await csp.answer('s2', 't1'), { ...answer, body: new Uint8Array(), at: 200 });
    await csp.saveAnswer('s1', 't1', { ...answer, request: 'other', at: 150 });
    assert.deepEqual(await csp.answer('s1', 't1'), { ...answer, request: 'other', at: 150 });
    assert.deepEqual(await csp.lastAnswer('s1'), { ...answer, at: 200 });
    await csp.saveAnswer('s1', 't1', { ...answer, request: 'third', at: 201 });
    assert.equal((await csp.lastAnswer('s1'))?.request, 'third');
    assert.equal(await csp.lastAnswer('s3'), undefined);
    await csp.saveAnswer('s1', 't1', { ...answer, request: 'other', at: 150 });
    await csp.forgetAnswers(200);
    assert.equal(await csp.answer('s1', 't1'), undefined);
    assert.ok(await csp.answer('s1', 't2'));
    await csp.removeSession('s1', { keepWaiting: [] });
    assert.equal(await csp.answer('s1', 't2'), undefined);
    assert.ok(await csp.answer('s2', 't1'));
  });

  test('stanzas on their way out outlive their session', async ({ csp }) => {
    const stanza = { session: 's1', account: mila, stanza: '<message/>', createdAt: 5 };
    const first = await csp.addOutgoing(stanza);
    const second = await csp.addOutgoing({ ...stanza, stanza: '<iq/>' });
    await csp.addOutgoing({ ...stanza, account: anna });
    await csp.removeSession('s1', { keepWaiting: [] });
    assert.deepEqual(await csp.outgoing(mila), [
      { seq: first, ...stanza },
      { seq: second, ...stanza, stanza: '<iq/>' },
    ]);
    await csp.removeOutgoing([]);
    await csp.removeOutgoing([first]);
    assert.deepEqual(await csp.outgoing(mila), [{ seq: second, ...stanza, stanza: '<iq/>' }]);
    assert.ok((await csp.addOutgoing(stanza)) > second);
  });

  test('settings', async ({ csp }) => {
    assert.equal(await csp.setting(mila, 'lists'), undefined);
    await csp.setSetting(mila, 'lists', '[1]');
    await csp.setSetting(mila, 'lists', '[2]');
    await csp.setSetting(anna, 'lists', '[3]');
    assert.equal(await csp.setting(mila, 'lists'), '[2]');
    await csp.setSetting(mila, 'lists', undefined);
    assert.equal(await csp.setting(mila, 'lists'), undefined);
    assert.equal(await csp.setting(anna, 'lists'), '[3]');
  });

  test('the values that accounts have under one name, page by page', async ({ csp }) => {
    assert.deepEqual(await csp.settingsNamed('mood', { after: '', limit: 10 }), []);
    for (const [account, key] of [
      [mila, 'mood'],
      [anna, 'mood'],
      [anna, 'lists'],
      ['', 'mood'],
    ] as const)
      await csp.setSetting(account, key, `of ${account}`);
    const both = [
      { account: anna, value: `of ${anna}` },
      { account: mila, value: `of ${mila}` },
    ];
    assert.deepEqual(await csp.settingsNamed('mood', { after: '', limit: 10 }), both);
    assert.deepEqual(await csp.settingsNamed('mood', { after: '', limit: 1 }), both.slice(0, 1));
    assert.deepEqual(await csp.settingsNamed('mood', { after: anna, limit: 10 }), both.slice(1));
  });
};
