// What reading a stanza off a stream costs, step by step. `npm run bench -- xml`

import { SaxesParser } from 'saxes';
import { write } from '../../src/xml/element.ts';
import { parseElement } from '../../src/xml/reader.ts';
import { XmlStreamReader } from '../../src/xml/stream-reader.ts';
import { stanzaOf } from '../../src/xmpp/stanza-reader.ts';

const message =
  `<message to='juliet@example.com/balcony' from='romeo@example.net/orchard' type='chat' id='ju2ba41c' xml:lang='en'>` +
  `<body>Neither, fair saint, if either thee dislike.</body><active xmlns='http://jabber.org/protocol/chatstates'/>` +
  `<request xmlns='urn:xmpp:receipts'/></message>`;
const header = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
const octets = Buffer.from(message);
const rounds = 50_000;

const timed = (what: string, run: () => unknown): void => {
  const best = [1, 2, 3].map(() => {
    const start = performance.now();
    for (let i = 0; i < rounds; i++) run();
    return ((performance.now() - start) * 1_000) / rounds;
  });
  console.log(`${what.padEnd(52)} ${Math.min(...best).toFixed(2)} µs`);
};
const reader = (): XmlStreamReader => {
  const made = new XmlStreamReader();
  made.push(Buffer.from(header));
  return made;
};
const stanzasFrom = (stream: XmlStreamReader, chunk: Uint8Array) =>
  stream.push(chunk).map((event) => {
    const read = event.type === 'element' ? stanzaOf(event.element) : undefined;
    if (!read?.ok) throw new Error('the benchmark does not read what it should');
    return read.value;
  });

console.log(`one message of ${octets.length} octets`);
const bare = new SaxesParser({ xmlns: true, position: false });
bare.write(header);
timed('saxes alone, nobody listening', () => bare.write(message));
const names = reader();
timed('stream reader: names, inner text, no tree', () => names.push(octets));
const stanzas = reader();
timed('… and a stanza of it', () => stanzasFrom(stanzas, octets));
const relay = reader();
timed('… readdressed and written out again', () => stanzasFrom(relay, octets)[0]?.with({ id: 'x' }).toXml());
const opened = reader();
timed('… and its children as trees', () => stanzasFrom(opened, octets)[0]?.elements);
const three = [octets.subarray(0, 70), octets.subarray(70, 200), octets.subarray(200)];
const cut = reader();
timed('stream reader, in three chunks', () => three.map((chunk) => cut.push(chunk)));
timed('a whole element as a tree', () => parseElement(message));
const tree = parseElement(message);
if (tree.ok) timed('a tree as text', () => write(tree.value));
