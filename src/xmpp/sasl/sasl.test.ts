// SCRAM by the vectors of RFC 5802 §5 and RFC 7677 §3, and by agreement of our two ends.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { systemRandom } from '../../base/random.ts';
import type { ChannelBindings } from './channel-binding.ts';
import { chooseMechanism } from './client.ts';
import { decodePayload, encodePayload, saslConditions, saslFailure, saslFailureOf } from './conditions.ts';
import { type Mechanism, mechanisms } from './mechanisms.ts';
import { formatPlain, parsePlain } from './plain.ts';
import { preparePassword } from './saslprep.ts';
import { ScramClient } from './scram-client.ts';
import { makeCredentials, makeScramKeys, provesPassword, type ScramHash, type ScramKeys } from './scram-keys.ts';
import { escapeName, parseClientFirst, unescapeName } from './scram-message.ts';
import { challenge, checkProof, readClientFirst } from './scram-server.ts';
import { SaslServer, type SaslStep } from './server.ts';

const vectors = [
  {
    source: 'RFC 5802 §5',
    hash: 'SHA-1',
    clientNonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverNonce: '3rfcNHYJY1ZVvWVs7j',
    salt: 'QSXCR+Q6sek8bf92',
    first: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    challenge: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    final: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    verifier: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    source: 'RFC 7677 §3',
    hash: 'SHA-256',
    clientNonce: 'rOprNGfwEbeRWgbNEkqO',
    serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    challenge: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    final: 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    verifier: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const;

for (const vector of vectors)
  test(`${vector.source}: every message, both ends`, async () => {
    const { hash } = vector;
    const client = new ScramClient({
      hash,
      name: 'user',
      password: 'pencil',
      nonce: vector.clientNonce,
      binding: undefined,
    });
    assert.equal(client.first, vector.first);
    const keys = await makeScramKeys(hash, 'pencil', Buffer.from(vector.salt, 'base64'), 4096);
    const offer = { hash, isPlus: false, wasPlusOffered: false, bindings: new Map() };
    const read = readClientFirst(vector.first, offer);
    assert.ok(read.ok);
    const challenged = challenge(read.value, keys, vector.serverNonce, offer);
    assert.equal(challenged.text, vector.challenge);
    assert.deepEqual(await client.answer(vector.challenge), { ok: true, value: vector.final });
    assert.deepEqual(checkProof(vector.final, challenged), { ok: true, value: vector.verifier });
    assert.deepEqual(client.verify(vector.verifier), { ok: true, value: undefined });
    assert.deepEqual(client.verify('v=AAAA'), { ok: false, fault: 'signature' });
    assert.deepEqual(client.verify('e=other-error'), { ok: false, fault: 'refused' });
  });

const bindings: ChannelBindings = new Map([['tls-exporter', new Uint8Array(32).fill(1)]]);
const domain = 'home.test';

/** A whole exchange between our two ends; `tamper` may change what goes over the wire. */
const exchange = async (options: {
  mechanism: Mechanism;
  name: string;
  password: string;
  known: readonly ScramKeys[] | undefined;
  offered?: readonly Mechanism[];
  clientBindings?: ChannelBindings;
  serverBindings?: ChannelBindings;
  tamper?: (text: string) => string;
}): Promise<string> => {
  const { mechanism, name, password, known, offered = mechanisms, tamper = (text) => text } = options;
  const server = new SaslServer(mechanism, {
    domain,
    offered,
    bindings: options.serverBindings ?? bindings,
    nonce: () => systemRandom.id(20),
    fakeSaltSecret: new Uint8Array(16),
    iterations: 4096,
  });
  const choice = chooseMechanism(
    { mechanisms: [mechanism, ...offered.filter((one) => one.endsWith('-PLUS'))], bindingTypes: [...bindings.keys()] },
    options.clientBindings ?? bindings,
    { mayShow: true, only: [mechanism] },
  );
  assert.ok(choice);
  const prepared = preparePassword(password);
  assert.ok(prepared.ok);
  const { hash, binding } = choice;
  const scram = hash && new ScramClient({ hash, name, password: prepared.value, nonce: systemRandom.id(20), binding });
  let step: SaslStep = server.respond(
    Buffer.from(tamper(scram ? scram.first : formatPlain({ authzid: undefined, name, password }))),
  );
  for (;;) {
    if (step.next === 'failure') return step.fault.condition;
    if (step.next === 'lookup') step = server.found(known && { keys: known });
    else if (step.next === 'check') step = server.checked(await provesPassword(step.keys, step.password));
    else if (step.next === 'success') {
      if (scram) assert.ok(scram.verify(step.data ?? '').ok);
      return `success ${step.account}`;
    } else {
      const answer = await scram?.answer(step.data);
      if (!answer?.ok) return `client: ${answer?.fault}`;
      step = server.respond(Buffer.from(tamper(answer.value)));
    }
  }
};

test('property: client and server agree for any password, and only for that one', async () => {
  const password = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((one) => preparePassword(one).ok);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...mechanisms), password, password, async (mechanism, one, other) => {
      const prepared = preparePassword(one);
      assert.ok(prepared.ok);
      const make = (hash: ScramHash) => makeScramKeys(hash, prepared.value, systemRandom.bytes(16), 10);
      const known = await Promise.all([make('SHA-1'), make('SHA-256')]);
      const right = await exchange({ mechanism, name: 'mila', password: one, known });
      assert.equal(right, `success mila@${domain}`);
      const otherPrepared = preparePassword(other);
      const isSame = otherPrepared.ok && otherPrepared.value === prepared.value;
      const wrong = await exchange({ mechanism, name: 'mila', password: other, known });
      assert.equal(wrong, isSame ? `success mila@${domain}` : 'not-authorized');
    }),
    { numRuns: 40 },
  );
});

