import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agree, type Servable } from './agree.ts';

const all: Servable = {
  STCP: { host: 'cir.test', port: 3717 },
  SUDP: { host: 'cir.test', port: 3718 },
  WAPUDP: true,
  WAPSMS: true,
  SSMS: { number: '46700' },
  SHTTP: { url: 'http://cir.test/cir/x' },
};

test('the form of each version, all methods', () => {
  const offered = ['WAPSMS', 'WAPUDP', 'STCP', 'SUDP', 'SSMS', 'SHTTP'];
  assert.deepEqual(agree(offered, '1.1', all), {
    methods: ['WAPSMS', 'WAPUDP', 'STCP', 'SUDP'],
    elements: { TCPAddress: 'cir.test', TCPPort: 3717 },
  });
  assert.deepEqual(agree(offered, '1.2', all), {
    methods: offered,
    elements: { TCPAddress: 'cir.test', TCPPort: 3717, CIRURL: { URL: 'http://cir.test/cir/x' } },
  });
  assert.deepEqual(agree(offered, '1.3', all), {
    methods: offered,
    elements: {
      TCPAddress: 'cir.test',
      TCPPort: 3717,
      UDPAddress: 'cir.test',
      UDPPort: 3718,
      CIRSMSAddress: '46700',
      CIRHTTPAddress: { URL: 'http://cir.test/cir/x' },
    },
  });
});

test('an address stands only with its method, and a method only where it can be served', () => {
  assert.deepEqual(agree(['SUDP', 'SHTTP'], '1.2', { ...all, SHTTP: undefined as never }), {
    methods: ['SUDP'],
    elements: {},
  });
  assert.deepEqual(agree(['STCP', 'SHTTP'], '1.2', {}), { methods: [], elements: {} });
  assert.deepEqual(agree(['SUDP'], '1.3', { SUDP: { port: 3717 } }), { methods: ['SUDP'], elements: {} });
});

test('what is offered twice or by an unknown name is passed over', () => {
  assert.deepEqual(agree(['STCP', 'PIGEON', 'STCP'], '1.2', all).methods, ['STCP']);
});

test('SHTTP never stands before STCP', () => {
  const orders = [
    [
      ['SHTTP', 'STCP'],
      ['STCP', 'SHTTP'],
    ],
    [
      ['SHTTP', 'WAPSMS', 'STCP', 'SUDP'],
      ['WAPSMS', 'STCP', 'SHTTP', 'SUDP'],
    ],
    [
      ['STCP', 'SSMS', 'SHTTP'],
      ['STCP', 'SSMS', 'SHTTP'],
    ],
    [
      ['SHTTP', 'SUDP'],
      ['SHTTP', 'SUDP'],
    ],
  ] as const;
  for (const [offered, agreed] of orders) assert.deepEqual(agree(offered, '1.2', all).methods, agreed);
});
