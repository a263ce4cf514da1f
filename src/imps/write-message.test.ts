import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CspMessage } from './message.ts';
import type { Primitive } from './primitives.ts';
import { readMessage } from './read-message.ts';
import { CspWriteError } from './value-to-tree.ts';
import type { CspVersion } from './version.ts';
import { writeMessage } from './write-message.ts';

const message = (version: CspVersion, ...contents: Primitive[]): CspMessage => ({
  version,
  sessionType: 'Inband',
  sessionId: 's1',
  transactions: contents.map((content, at) => ({ mode: 'Response', id: `${at + 1}`, content })),
});
const text = (given: CspMessage): string => new TextDecoder().decode(writeMessage(given, 'xml'));
const inner = (version: CspVersion, content: Primitive): string =>
  /<TransactionContent[^>]*>(.*)<\/TransactionContent>/.exec(text(message(version, content)))?.[1] ?? '';

test('the envelope, whole: namespaces on three elements, Poll where the version has it', () => {
  const content: Primitive = {
    name: 'GetPresence-Response',
    Result: { Code: 200 },
    Presence: [{ UserID: 'u', PresenceSubList: [{}] }],
  };
  const transaction = (n: number, trc: string, pa: string, poll = '') =>
    `<Transaction><TransactionDescriptor><TransactionMode>Response</TransactionMode><TransactionID>${n}</TransactionID>${poll}` +
    `</TransactionDescriptor><TransactionContent xmlns="${trc}"><GetPresence-Response><Result><Code>200</Code></Result>` +
    `<Presence><UserID>u</UserID><PresenceSubList xmlns="${pa}"/></Presence></GetPresence-Response></TransactionContent></Transaction>`;
  const envelope = (csp: string, transactions: string, poll = '') =>
    `<?xml version="1.0" encoding="UTF-8"?><WV-CSP-Message xmlns="${csp}"><Session><SessionDescriptor><SessionType>Inband` +
    `</SessionType><SessionID>s1</SessionID></SessionDescriptor>${transactions}${poll}</Session></WV-CSP-Message>`;
  const wv = 'http://www.wireless-village.org/';
  const oma = 'http://www.openmobilealliance.org/DTD/';
  assert.equal(
    text({ ...message('1.1', content), poll: true }),
    envelope(`${wv}CSP1.1`, transaction(1, `${wv}TRC1.1`, `${wv}PA1.1`, '<Poll>T</Poll>')),
  );
  assert.equal(
    text({ ...message('1.2', content, content), poll: false }),
    envelope(
      `${oma}WV-CSP1.2`,
      transaction(1, `${oma}WV-TRC1.2`, `${oma}WV-PA1.2`) + transaction(2, `${oma}WV-TRC1.2`, `${oma}WV-PA1.2`),
      '<Poll>F</Poll>',
    ),
  );
  assert.equal(
    text(message('1.3', content)),
    envelope(`${oma}IMPS-CSP1.3`, transaction(1, `${oma}IMPS-TRC1.3`, `${oma}IMPS-PA1.3`)),
  );
});

test('one value serves several versions: what a version lacks is left out', () => {
  const list: Primitive = {
    name: 'ClientCapability-Response',
    ClientID: { URL: 'c' },
    CapabilityList: {
      ClientType: 'PDA',
      InitialDeliveryMethod: 'P',
      AnyContent: true,
      MultiTrans: 1,
      SupportedCIRMethod: ['STCP', 'SHTTP'],
    },
    AgreedCapabilityList: { SupportedCIRMethod: ['SHTTP'], CIRURL: { URL: 'u' }, CIRHTTPAddress: { URL: 'h' } },
  };
  assert.equal(
    inner('1.1', list),
    '<ClientCapability-Response><ClientID><URL>c</URL></ClientID><CapabilityList><ClientType>PDA</ClientType>' +
      '<InitialDeliveryMethod>P</InitialDeliveryMethod><AnyContent>T</AnyContent><MultiTrans>1</MultiTrans>' +
      '<SupportedCIRMethod>STCP</SupportedCIRMethod></CapabilityList></ClientCapability-Response>',
  );
  assert.equal(
    inner('1.2', list),
    '<ClientCapability-Response><AgreedCapabilityList><SupportedCIRMethod>SHTTP</SupportedCIRMethod><CIRURL><URL>u</URL></CIRURL>' +
      '</AgreedCapabilityList></ClientCapability-Response>',
  );
  assert.equal(
    inner('1.3', list),
    '<ClientCapability-Response><AgreedCapabilityList><CIRHTTPAddress><URL>h</URL></CIRHTTPAddress>' +
      '<SupportedCIRMethod>SHTTP</SupportedCIRMethod></AgreedCapabilityList></ClientCapability-Response>',
  );
});