describe('a server does not tell who exists', () => {
  const first = (name: string, secret = 0): string => {
    const server = new SaslServer('SCRAM-SHA-256', {
      domain,
      offered: mechanisms,
      bindings: new Map(),
      nonce: () => 'server',
      fakeSaltSecret: new Uint8Array(16).fill(secret),
      iterations: 10_000,
    });
    server.respond(Buffer.from(`n,,n=${name},r=client`));
    const step = server.found(undefined);
    assert.equal(step.next, 'challenge');
    return step.next === 'challenge' ? step.data : '';
  };

  test('an unknown name has a salt of its own, the same at every attempt', () => {
    assert.equal(first('nobody'), first('nobody'));
    assert.notEqual(first('nobody'), first('noone'));
    assert.notEqual(first('nobody'), first('nobody', 1));
    assert.match(first('nobody'), /^r=clientserver,s=[A-Za-z0-9+/]{22}==,i=10000$/);
    assert.equal(first('Nobody'), first('nobody')); // as it would be for somebody who exists
  });

  test('and fails where a wrong password fails, with the same word', async () => {
    const made = await makeCredentials('secret', systemRandom, 4096);
    assert.ok(made.ok);
    for (const mechanism of mechanisms)
      for (const known of [made.value, undefined])
        assert.equal(await exchange({ mechanism, name: 'mila', password: 'wrong', known }), 'not-authorized');
  });
});

describe('channel binding', () => {
  const exchangeWith = async (more: Partial<Parameters<typeof exchange>[0]>) => {
    const made = await makeCredentials('secret', systemRandom, 10);
    assert.ok(made.ok);
    return exchange({ mechanism: 'SCRAM-SHA-256-PLUS', name: 'mila', password: 'secret', known: made.value, ...more });
  };

  test('fails when the ends are not those of one TLS connection', async () => {
    assert.equal(await exchangeWith({}), 'success mila@home.test');
    const other: ChannelBindings = new Map([['tls-exporter', new Uint8Array(32).fill(2)]]);
    assert.equal(await exchangeWith({ clientBindings: other }), 'not-authorized');
  });

  test('a client that was not shown the -PLUS mechanisms is told of the downgrade', async () => {
    const tamper = (text: string) => text.replace(/^n,/, 'y,').replace('c=biws', 'c=eSws');
    assert.equal(await exchangeWith({ mechanism: 'SCRAM-SHA-256', tamper }), 'not-authorized');
    const offered: Mechanism[] = ['SCRAM-SHA-256'];
    assert.equal(await exchangeWith({ mechanism: 'SCRAM-SHA-256', offered }), 'success mila@home.test');
  });

  test('the choice: strongest first; y only where nothing was offered to bind by', () => {
    const choose = (names: string[], types?: string[], options = { mayShow: false }) =>
      chooseMechanism({ mechanisms: names, bindingTypes: types }, bindings, options);
    const all = [...mechanisms].reverse();
    assert.equal(choose(all, ['tls-exporter'])?.mechanism, 'SCRAM-SHA-256-PLUS');
    // Silence about types means tls-unique, which this connection does not have; and 'y' would be taken for an attack.
    assert.equal(choose(all)?.mechanism, 'SCRAM-SHA-256');
    assert.equal(choose(all)?.binding, undefined);
    assert.deepEqual(choose(all, ['tls-server-end-point'])?.mechanism, 'SCRAM-SHA-256');
    assert.equal(choose(all, ['tls-server-end-point'])?.binding, undefined);
    assert.equal(choose(['SCRAM-SHA-1'])?.binding, 'unsupported');
    assert.equal(choose(['PLAIN']), undefined);
    assert.equal(choose(['PLAIN'], undefined, { mayShow: true })?.mechanism, 'PLAIN');
  });
});

