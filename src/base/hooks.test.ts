import assert from 'node:assert/strict';
import { test } from 'node:test';
import { add, decide, fold, Hooks, hear, judge, own, route, tell } from './hooks.ts';
import { type Log, silentLog } from './log.ts';

const mayPass = decide<{ to: string }, string>()('may-pass', ['block-list', 'quota']);
const features = fold<readonly string[], { tls: boolean }>()('features', ['security', 'rest']);
const gone = tell<string>()('gone', ['first', 'last']);
const iq = route<(id: number) => string>()('iq');

test('decide asks in phase order, whatever the order of use, and stops at the first answer', () => {
  const hooks = new Hooks(silentLog);
  const asked: string[] = [];
  hooks.use([
    judge(mayPass, 'quota', () => {
      asked.push('quota');
      return 'over quota';
    }),
  ]);
  hooks.use([
    judge(mayPass, 'block-list', ({ to }) => {
      asked.push('block-list');
      return to === 'mila' ? 'blocked' : undefined;
    }),
  ]);
  assert.equal(hooks.ask(mayPass, { to: 'mila' }), 'blocked');
  assert.equal(hooks.ask(mayPass, { to: 'anna' }), 'over quota');
  assert.deepEqual(asked, ['block-list', 'block-list', 'quota']);
});

test('fold adds in phase order', () => {
  const hooks = new Hooks(silentLog);
  hooks.use([
    add(features, 'rest', (value) => [...value, 'bind']),
    add(features, 'security', (value, { tls }) => (tls ? value : [...value, 'starttls'])),
  ]);
  assert.deepEqual(hooks.gather(features, [], { tls: false }), ['starttls', 'bind']);
});

test('tell runs the others when one listener fails, and logs which', () => {
  const lines: object[] = [];
  const log: Log = { ...silentLog, error: (fields) => void lines.push(fields) };
  const hooks = new Hooks(log);
  const heard: string[] = [];
  hooks.use([
    hear(gone, 'first', () => {
      throw new Error('broken');
    }),
    hear(gone, 'last', (who) => void heard.push(who)),
  ]);
  hooks.tell(gone, 'mila');
  assert.deepEqual(heard, ['mila']);
  assert.equal((lines[0] as { point: string }).point, 'gone');
});

test('a failing guard lets nothing through', () => {
  const hooks = new Hooks(silentLog);
  hooks.use([
    judge(mayPass, 'block-list', () => {
      throw new Error('store away');
    }),
  ]);
  assert.throws(() => hooks.ask(mayPass, { to: 'anna' }), /store away/);
});

test('a key has one owner, and disposing frees it', () => {
  const hooks = new Hooks(silentLog);
  const used = hooks.use([own(iq, 'ping', (id) => `pong ${id}`)]);
  assert.throws(() => hooks.use([own(iq, 'ping', () => '')]), /two owners/);
  assert.equal(hooks.owner(iq, 'ping')?.(7), 'pong 7');
  used[Symbol.dispose]();
  assert.equal(hooks.owner(iq, 'ping'), undefined);
});
