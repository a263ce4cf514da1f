// Certificates of servers that connect to us, by what they were issued for and by whom.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from 'selfsigned';
import { until } from '../stream/testing.ts';
import { certificateFor, connect, contextOf, lenient, montague, serverCertificateFor, strict } from './testing.ts';
import { s2sTlsContext } from './tls.ts';

const proofOf = async (pems: { cert: string; key: string }, hints = {}): Promise<string | undefined> => {
  const link = connect({ secureContext: contextOf(pems), policy: { ...strict, allowsDialback: true }, hints });
  await until('authenticated', () => link.atIn.happened.length > 0 && link.out.state !== 'negotiating');
  await until('a ticket', () => link.atOut.hints?.tlsSession !== undefined);
  Object.assign(hints, { tlsSession: link.atOut.hints?.tlsSession });
  await link.out.close();
  return link.atIn.happened[0]?.split(' ')[2];
};

test('a certificate for servers only, as public authorities issue them, will do; also in a TLS session gone on with', async () => {
  const pems = await serverCertificateFor('capulet.example');
  const hints = {};
  assert.equal(await proofOf(pems, hints), 'external');
  assert.equal(await proofOf(pems, hints), 'external');
});

test('one for servers only that nobody stands behind will not', async () => {
  const made = await generate([{ name: 'commonName', value: 'capulet.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'capulet.example' }] },
    ],
  });
  const hints = {};
  assert.equal(await proofOf({ cert: made.cert, key: made.private }, hints), 'dialback');
  assert.equal(await proofOf({ cert: made.cert, key: made.private }, hints), 'dialback');
});

test('nor will one that another certificate has signed which is no authority', async () => {
  const between = await certificateFor('montague.example');
  const made = await generate([{ name: 'commonName', value: 'capulet.example' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: between.key, cert: between.cert },
    extensions: [
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'capulet.example' }] },
    ],
  });
  assert.equal(await proofOf({ cert: `${made.cert}\n${between.cert}`, key: made.private }), 'dialback');
});

for (const [use, proof] of [
  ['serverAuth', 'external'],
  ['emailProtection', 'dialback'],
] as const)
  test(`nor one that was signed with what an authority set aside for something else: ${use}`, async () => {
    const sign = (name: string, extensions: object[], by?: { readonly cert: string; readonly private: string }) =>
      generate([{ name: 'commonName', value: name }], {
        keyType: 'ec',
        algorithm: 'sha256',
        ...(by && { ca: { key: by.private, cert: by.cert } }),
        extensions: extensions as never,
      });
    const maySign = [
      { name: 'basicConstraints', cA: true },
      { name: 'keyUsage', keyCertSign: true },
    ];
    const top = await sign('Another Authority', maySign);
    const between = await sign('Set Aside', [...maySign, { name: 'extKeyUsage', [use]: true }], top);
    const made = await sign(
      'capulet.example',
      [
        { name: 'extKeyUsage', serverAuth: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'capulet.example' }] },
      ],
      between,
    );
    const trusting = s2sTlsContext({ ...montague, ca: [top.cert] });
    const link = connect(
      { secureContext: contextOf({ cert: `${made.cert}\n${between.cert}`, key: made.private }) },
      { secureContextFor: () => trusting, policyFor: () => lenient },
    );
    await until('authenticated', () => link.atIn.happened.length > 0);
    assert.equal(link.atIn.happened[0]?.split(' ')[2], proof);
    await link.out.close();
  });

test('nor one of the authority for another domain', async () => {
  const link = connect(
    { secureContext: contextOf(await serverCertificateFor('verona.example')) },
    { policyFor: () => lenient },
  );
  await until('authenticated', () => link.atIn.happened.length > 0);
  assert.match(link.atIn.happened[0] ?? '', /dialback$/);
  await link.out.close();
});
