import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressGuard } from './addresses.ts';

test('only the public network is gone to', () => {
  const mayGoTo = addressGuard([]);
  for (const address of ['93.184.216.34', '1.1.1.1', '::ffff:93.184.216.34', '2606:4700::1111', '2a00:1450:4001::1'])
    assert.equal(mayGoTo(address), true, address);
  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1%eth0',
    'ff02::1',
    'localhost',
    '',
  ])
    assert.equal(mayGoTo(address), false, address);
});

test('the operator may open private networks', () => {
  const mayGoTo = addressGuard(['10.0.0.0/8', '127.0.0.1', 'fd00::/8']);
  for (const address of ['10.9.8.7', '127.0.0.1', '::ffff:10.0.0.1', 'fd00::7'])
    assert.equal(mayGoTo(address), true, address);
  for (const address of ['127.0.0.2', '192.168.0.1', 'fe80::1']) assert.equal(mayGoTo(address), false, address);
});
