import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  Certificate,
  Extension,
  GeneralName,
  id_ce_subjectAltName,
  OtherName,
  SubjectAlternativeName,
} from '@peculiar/asn1-x509';
import { isFor, namesOf, peerCertificate, provesDomain } from './certificate.ts';
import { capulet, lenient } from './testing.ts';
import { formatTlsSession, parseTlsSession } from './tls-session.ts';

const raw = new X509Certificate(capulet.cert).raw;

/** DER of a short text: 12 is UTF8String, 22 IA5String. */
const derText = (tag: number, text: string): ArrayBuffer => {
  const octets = Buffer.from(text);
  return Uint8Array.from([tag, octets.length, ...octets]).buffer;
};
const xmppAddr = (text: string): GeneralName =>
  new GeneralName({ otherName: new OtherName({ typeId: '1.3.6.1.5.5.7.8.5', value: derText(12, text) }) });
const srvName = (text: string): GeneralName =>
  new GeneralName({ otherName: new OtherName({ typeId: '1.3.6.1.5.5.7.8.7', value: derText(22, text) }) });
const dns = (dNSName: string): GeneralName => new GeneralName({ dNSName });

/** A certificate with these names: its signature is wrong, but nobody looks at that here. */
const withNames = (...names: GeneralName[]): Uint8Array => {
  const certificate = AsnConvert.parse(raw, Certificate);
  const extnValue = new OctetString(AsnConvert.serialize(new SubjectAlternativeName(names)));
  const kept = (certificate.tbsCertificate.extensions ?? []).filter(({ extnID }) => extnID !== id_ce_subjectAltName);
  const added = new Extension({ extnID: id_ce_subjectAltName, critical: false, extnValue });
  certificate.tbsCertificate.extensions = Object.assign(certificate.tbsCertificate.extensions ?? [], kept);
  certificate.tbsCertificate.extensions.length = 0;
  certificate.tbsCertificate.extensions.push(...kept, added);
  return new Uint8Array(AsnConvert.serialize(certificate));
};

describe('whom a certificate is for', () => {
  const cases: [string, GeneralName[], string, boolean][] = [
    ['the name itself', [dns('Capulet.Example')], 'capulet.example', true],
    ['another name', [dns('montague.example')], 'capulet.example', false],
    ['a name below', [dns('capulet.example')], 'rooms.capulet.example', false],
    ['a wildcard for one label', [dns('*.capulet.example')], 'rooms.capulet.example', true],
    ['a wildcard is no name by itself', [dns('*.capulet.example')], 'capulet.example', false],
    ['a wildcard is one label only', [dns('*.capulet.example')], 'a.rooms.capulet.example', false],
    ['a wildcard within a label', [dns('r*.capulet.example')], 'rooms.capulet.example', false],
    ['a wildcard further in', [dns('rooms.*.example')], 'rooms.capulet.example', false],
    ['a wildcard for a whole top-level domain', [dns('*.example')], 'capulet.example', false],
    ['an internationalised name', [dns('xn--bcher-kva.example')], 'bücher.example', true],
    ['a wildcard below one', [dns('*.xn--bcher-kva.example')], 'rooms.bücher.example', true],
    ['xmppAddr', [xmppAddr('capulet.example')], 'capulet.example', true],
    ['xmppAddr, internationalised', [xmppAddr('bücher.example')], 'bücher.example', true],
    ['xmppAddr of a person', [xmppAddr('juliet@capulet.example')], 'capulet.example', false],
    ['xmppAddr has no wildcards', [xmppAddr('*.capulet.example')], 'rooms.capulet.example', false],
    ['SRVName of this service', [srvName('_xmpp-server.capulet.example')], 'capulet.example', true],
    ['SRVName of another service', [srvName('_xmpp-client.capulet.example')], 'capulet.example', false],
    ['SRVName has no wildcards', [srvName('_xmpp-server.*.example')], 'capulet.example', false],
    ['one of many', [dns('a.example'), srvName('_xmpp-server.b.example'), xmppAddr('c.example')], 'c.example', true],
    ['no names at all', [], 'capulet.example', false],
  ];
  for (const [what, names, domain, expected] of cases)
    test(what, () => assert.equal(isFor(namesOf(withNames(...names)), domain), expected));

  test('the common name counts for nothing', () => {
    assert.match(new X509Certificate(capulet.cert).subject, /CN=capulet\.example/);
    assert.equal(isFor(namesOf(withNames(dns('other.example'))), 'capulet.example'), false);
  });

  test('what cannot be read is for nobody', () => {
    assert.deepEqual(namesOf(Uint8Array.from([0x30, 0x03, 1, 2, 3])), { dns: [], srv: [], xmpp: [] });
    const odd = new OtherName({ typeId: '1.3.6.1.5.5.7.8.5', value: derText(4, 'capulet.example') });
    assert.equal(isFor(namesOf(withNames(new GeneralName({ otherName: odd }))), 'capulet.example'), false);
  });
});

describe('what proves a domain', () => {
  const trusted = peerCertificate(raw, true);
  const spki = new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' });
  const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

  test('an authority we trust, and the name', () => {
    assert.equal(provesDomain(trusted, 'capulet.example', lenient), 'valid');
    assert.equal(provesDomain(trusted, 'verona.example', lenient), undefined);
    assert.equal(provesDomain(peerCertificate(raw, false), 'capulet.example', lenient), undefined);
    assert.equal(provesDomain(undefined, 'capulet.example', lenient), undefined);
  });

  test('a pin proves whatever domain it was agreed on for, and nothing else does then', () => {
    const unknown = peerCertificate(raw, false);
    for (const pin of [sha256(spki), sha256(raw)])
      assert.equal(provesDomain(unknown, 'any.example', { ...lenient, pins: ['00', pin] }), 'pinned');
    assert.equal(provesDomain(trusted, 'capulet.example', { ...lenient, pins: ['00'] }), undefined);
    assert.equal(provesDomain(trusted, 'capulet.example', { ...lenient, pins: [] }), undefined);
  });
});

test('a TLS session is for the pair it was made for', () => {
  const pair = { local: 'a.example', remote: 'b.example' };
  const text = formatTlsSession(pair, Buffer.from('ticket'), raw);
  assert.deepEqual(parseTlsSession(pair, text), { session: Buffer.from('ticket'), certificate: raw });
  assert.equal(parseTlsSession({ local: 'b.example', remote: 'a.example' }, text), undefined);
  for (const other of [undefined, '', 'x', 'a.b.c', `${text}.x`]) assert.equal(parseTlsSession(pair, other), undefined);
});
