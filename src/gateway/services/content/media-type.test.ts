import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from './charset.ts';
import { fit } from './fit.ts';
import { canonical, fileName } from './media-type.ts';

const strange = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'];

test('a type or a charset may be called like anything that objects have', () => {
  for (const name of strange) {
    assert.equal(canonical(name), name);
    assert.equal(fileName(name), 'file.bin');
    assert.equal(decode(Buffer.from('a'), name), undefined);
  }
});

test('a file of such a type reaches the phone', async () => {
  const phone = { takes: () => true, lengthMax: () => 1000, pictures: [], pixelsMax: 100 };
  const pictures = { fit: () => assert.fail('no picture') };
  const octets = Buffer.from('abc');
  for (const type of [...strange, ...strange.map((name) => `text/plain; charset=${name}`)]) {
    const form = await fit({ type, octets }, phone, pictures);
    assert.deepEqual([form.ok, form.ok && form.value.info.ContentType], [true, type]);
  }
});
