import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CspMessage, isRefused, type Received, type RefusedTransaction, type Transaction } from './message.ts';
import { samplePrimitive } from './model/sample.ts';
import type { PrimitiveOf } from './primitives.ts';
import { defaultMessageLimits, readMessage } from './read-message.ts';
import { writeMessage } from './write-message.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const taken = (text: string | Uint8Array, contentType?: string, options = {}): Received => {
  const read = readMessage(typeof text === 'string' ? bytes(text) : text, contentType, options);
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
};
const fault = (text: string | Uint8Array, contentType?: string, options = {}) => {
  const read = readMessage(typeof text === 'string' ? bytes(text) : text, contentType, options);
  assert.ok(!read.ok, JSON.stringify(read));
  return read.fault;
};
const ns11 = 'xmlns="http://www.wireless-village.org/CSP1.1"';
const wrap = (content: string, { root = ns11, id = '7', mode = 'Request', session = '' } = {}): string =>
  `<WV-CSP-Message ${root}><Session><SessionDescriptor><SessionType>Inband</SessionType><SessionID>s1</SessionID></SessionDescriptor>` +
  `<Transaction><TransactionDescriptor><TransactionMode>${mode}</TransactionMode><TransactionID>${id}</TransactionID>` +
  `</TransactionDescriptor><TransactionContent>${content}</TransactionContent></Transaction>${session}</Session></WV-CSP-Message>`;
const only = (received: Received): Transaction => {
  const [first] = received.message.transactions;
  assert.ok(first && !isRefused(first), JSON.stringify(first));
  return first;
};
const refused = (received: Received): RefusedTransaction => {
  const [first] = received.message.transactions;
  assert.ok(first && isRefused(first), JSON.stringify(first));
  return first;
};

test('the version: by the root namespace, else the Content-Type, else the session, else 1.2', () => {
  const rows: [string, string | undefined, object, string][] = [
    ['xmlns="http://www.wireless-village.org/CSP1.1"', undefined, {}, '1.1'],
    ['xmlns="http://www.wireless-village.org/CSP1.0"', undefined, {}, '1.1'],
    ['xmlns="http://www.openmobilealliance.org/DTD/WV-CSP1.2"', undefined, {}, '1.2'],
    ['xmlns="http://www.openmobilealliance.org/WV-CSP1.2"', undefined, {}, '1.2'],
    ['xmlns="http://www.openmobilealliance.org/DTD/IMPS-CSP1.3"', 'application/vnd.wv.csp.xml', {}, '1.3'],
    ['', 'application/vnd.wv.csp+xml', {}, '1.3'],
    ['', 'application/vnd.wv.csp.xml', { version: '1.1' }, '1.1'],
    ['xmlns="urn:odd"', undefined, {}, '1.2'],
    ['', undefined, {}, '1.2'],
  ];
  for (const [root, type, options, version] of rows)
    assert.equal(taken(wrap('<Logout-Request/>', { root }), type, options).message.version, version, root);
});

test('WBXML: the root namespace goes before the public id; 1.0 is 1.1', () => {
  const message: CspMessage = {
    version: '1.2',
    sessionType: 'Inband',
    sessionId: 's1',
    transactions: [{ mode: 'Request', id: '1', content: { name: 'Logout-Request' } }],
  };
  const octets = writeMessage(message, 'wbxml');
  assert.deepEqual([...octets.subarray(0, 3)], [0x03, 0x11, 0x6a]);
  octets[1] = 0x10;
  assert.equal(taken(octets).message.version, '1.2');
});

test('a version that we do not speak can be answered 505 in the nearest one', () => {
  const { reason, answer, contentType } = fault(
    wrap('<Logout-Request/>', { root: 'xmlns="http://www.openmobilealliance.org/DTD/IMPS-CSP1.4"' }),
  );
  assert.equal(reason, 'version');
  assert.equal(contentType, 'application/vnd.wv.csp+xml');
  assert.deepEqual(answer, { version: '1.3', sessionType: 'Inband', sessionId: 's1', transactionId: '7' });
});

test('the encoding is told by its octets, whatever the Content-Type says', () => {
  const xml = wrap('<Logout-Request/>');
  const { message } = taken(xml);
  const wbxml = writeMessage(message as CspMessage, 'wbxml');
  assert.equal(taken(wbxml, 'text/plain').encoding, 'wbxml');
  assert.equal(taken(wbxml, 'application/vnd.wv.csp.xml').encoding, 'wbxml');
  for (const start of [
    '',
    '\ufeff',
    ' \r\n',
    '<?xml version="1.0"?>',
    '\ufeff<?xml version="1.0" encoding="utf-8" ?>\n',
  ])
    assert.equal(taken(start + xml, 'application/vnd.wv.csp.wbxml').encoding, 'xml');
});

