import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChildren } from '../../../xml/reader.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { stanzaFromElement } from '../../../xmpp/stanza-text.ts';
import { isBodyFallback, isPromised, linkTo, metadataOf, sharedIn, within } from './shared.ts';

const message = (inner: string): Stanza => {
  const read = parseChildren(`<message>${inner}</message>`, 'jabber:client');
  assert.ok(read.ok);
  const [one] = read.value;
  assert.ok(one && typeof one !== 'string');
  return stanzaFromElement(one);
};
const file = { type: 'image/jpeg', octets: Uint8Array.of(1, 2, 3), name: 'a.jpg' };
const made = (children: ReturnType<typeof within>): Stanza => Stanza.make({ kind: 'message' }, ...children);

test('what is written is read', () => {
  const link = made(linkTo('https://files.test/a.jpg', metadataOf(file), ''));
  const shared = sharedIn(link);
  assert.deepEqual(shared, { url: 'https://files.test/a.jpg', ...metadataOf(file) });
  assert.ok(isBodyFallback(link));
  assert.ok(shared && isPromised(shared, file.octets) && !isPromised(shared, Uint8Array.of(9)));
  assert.deepEqual(sharedIn(made(within(file, 'words'))), { data: file.octets, type: 'image/jpeg' });
});

test('files as other clients send them', () => {
  assert.deepEqual(sharedIn(message("<body>x</body><x xmlns='jabber:x:oob'><url>http://a.test/b</url></x>")), {
    url: 'http://a.test/b',
  });
  assert.deepEqual(
    sharedIn(
      message(
        "<body>x</body><reference xmlns='urn:xmpp:reference:0' type='data'><media-sharing xmlns='urn:xmpp:sims:1'><file xmlns='urn:xmpp:jingle:apps:file-transfer:5'><media-type>image/png</media-type><name>b.png</name><size>5</size></file><sources><reference xmlns='urn:xmpp:reference:0' type='data' uri='https://a.test/b.png'/></sources></media-sharing></reference>",
      ),
    ),
    { url: 'https://a.test/b.png', type: 'image/png', name: 'b.png', size: 5, sha256: undefined },
  );
  assert.deepEqual(
    sharedIn(
      message(
        "<body>:)</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'><p>a<img src='cid:sha1+1@bob.xmpp.org'/></p></body></html>",
      ),
    ),
    { cid: 'sha1+1@bob.xmpp.org' },
  );
  assert.deepEqual(sharedIn(message('<body>aesgcm://a.test/b#00</body>')), { url: 'aesgcm://a.test/b#00' });
});

test('what is no file stays words', () => {
  for (const inner of [
    '<body>https://a.test/page</body>',
    "<body>x</body><x xmlns='jabber:x:oob'><url>ftp://a.test/b</url></x>",
    "<body>x</body><x xmlns='jabber:x:oob'><url>file:///etc/passwd</url></x>",
    "<body>x</body><data xmlns='urn:xmpp:bob' cid='x'>not base64!</data>",
    "<body>x</body><file-sharing xmlns='urn:xmpp:sfs:0'/>",
  ])
    assert.equal(sharedIn(message(inner)), undefined, inner);
});
