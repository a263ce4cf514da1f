// Offline messages, private data, block lists, sign-ins, device passwords.

import assert from 'node:assert/strict';
import type { StoreTest } from '../conformance.ts';
import { account, anna, mila, signIn } from './samples.ts';

export const keptConformance = (test: StoreTest): void => {
  test('messages are kept in order of arrival, up to the quota', async ({ messages }) => {
    const first = await messages.keep(mila, '<message id="1"/>', 10, 2);
    const second = await messages.keep(mila, '<message id="2"/>', 20, 2);
    assert.ok(first !== undefined && second !== undefined && first < second);
    assert.equal(await messages.keep(mila, '<message id="3"/>', 30, 2), undefined);
    assert.equal(await messages.count(mila), 2);
    assert.notEqual(await messages.keep(anna, '<message/>', 30, 2), undefined, 'quotas are per account');
    assert.deepEqual(await messages.list(mila, 0, 10), [
      { seq: first, stanza: '<message id="1"/>', receivedAt: 10 },
      { seq: second, stanza: '<message id="2"/>', receivedAt: 20 },
    ]);
    assert.deepEqual(
      (await messages.list(mila, first, 10)).map(({ seq }) => seq),
      [second],
    );
    assert.deepEqual(
      (await messages.list(mila, 0, 1)).map(({ seq }) => seq),
      [first],
    );
  });

  test('the last place in a quota is given once', async ({ messages }) => {
    const kept = await Promise.all(Array.from({ length: 20 }, (_, n) => messages.keep(mila, `<m n="${n}"/>`, n, 7)));
    assert.equal(kept.filter((seq) => seq !== undefined).length, 7);
    assert.equal(await messages.count(mila), 7);
  });

  test('messages are kept up to so many octets', async ({ messages }) => {
    // Two octets a letter.
    const text = '<m>éé</m>';
    assert.notEqual(await messages.keep(mila, text, 10, 9, 22), undefined);
    assert.equal(await messages.keep(mila, text, 20, 9, 21), undefined);
    assert.notEqual(await messages.keep(mila, text, 30, 9, 22), undefined);
    assert.equal(await messages.keep(mila, text, 40, 9, 32), undefined);
    assert.notEqual(await messages.keep(anna, text, 50, 9, 22), undefined, 'quotas are per account');
  });

  test('only the owner drops a message, and its number is not used again', async ({ messages }) => {
    const seq = (await messages.keep(mila, '<message/>', 10, 5)) ?? 0;
    await messages.drop(anna, [seq]);
    assert.equal(await messages.count(mila), 1);
    await messages.drop(mila, []);
    await messages.drop(mila, [seq, seq + 1000]);
    assert.equal(await messages.count(mila), 0);
    assert.ok(((await messages.keep(mila, '<message/>', 10, 5)) ?? 0) > seq);
  });

  test('any text survives', async ({ messages, privateData }) => {
    const text = 'ěščř 👩‍🚀 \u0000 \u{10ffff} "quoted" \r\n end';
    await messages.keep(mila, text, 1, 5);
    assert.equal((await messages.list(mila, 0, 1))[0]?.stanza, text);
    await privateData.set(mila, text, text);
    assert.equal(await privateData.get(mila, text), text);
  });

  test('private data is one text per key, and its size is known in octets', async ({ privateData }) => {
    assert.equal(await privateData.size(mila), 0);
    await privateData.set(mila, 'key', 'příliš');
    await privateData.set(mila, 'other', 'x');
    await privateData.set(anna, 'key', 'hers');
    assert.equal(await privateData.get(mila, 'key'), 'příliš');
    assert.equal(await privateData.size(mila), 3 + 9 + 5 + 1);
    await privateData.set(mila, 'key', 'short');
    await privateData.set(mila, 'other', undefined);
    assert.equal(await privateData.get(mila, 'other'), undefined);
    assert.equal(await privateData.size(mila), 3 + 5);
    assert.equal(await privateData.get(anna, 'key'), 'hers');
  });

  test('block lists hold each entry once', async ({ blocks }) => {
    await blocks.add(mila, ['spam.test', 'bob@x.test/phone', 'spam.test']);
    await blocks.add(mila, ['spam.test', 'a@x.test']);
    await blocks.add(anna, ['spam.test']);
    assert.deepEqual(await blocks.list(mila), ['a@x.test', 'bob@x.test/phone', 'spam.test']);
    await blocks.remove(mila, []);
    await blocks.remove(mila, ['a@x.test', 'unknown.test']);
    assert.deepEqual(await blocks.list(mila), ['bob@x.test/phone', 'spam.test']);
    await blocks.remove(mila);
    assert.deepEqual(await blocks.list(mila), []);
    assert.deepEqual(await blocks.list(anna), ['spam.test']);
  });

  test(
    'sign-ins are listed newest first, the oldest are forgotten',
    async ({ signIns }) => {
      await signIns.add(signIn({ at: 1 }));
      await signIns.add(signIn({ at: 2, outcome: 'failed', code: 409, reason: 'wrong password' }));
      await signIns.add(signIn({ at: 3, address: anna }));
      await signIns.add(signIn({ at: 4 }));
      const times = async (filter: Parameters<typeof signIns.list>[0]): Promise<number[]> =>
        (await signIns.list(filter)).map(({ at }) => at);
      assert.deepEqual(await times({ limit: 10 }), [4, 3, 2]);
      assert.deepEqual(await times({ limit: 1 }), [4]);
      assert.deepEqual(await times({ address: mila, limit: 10 }), [4, 2]);
      assert.deepEqual(await signIns.list({ outcome: 'failed', limit: 10 }), [
        signIn({ at: 2, outcome: 'failed', code: 409, reason: 'wrong password' }),
      ]);
    },
    { signInsMax: 3 },
  );

  test('what a stranger says at sign-in is kept short', async ({ signIns }) => {
    await signIns.add(signIn({ userAgent: `${'x'.repeat(299)}👩${'x'.repeat(10_000)}` }));
    const [kept] = await signIns.list({ limit: 1 });
    assert.equal(kept?.userAgent, `${'x'.repeat(299)}\ufffd`);
  });

  test('device passwords, and what a rotation has left to do', async ({ accounts, devicePasswords }) => {
    await accounts.create(account(mila));
    assert.equal(await devicePasswords.get(mila), undefined);
    await devicePasswords.set(mila, 'old', Uint8Array.of(1, 2, 3));
    await devicePasswords.set(anna, 'old', Uint8Array.of(4));
    await devicePasswords.set('bob@prosody.test', 'new', Uint8Array.of(5));
    assert.deepEqual(await devicePasswords.get(mila), { keyId: 'old', sealed: Uint8Array.of(1, 2, 3) });
    assert.deepEqual(await devicePasswords.sealedUnderOther('new', 10), [anna, mila]);
    assert.deepEqual(await devicePasswords.sealedUnderOther('new', 1), [anna]);
    await devicePasswords.set(anna, 'new', Uint8Array.of(6));
    assert.deepEqual(await devicePasswords.sealedUnderOther('new', 10), [mila]);
    assert.equal(await devicePasswords.remove(mila), true);
    assert.equal(await devicePasswords.remove(mila), false);
  });
};
