// The vectors in vectors.txt, read and written; and what is refused.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isRefused } from '../message.ts';
import { readPts, writePts } from './message.ts';

const blocks = readFileSync(new URL('./vectors.txt', import.meta.url), 'utf8')
  .trim()
  .split(/\n\n+/)
  .slice(1);

for (const block of blocks) {
  const [title = '', text = '', session = '', value = '', ...more] = block.split('\n');
  test(title.slice(2), () => {
    assert.equal(more.length, 0);
    if (title.startsWith('# write:')) {
      const transactions = [
        { mode: 'Request', id: /\d+/.exec(text.slice(4))?.[0] ?? '', content: JSON.parse(value) },
      ] as const;
      assert.equal(writePts({ version: '1.2', sessionType: 'Inband', sessionId: session, transactions }), text);
      return;
    }
    const read = readPts(text);
    assert.ok(read.ok, JSON.stringify(read));
    const { message } = read.value;
    const [one] = message.transactions;
    assert.ok(one && !isRefused(one), JSON.stringify(one));
    assert.deepEqual(JSON.parse(JSON.stringify(one.content)), JSON.parse(value));
    assert.equal(message.sessionId ?? '-', session);
    if (title.startsWith('# read:')) return;
    assert.equal(writePts({ ...message, transactions: [one] }), text);
  });
}

test('a code nobody knows is refused with 501, a lacking element with 400, a version with an answer for it', () => {
  const read = (text: string) => {
    const message = readPts(text);
    if (!message.ok) return message.fault;
    const [one] = message.value.message.transactions;
    return one && isRefused(one) ? one.fault : one;
  };
  assert.deepEqual(read('WV12QQ5 SI=s'), { reason: 'unknown', code: 501, primitive: 'QQ', path: 'QQ' });
  assert.deepEqual(read('WV12MD5 SI=s'), {
    reason: 'missing',
    code: 400,
    primitive: 'MessageDelivered',
    path: 'MessageDelivered/MessageID',
  });
  assert.deepEqual(read('WV20LR5'), {
    reason: 'version',
    where: '20',
    answer: { version: '1.2', sessionType: 'Outband', transactionId: '5' },
    encoding: 'pts',
    contentType: 'application/vnd.wv.csp.sms',
  });
});

test('a parameter nobody knows is passed over, with a note', () => {
  const read = readPts('WV12MD5 SI=s MI=m QQ=1');
  assert.ok(read.ok);
  assert.deepEqual(read.value.notes, [{ kind: 'unknown', path: 'MessageDelivered', name: 'QQ' }]);
});

test('Disconnect answers a request that waits, and is a request of its own otherwise', () => {
  const mode = (isAwaited?: (id: string) => boolean) => {
    const read = readPts('WV11DI5 SI=s ST=200', { isAwaited });
    return read.ok ? read.value.message.transactions[0]?.mode : undefined;
  };
  assert.deepEqual([mode(), mode((id) => id === '5'), mode(() => false)], ['Request', 'Response', 'Request']);
});