test('the answer goes out under the type of the request, without parameters, where that fits', () => {
  const xml = wrap('<Logout-Request/>');
  assert.equal(taken(xml, 'Application/XML; charset=utf-8').contentType, 'application/xml');
  assert.equal(taken(xml, 'application/vnd.wv.csp.wbxml').contentType, 'application/vnd.wv.csp.xml');
  assert.equal(taken(xml).contentType, 'application/vnd.wv.csp.xml');
  const root = 'xmlns="http://www.openmobilealliance.org/DTD/IMPS-CSP1.3"';
  assert.equal(taken(wrap('<Logout-Request/>', { root })).contentType, 'application/vnd.wv.csp+xml');
});

test('character encodings: declared, by byte order mark, by HTTP', () => {
  const xml = (decl: string) => `${decl}${wrap('<Login-Request><UserID>jörg</UserID></Login-Request>')}`;
  const user = (received: Received) => (only(received).content as PrimitiveOf<'Login-Request'>).UserID;
  assert.equal(user(taken(Buffer.from(xml('<?xml version="1.0" encoding="ISO-8859-1"?>'), 'latin1'))), 'jörg');
  assert.equal(user(taken(Buffer.from(xml(''), 'latin1'), 'text/xml; charset="iso-8859-1"')), 'jörg');
  assert.equal(user(taken(Buffer.from(`\ufeff${xml('<?xml version="1.0" encoding="UTF-16"?>')}`, 'utf16le'))), 'jörg');
  assert.equal(fault(Buffer.from(xml(''), 'latin1')).reason, 'syntax');
  assert.equal(fault(bytes(xml('<?xml version="1.0" encoding="klingon"?>'))).reason, 'syntax');
});

test('a DOCTYPE is passed over; with an internal subset, or an entity, it is refused', () => {
  const xml = wrap('<Logout-Request/>');
  only(taken(`<!DOCTYPE WV-CSP-Message PUBLIC "-//OMA//DTD WV-CSP 1.1//EN" "http://x/WV-CSP.XML">${xml}`));
  assert.equal(fault(`<!DOCTYPE WV-CSP-Message [<!ENTITY a "b">]>${xml}`).reason, 'syntax');
  assert.equal(fault(wrap('<Login-Request><UserID>&a;</UserID></Login-Request>')).reason, 'syntax');
});

test('children in any order, aliases, other namespaces, unknown elements: taken, and noted', () => {
  const received = taken(
    `<w:WV-CSP-Message xmlns:w="http://www.openmobilealliance.org/DTD/WV-CSP1.2" xmlns:xsd="urn:xsd"><w:Session><w:Transaction>
      <w:TransactionContent><BlockUser-Request xmlns="urn:other" hue="red"><Sparkle><Glitter/></Sparkle>
        <GrantList><AddList><UserID> wv:b </UserID></AddList><InUse>t</InUse></GrantList>
        <BlockList><InUse/></BlockList></BlockUser-Request></w:TransactionContent>
      <w:TransactionDescriptor><w:TransactionID>1</w:TransactionID></w:TransactionDescriptor></w:Transaction>
      <w:SessionDescriptor><w:SessionID>s1</w:SessionID></w:SessionDescriptor></w:Session></w:WV-CSP-Message>`,
  );
  assert.deepEqual(received.message, {
    version: '1.2',
    sessionType: 'Inband',
    sessionId: 's1',
    transactions: [
      {
        mode: 'Request',
        id: '1',
        content: {
          name: 'BlockEntity-Request',
          GrantList: { AddList: { UserID: ['wv:b'] }, InUse: true },
          BlockList: {},
        },
      },
    ],
    poll: undefined,
    cir: undefined,
  });
  assert.deepEqual(received.notes, [
    { kind: 'attribute', path: 'BlockEntity-Request', name: 'hue' },
    { kind: 'unknown', path: 'BlockEntity-Request', name: 'Sparkle' },
    { kind: 'value', path: 'BlockEntity-Request/BlockList', name: 'InUse' },
  ]);
});

test('values are read leniently', () => {
  const search = (inner: string) =>
    only(taken(wrap(`<Search-Request>${inner}</Search-Request>`))).content as PrimitiveOf<'Search-Request'>;
  assert.deepEqual(search('<SearchLimit> 050 </SearchLimit><SearchIndex>-1</SearchIndex>'), {
    name: 'Search-Request',
    SearchLimit: 50,
  });
  assert.deepEqual(
    search('<SearchPairList><SearchString>a</SearchString><SearchElement>user_id</SearchElement></SearchPairList>')
      .SearchPairList,
    [{ SearchPair: [{ SearchString: 'a', SearchElement: 'USER_ID' }] }],
  );
  const presence = (inner: string) =>
    (
      only(taken(wrap(`<UpdatePresence-Request><PresenceSubList>${inner}</PresenceSubList></UpdatePresence-Request>`)))
        .content as PrimitiveOf<'UpdatePresence-Request'>
    ).PresenceSubList;
  assert.deepEqual(
    presence(
      '<UserAvailability><Qualifier>TRUE</Qualifier><PresenceValue>NOTAVAILABLE</PresenceValue></UserAvailability>',
    ),
    {
      UserAvailability: { Qualifier: true, PresenceValue: 'NOT_AVAILABLE' },
    },
  );
  assert.deepEqual(presence('<OnlineStatus/><StatusText><Qualifier>F</Qualifier></StatusText>'), {
    OnlineStatus: [true],
    StatusText: { Qualifier: false },
  });
});

