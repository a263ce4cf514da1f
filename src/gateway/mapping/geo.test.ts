import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromDms, toDms } from './geo.ts';

test('positions as the protocol writes them', () => {
  assert.equal(toDms(12.60625, 'latitude'), '12 36 22.5N');
  assert.equal(toDms(-35.404347777777, 'longitude'), '35 24 15.652W');
  assert.equal(toDms(-0.5, 'latitude'), '0 30 0S');
  assert.equal(fromDms('12 36 22.5N', 'latitude'), 12.60625);
  assert.equal(fromDms('59.3293', 'latitude'), 59.3293);
  for (const wrong of ['', 'north', '12 36 22.5E', '91 0 0N', '12 60 0N', '12 0 61N'])
    assert.equal(fromDms(wrong, 'latitude'), undefined);
});

test('a position survives within the precision of the text', () => {
  fc.assert(
    fc.property(fc.double({ min: -180, max: 180, noNaN: true }), (degrees) => {
      const back = fromDms(toDms(degrees, 'longitude'), 'longitude');
      assert.ok(back !== undefined && Math.abs(back - degrees) < 1e-6);
    }),
  );
});
