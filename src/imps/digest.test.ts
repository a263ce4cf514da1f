import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestBytes, provesPassword } from './digest.ts';

const nonce = '9c1d0b6e52f84a73a4b1';

test('the digests of a known nonce and password', () => {
  assert.equal(digestBytes('MD5', nonce, 'birch-lantern'), 'O+VRMmWI4X1ZXggJ/YNp1w==');
  assert.equal(digestBytes('SHA', nonce, 'birch-lantern'), 'A767pV96OFjITdycbcf3EchCHlY=');
});

test('BASE64 and hexadecimal digests are taken, others are not', () => {
  for (const scheme of ['MD5', 'SHA'] as const) {
    const good = digestBytes(scheme, nonce, 'birch-lantern');
    const hex = Buffer.from(good, 'base64').toString('hex');
    for (const given of [good, ` ${good}\n`, good.replace(/=+$/, ''), hex, hex.toUpperCase()])
      assert.ok(provesPassword(scheme, nonce, 'birch-lantern', given), given);
    for (const given of [
      '',
      '====',
      hex.slice(2),
      `${hex}00`,
      good.slice(4),
      'birch-lantern',
      digestBytes(scheme, 'x', 'birch-lantern'),
    ])
      assert.ok(!provesPassword(scheme, nonce, 'birch-lantern', given), given);
    assert.ok(!provesPassword(scheme, nonce, 'other', good));
  }
});

test('a password beyond ASCII: as ISO-8859-1 and as UTF-8; beyond Latin: as UTF-8', () => {
  assert.ok(provesPassword('MD5', 'n', 'é', digestBytes('MD5', 'n', 'é')));
  assert.ok(provesPassword('MD5', 'n', 'é', digestBytes('MD5', 'n', 'Ã©')));
  assert.ok(!provesPassword('MD5', 'n', 'e', digestBytes('MD5', 'n', 'é')));
  assert.ok(provesPassword('SHA', 'n', 'пароль', digestBytes('SHA', 'n', 'пароль')));
});
