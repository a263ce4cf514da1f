import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allLeaves, namedLeaves, negotiate, treeOf } from './features.ts';
import { cspVersions } from './version.ts';

test('the tree of each version has the functions of that version', () => {
  assert.equal(allLeaves('1.1').length, 38);
  assert.ok(!allLeaves('1.1').includes('VRID'));
  assert.ok(allLeaves('1.2').includes('GETAUT') && allLeaves('1.2').includes('GETJU'));
  assert.ok(!allLeaves('1.3').includes('REACT') && allLeaves('1.3').includes('EXCON'));
  assert.ok(!allLeaves('1.3').includes('MF'));
});

test('a bare branch asks for all of it', () => {
  assert.deepEqual([...namedLeaves({ IMFeat: true }, '1.1')].length, 10);
  assert.deepEqual([...namedLeaves({ IMFeat: { IMReceiveFunc: { NEWM: true } } }, '1.1')], ['NEWM']);
  assert.deepEqual([...namedLeaves({ IMFeat: { MM: true } }, '1.2')], []);
  assert.deepEqual([...namedLeaves(undefined, '1.1')], []);
});

test('all granted: no Functions in the answer', () => {
  const served = new Set(allLeaves('1.2'));
  const { granted, response } = negotiate(
    {
      name: 'Service-Request',
      Functions: { WVCSPFeat: { IMFeat: true, PresenceFeat: true } },
      AllFunctionsRequest: false,
    },
    served,
    '1.2',
  );
  assert.deepEqual(response, { name: 'Service-Response' });
  assert.ok(granted.has('NEWM') && granted.has('GETPR') && !granted.has('CREAG'));
});

test('refused functions are named, whole branches by their root', () => {
  const served = new Set(['GCLI', 'CCLI', 'DCLI', 'MCLS', 'GETPR', 'UPDPR', 'NEWM']);
  const { granted, response } = negotiate(
    {
      name: 'Service-Request',
      ClientID: { URL: 'x' },
      Functions: {
        WVCSPFeat: { PresenceFeat: true, IMFeat: { IMReceiveFunc: { NEWM: true, NOTIF: true } }, GroupFeat: true },
      },
      AllFunctionsRequest: true,
    },
    served,
    '1.1',
  );
  assert.deepEqual([...granted].sort(), ['CCLI', 'DCLI', 'GCLI', 'GETPR', 'MCLS', 'NEWM', 'UPDPR']);
  assert.deepEqual(response, {
    name: 'Service-Response',
    ClientID: { URL: 'x' },
    Functions: {
      WVCSPFeat: {
        PresenceFeat: { PresenceAuthFunc: true, AttListFunc: true },
        IMFeat: { IMReceiveFunc: { NOTIF: true } },
        GroupFeat: true,
      },
    },
    AllFunctions: {
      WVCSPFeat: {
        PresenceFeat: { ContListFunc: true, PresenceDeliverFunc: true },
        IMFeat: { IMReceiveFunc: { NEWM: true } },
      },
    },
  });
});

test('no Functions asked: everything served is granted, nothing is called refused', () => {
  const { granted, response } = negotiate(
    { name: 'Service-Request', AllFunctionsRequest: true },
    new Set(['NEWM']),
    '1.2',
  );
  assert.deepEqual([...granted], ['NEWM']);
  assert.equal(response.Functions, undefined);
  assert.ok(response.AllFunctions);
});

test('the mandatory part of a branch that is not served at all is refused with its branch', () => {
  const ask = (WVCSPFeat: Parameters<typeof namedLeaves>[0] & {}) =>
    negotiate(
      { name: 'Service-Request', Functions: { WVCSPFeat }, AllFunctionsRequest: false },
      new Set(['GETSPI', 'NEWM']),
      '1.2',
    );
  const { response, granted } = ask({ FundamentalFeat: { MF: true }, IMFeat: { MM: true }, GroupFeat: { MG: true } });
  assert.deepEqual(response.Functions, { WVCSPFeat: { GroupFeat: true } });
  assert.deepEqual([...granted], []);
});

test('a root without branches asks for everything', () => {
  const { response, granted } = negotiate(
    { name: 'Service-Request', Functions: { WVCSPFeat: {} }, AllFunctionsRequest: false },
    new Set(allLeaves('1.1').filter((leaf) => leaf !== 'SRCH')),
    '1.1',
  );
  assert.deepEqual(response.Functions, { WVCSPFeat: { FundamentalFeat: { SearchFunc: { SRCH: true } } } });
  assert.equal(granted.size, allLeaves('1.1').length - 1);
});

test('a tree made of leaves names those leaves', () => {
  for (const version of cspVersions)
    fc.assert(
      fc.property(fc.subarray([...allLeaves(version)]), (leaves) => {
        const tree = treeOf(new Set(leaves), version);
        assert.deepEqual([...namedLeaves(tree, version)].sort(), [...leaves].sort());
      }),
      { numRuns: 50 },
    );
});