test('repeatable in 1.3 only: 1.1 and 1.2 get the first', () => {
  const update: Primitive = {
    name: 'UpdatePresence-Request',
    PresenceSubList: { OnlineStatus: [{ Qualifier: true, PresenceValue: true, ClientID: { URL: 'a' } }, true] },
  };
  assert.match(
    inner('1.2', update),
    /<OnlineStatus><Qualifier>T<\/Qualifier><PresenceValue>T<\/PresenceValue><\/OnlineStatus><\/Pres/,
  );
  assert.match(inner('1.3', update), /<ClientID><URL>a<\/URL><\/ClientID><\/OnlineStatus><OnlineStatus\/>/);
});

test('octets travel as BASE64, controls that XML cannot hold as U+FFFD', () => {
  const sent = (ContentData: string | Uint8Array): Primitive => ({
    name: 'NewMessage',
    MessageInfo: { Recipient: {}, ContentSize: 3 },
    ContentData,
  });
  assert.match(inner('1.1', sent(Uint8Array.of(1, 2, 255))), /<ContentData>AQL\/<\/ContentData>/);
  assert.match(inner('1.1', sent('a\u0000b\u001bc')), /<ContentData>a\ufffdb\ufffdc<\/ContentData>/);
});

test('octets that a phone sent raw in WBXML are read as octets', () => {
  const written = writeMessage(
    message('1.1', { name: 'NewMessage', MessageInfo: { Recipient: {}, ContentSize: 3 }, ContentData: 'XYZ' }),
    'wbxml',
  );
  const at = written.findIndex((octet, i) => octet === 0x03 && written[i + 1] === 0x58 && written[i + 2] === 0x59);
  // STR_I "XYZ" NUL becomes OPAQUE of three octets.
  written.set([0xc3, 0x03, 0xff, 0x00, 0x80], at);
  const read = readMessage(written);
  assert.ok(read.ok);
  assert.deepEqual(read.value.message.transactions[0], {
    mode: 'Response',
    id: '1',
    content: {
      name: 'NewMessage',
      MessageInfo: { Recipient: {}, ContentSize: 3 },
      ContentData: Uint8Array.of(0xff, 0, 0x80),
    },
  });
});

test('a value that breaks the model is a mistake of ours', () => {
  const wrong: [CspVersion, unknown, RegExp][] = [
    ['1.1', { name: 'Status' }, /Status needs Result/],
    ['1.1', { name: 'Nonsense' }, /no primitive/],
    ['1.1', { name: 'GetMap-Request' }, /does not exist in CSP 1.1/],
    ['1.1', { name: 'Status', Result: { Code: -1 } }, /Code cannot hold/],
    ['1.1', { name: 'Status', Result: { Code: '200' } }, /Code cannot hold/],
    ['1.1', { name: 'RejectMessage-Request', MessageID: [] }, /one MessageID or more/],
    ['1.1', { name: 'RejectMessage-Request', MessageID: 'm' }, /must be an array/],
    ['1.1', { name: 'SetDeliveryMethod-Request', DeliveryMethod: 'X' }, /cannot hold/],
    ['1.1', { name: 'GetPresence-Request' }, /one of a choice/],
    ['1.1', { name: 'GetPresence-Request', User: [{ UserID: 'u' }], ContactList: ['l'] }, /two of a choice/],
    ['1.1', { name: 'Invite-Request', InviteID: 'i', InviteType: 'AP', Recipient: {} }, /AP does not exist in CSP 1.1/],
  ];
  for (const [version, content, complaint] of wrong)
    assert.throws(
      () => writeMessage(message(version, content as Primitive), 'xml'),
      (thrown) => thrown instanceof CspWriteError && complaint.test(thrown.message),
      String(complaint),
    );
});