describe('what a stranger may send', () => {
  const start = (mechanism: Mechanism = 'SCRAM-SHA-256') =>
    new SaslServer(mechanism, {
      domain,
      offered: mechanisms,
      bindings,
      nonce: () => 'server',
      fakeSaltSecret: new Uint8Array(16),
      iterations: 4096,
    });
  const conditionOf = (step: SaslStep) => (step.next === 'failure' ? step.fault.condition : step.next);

  test('malformed first messages', () => {
    for (const text of ['', 'n,,', 'n,,n=,r=x', 'n,,n=a=b,r=x', 'p=tls-exporter,,n=a,r=x', 'x,,n=a,r=b', 'n,,n=a,r='])
      assert.equal(conditionOf(start().respond(Buffer.from(text))), 'malformed-request', text);
    assert.equal(conditionOf(start().respond(Uint8Array.of(0xff, 0xfe))), 'malformed-request');
    const plus = 'p=tls-unique,,n=a,r=x';
    assert.equal(conditionOf(start('SCRAM-SHA-256-PLUS').respond(Buffer.from(plus))), 'malformed-request');
  });

  test('somebody else’s authorization identity', () => {
    const other = `n,a=anna@${domain},n=mila,r=x`;
    assert.equal(conditionOf(start().respond(Buffer.from(other))), 'invalid-authzid');
    const own = `n,a=mila@${domain},n=mila,r=x`;
    assert.equal(conditionOf(start().respond(Buffer.from(own))), 'lookup');
    assert.equal(conditionOf(start('PLAIN').respond(Buffer.from('anna@home.test\0mila\0x'))), 'invalid-authzid');
  });

  test('property: any octets give a step, at any point', () => {
    fc.assert(
      fc.property(fc.constantFrom(...mechanisms), fc.array(fc.uint8Array({ maxLength: 60 })), (mechanism, messages) => {
        const server = start(mechanism);
        let step = server.respond(undefined);
        for (const message of messages) {
          step = step.next === 'lookup' ? server.found(undefined) : server.respond(message);
          assert.notEqual(step.next, 'success');
        }
      }),
    );
  });

  test('a nonce that is not ours, a proof of the wrong length', () => {
    const server = start();
    server.respond(Buffer.from('n,,n=mila,r=client'));
    server.found(undefined);
    const answer = server.respond(Buffer.from('c=biws,r=clientother,p=AAAA'));
    assert.equal(conditionOf(answer), 'malformed-request');
  });
});

test('names with commas and equals signs', () => {
  assert.equal(escapeName('a,b=c'), 'a=2Cb=3Dc');
  assert.equal(unescapeName('a=2Cb=3Dc'), 'a,b=c');
  assert.equal(unescapeName('a=2c'), undefined);
  assert.equal(parseClientFirst('n,,n=a=2Cb,r=x')?.name, 'a,b');
});

test('PLAIN messages', () => {
  assert.deepEqual(parsePlain('\0mila\0secret'), { authzid: undefined, name: 'mila', password: 'secret' });
  assert.deepEqual(parsePlain('m@x\0mila\0secret'), { authzid: 'm@x', name: 'mila', password: 'secret' });
  for (const text of ['', 'mila', '\0mila', '\0mila\0', '\0\0secret', '\0mila\0sec\0ret'])
    assert.equal(parsePlain(text), undefined, JSON.stringify(text));
});

test('passwords are prepared alike on both ends', () => {
  // RFC 4013 §3, as far as it is about passwords people have.
  assert.deepEqual(preparePassword('I\u00adX'), { ok: true, value: 'IX' });
  assert.deepEqual(preparePassword('user'), { ok: true, value: 'user' });
  assert.deepEqual(preparePassword('USER'), { ok: true, value: 'USER' });
  assert.deepEqual(preparePassword('\u00aa'), { ok: true, value: 'a' });
  assert.deepEqual(preparePassword('\u2168'), { ok: true, value: 'IX' });
  assert.deepEqual(preparePassword('\u0007'), { ok: false, fault: 'malformed' });
  assert.deepEqual(preparePassword('a\u00a0b'), { ok: true, value: 'a b' });
  assert.deepEqual(preparePassword(''), { ok: false, fault: 'malformed' });
  assert.deepEqual(preparePassword('x'.repeat(2000)), { ok: false, fault: 'malformed' });
});

test('a client is not made to burn its CPU', async () => {
  const client = new ScramClient({ hash: 'SHA-1', name: 'a', password: 'b', nonce: 'n', binding: undefined });
  assert.deepEqual(await client.answer('r=nx,s=AAAA,i=99999999'), { ok: false, fault: 'iterations' });
  assert.deepEqual(await client.answer('r=other,s=AAAA,i=4096'), { ok: false, fault: 'nonce' });
  assert.deepEqual(await client.answer('r=n,s=AAAA,i=4096'), { ok: false, fault: 'nonce' });
});

test('payloads and failures on the wire', () => {
  assert.equal(encodePayload(''), '=');
  assert.deepEqual(decodePayload('='), new Uint8Array(0));
  assert.equal(decodePayload('a b'), undefined);
  assert.equal(decodePayload('abc'), undefined);
  for (const condition of saslConditions)
    assert.deepEqual(saslFailureOf(saslFailure(condition, 'why')), { condition, text: 'why' });
});
