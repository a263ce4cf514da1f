import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familyOf, Gate } from './gate.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a family that fills its places holds up itself, and nobody else', async () => {
  const gate = new Gate(4, 2);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const start = (family: string, name: string): void =>
    void gate.run(family, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  for (const name of ['e1', 'e2', 'e3', 'e4']) start('evil', name);
  start('good', 'g1');
  await turn();
  assert.deepEqual(begun, ['e1', 'e2', 'g1']);
  start('good', 'g2');
  start('fine', 'f1');
  start('fine', 'f2');
  ends.get('e1')?.();
  await turn();
  assert.deepEqual(begun.slice(3), ['g2', 'e3'], 'in order, as far as there is room');
  for (const name of ['g1', 'g2', 'e2', 'e3']) {
    ends.get(name)?.();
    await turn();
  }
  assert.deepEqual(begun.slice(5).sort(), ['e4', 'f1', 'f2']);
  for (const end of ends.values()) end();
  await turn();
  start('good', 'g3');
  await turn();
  assert.equal(begun.at(-1), 'g3');
});

test('work that fails leaves its place', async () => {
  const gate = new Gate(1, 1);
  await assert.rejects(gate.run('a', () => Promise.reject(new Error('no'))));
  assert.equal(await gate.run('a', async () => 'in'), 'in');
});

test('families', () => {
  assert.deepEqual(['a.b.evil.example', 'evil.example', 'ship', '192.0.2.1', '[2001:db8::1]'].map(familyOf), [
    'evil.example',
    'evil.example',
    'ship',
    '192.0.2.1',
    '[2001:db8::1]',
  ]);
});