test('digest schemes: one element with commas, or one each', () => {
  const schemes = (inner: string) =>
    (
      only(taken(wrap(`<Login-Request><UserID>a</UserID>${inner}</Login-Request>`)))
        .content as PrimitiveOf<'Login-Request'>
    ).DigestSchema;
  assert.deepEqual(schemes('<DigestSchema>PWD,SHA, md5</DigestSchema>'), ['PWD', 'SHA', 'md5']);
  assert.deepEqual(schemes('<DigestSchema>SHA</DigestSchema><DigestSchema>MD5</DigestSchema>'), ['SHA', 'MD5']);
});

test('1.3 pairs with and without their tag, several without', () => {
  const root = 'xmlns="http://www.openmobilealliance.org/DTD/IMPS-CSP1.3"';
  const pair = '<SearchElement>USER_ID</SearchElement><SearchString>a</SearchString>';
  const lists = (inner: string) =>
    (
      only(taken(wrap(`<Search-Request><SearchPairList>${inner}</SearchPairList></Search-Request>`, { root })))
        .content as PrimitiveOf<'Search-Request'>
    ).SearchPairList;
  const one = { SearchElement: 'USER_ID', SearchString: 'a' };
  assert.deepEqual(lists(`<SearchPair>${pair}</SearchPair>`), [{ SearchPair: [one] }]);
  assert.deepEqual(lists(pair + pair), [{ SearchPair: [one, one] }]);
  assert.equal(
    refused(
      taken(
        wrap('<Search-Request><SearchPairList><SearchString>a</SearchString></SearchPairList></Search-Request>', {
          root,
        }),
      ),
    ).fault.path,
    'Search-Request/SearchPairList/SearchElement',
  );
});

test('ClientID as plain text, AcceptedContentType as text or structure', () => {
  const capability = (inner: string) =>
    only(taken(wrap(`<ClientCapability-Request>${inner}</ClientCapability-Request>`)))
      .content as PrimitiveOf<'ClientCapability-Request'>;
  assert.deepEqual(capability('<ClientID>abc</ClientID>').ClientID, { URL: 'abc' });
  for (const type of ['text/plain', '<ContentType>text/plain</ContentType>'])
    assert.deepEqual(
      capability(`<CapabilityList><AcceptedContentType>${type}</AcceptedContentType></CapabilityList>`).CapabilityList,
      {
        AcceptedContentType: [{ ContentType: 'text/plain' }],
      },
    );
});

test('Poll is found in the transaction and in the session', () => {
  assert.equal(taken(wrap('<Logout-Request/>', { session: '<Poll>T</Poll><CIR>F</CIR>' })).message.poll, true);
  const inner = wrap('<Logout-Request/>').replace('</TransactionDescriptor>', '<Poll>T</Poll></TransactionDescriptor>');
  assert.equal(taken(inner).message.poll, true);
});

test('ExtBlock is kept, in both encodings', () => {
  const message: CspMessage = {
    version: '1.2',
    sessionType: 'Inband',
    sessionId: 's1',
    transactions: [
      {
        mode: 'Request',
        id: '1',
        content: { name: 'Logout-Request' },
        extensions: [{ name: 'APIClient', xmlns: 'urn:nokia', children: [], text: 'app' }],
      },
    ],
  };
  for (const encoding of ['xml', 'wbxml'] as const) {
    const [extension] = only(taken(writeMessage(message, encoding))).extensions ?? [];
    assert.deepEqual([extension?.name, extension?.text], ['APIClient', 'app'], encoding);
  }
});

test('one transaction that cannot be read leaves the others alone', () => {
  const two = wrap('<Frobnicate/>').replace(
    '</Session>',
    '<Transaction><TransactionDescriptor><TransactionMode>Request</TransactionMode><TransactionID>8</TransactionID></TransactionDescriptor><TransactionContent><GetList-Request/></TransactionContent></Transaction></Session>',
  );
  const { message } = taken(two);
  assert.equal(message.sessionId, 's1');
  assert.deepEqual(message.transactions, [
    { mode: 'Request', id: '7', fault: { reason: 'unknown', code: 501, primitive: 'Frobnicate', path: 'Frobnicate' } },
    { mode: 'Request', id: '8', content: { name: 'GetList-Request' } },
  ]);
});

test("another version's primitive is taken where Status can answer it", () => {
  const verify = taken(wrap('<VerifyID-Request><IDList/></VerifyID-Request>'));
  assert.equal(only(verify).content.name, 'VerifyID-Request');
  assert.deepEqual(verify.notes, [{ kind: 'version', path: '', name: 'VerifyID-Request' }]);
  assert.equal(
    refused(taken(wrap('<GetJoinedUsers-Request><GroupID>g</GroupID></GetJoinedUsers-Request>'))).fault.code,
    501,
  );
});

test('what is missing or wrong is named', () => {
  const rows: [string, number, string][] = [
    ['', 400, 'TransactionContent'],
    ['<GetMessage-Request/>', 400, 'GetMessage-Request/MessageID'],
    ['<RejectMessage-Request/>', 400, 'RejectMessage-Request/MessageID'],
    ['<GetPresence-Request><PresenceSubList/></GetPresence-Request>', 400, 'GetPresence-Request/User'],
    [
      '<PresenceAuth-User><UserID>u</UserID><Acceptance>maybe</Acceptance></PresenceAuth-User>',
      402,
      'PresenceAuth-User/Acceptance',
    ],
    [
      '<SetDeliveryMethod-Request><DeliveryMethod>X</DeliveryMethod></SetDeliveryMethod-Request>',
      402,
      'SetDeliveryMethod-Request/DeliveryMethod',
    ],
    [
      '<ListManage-Request><ContactList>l</ContactList><AddNickList><NickName><Name>n</Name></NickName></AddNickList></ListManage-Request>',
      400,
      'ListManage-Request/AddNickList/NickName/UserID',
    ],
  ];
  for (const [content, code, path] of rows) {
    const { fault, id } = refused(taken(wrap(content)));
    assert.deepEqual([fault.code, fault.path, id], [code, path, '7'], content);
  }
});

test('what is no CSP message', () => {
  assert.equal(fault('').reason, 'empty');
  assert.equal(fault('hello').reason, 'syntax');
  assert.equal(fault('<html/>').reason, 'not-csp');
  assert.equal(fault('<WV-CSP-Message/>').reason, 'not-csp');
  assert.equal(fault('<WV-CSP-Message><Session/></WV-CSP-Message>').reason, 'not-csp');
  assert.equal(fault('<WV-CSP-Message><Session>').reason, 'syntax');
  assert.equal(fault(Uint8Array.of(3, 0x10, 0x6a)).reason, 'syntax');
});

test('limits: octets, depth, elements, transactions', () => {
  const xml = wrap('<Logout-Request/>');
  assert.equal(fault(xml, undefined, { limits: { ...defaultMessageLimits, bytes: 100 } }).reason, 'limit');
  assert.equal(fault(`${'<a>'.repeat(40)}${'</a>'.repeat(40)}`).reason, 'limit');
  assert.equal(fault(xml, undefined, { limits: { ...defaultMessageLimits, elements: 5 } }).reason, 'limit');
  const many = xml.replace(/<Transaction>.*<\/Transaction>/, (one) => one.repeat(65));
  assert.equal(fault(many).reason, 'limit');
  const noisy = taken(wrap(`<Logout-Request>${'<X/>'.repeat(500)}</Logout-Request>`));
  assert.equal(noisy.notes.length, 64);
});

test('any octets, and any damage to a message, end in a message or a fault', () => {
  const message = (version: '1.1' | '1.2' | '1.3', name: string, seed: number): CspMessage => ({
    version,
    sessionType: 'Inband',
    sessionId: 's1',
    transactions: [{ mode: 'Request', id: '1', content: samplePrimitive(name, version, seed) }],
  });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => void readMessage(octets)));
  const damage = fc.record({
    version: fc.constantFrom('1.1', '1.2', '1.3'),
    name: fc.constantFrom(
      'Login-Request',
      'SendMessage-Request',
      'PresenceNotification-Request',
      'Search-Request',
      'ListManage-Request',
    ),
    encoding: fc.constantFrom('xml', 'wbxml'),
    seed: fc.nat(),
    edits: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
    cut: fc.option(fc.nat()),
  });
  fc.assert(
    fc.property(damage, ({ version, name, encoding, seed, edits, cut }) => {
      let octets = writeMessage(message(version as '1.1', name, seed), encoding as 'xml');
      for (const [at, octet] of edits) octets[at % octets.length] = octet;
      if (cut !== null) octets = octets.subarray(0, cut % octets.length);
      const read = readMessage(octets);
      if (read.ok) for (const one of read.value.message.transactions) assert.ok(isRefused(one) || one.content.name);
    }),
    { numRuns: 500 },
  );
});
