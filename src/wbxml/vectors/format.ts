// Test support: reads the vector files beside this one, and the plain XML that says in them what a document holds.

import type { CspVersion, WbxmlAttribute, WbxmlElement } from '../document.ts';

export interface Vector {
  readonly name: string;
  readonly version: CspVersion;
  readonly root: WbxmlElement;
  readonly bytes: Uint8Array;
  /** What encode() makes of it; undefined where it is not `bytes` and does not matter. */
  readonly written: Uint8Array | undefined;
}

export const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/gi) ?? [], (octet) => Number.parseInt(octet, 16));

/** messages.txt, forms.txt: the format is described on top of each. */
export function vectorsFrom(text: string): Vector[] {
  const lines = text.split('\n').filter((line) => line.trim() && !line.startsWith('#'));
  const blocks = `\n${lines.join('\n')}`.split('\nvector ').slice(1);
  return blocks.map((block) => {
    const [head = '', ...sections] = block.split(/\n(?! )/);
    const [name = '', version = ''] = head.split(' ');
    const section = (title: string) => sections.find((each) => each.startsWith(title))?.slice(title.length);
    const bytes = fromHex(section('hex') ?? '');
    const ours = section('ours');
    const written = section('read only') === undefined ? (ours === undefined ? bytes : fromHex(ours)) : undefined;
    return { name, version: version as CspVersion, root: elementFrom((section('xml') ?? '').trim()), bytes, written };
  });
}

/** Plain XML: elements, attributes, the five entities, CDATA (which stands for OPAQUE). White space between tags is
 *  dropped. Throws on anything else. */
export function elementFrom(xml: string): WbxmlElement {
  const pattern =
    /<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>|<!DOCTYPE[^>]*>|<\/([^\s>]+)>|<([^\s/>]+)((?:\s[^>]*?)?)(\/?)>|([^<]+)/gsy;
  type Open = { name: string; children: WbxmlElement[] } & { -readonly [K in keyof WbxmlElement]: WbxmlElement[K] };
  const top: Open = { name: '', children: [] };
  const open: Open[] = [top];
  let end = 0;
  for (const match of xml.matchAll(pattern)) {
    const [whole, data, closed, name, attributes = '', empty, text] = match;
    const here = open.at(-1) as Open;
    end = match.index + whole.length;
    if (data !== undefined) {
      here.opaque = new TextEncoder().encode(data);
      here.text = data;
    } else if (closed !== undefined) {
      if (closed !== here.name) throw new Error(`</${closed}> closes <${here.name}>`);
      open.pop();
    } else if (name !== undefined) {
      const element: Open = { name, children: [] };
      const others: WbxmlAttribute[] = [];
      for (const [, key = '', value = ''] of attributes.matchAll(/([^\s=]+)="([^"]*)"/g))
        if (key === 'xmlns') element.xmlns = unescaped(value);
        else others.push({ name: key, value: unescaped(value) });
      if (others.length) element.attributes = others;
      here.children.push(element);
      if (!empty) open.push(element);
    } else if (text?.trim()) here.text = (here.text ?? '') + unescaped(text);
  }
  const root = top.children[0];
  if (!root || open.length !== 1 || end !== xml.length) throw new Error('not the plain XML of a sample');
  return root;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const unescaped = (text: string): string => text.replace(/&(\w+);/g, (whole, name) => entities[name] ?? whole);
const escaped = (text: string): string =>
  text.replace(/[<>&"']/g, (char) => `&${Object.entries(entities).find(([, each]) => each === char)?.[0]};`);

/** The element as XML on one line. */
export function xmlOf(element: WbxmlElement): string {
  const { name, xmlns, attributes = [], children, text = '' } = element;
  const all = xmlns === undefined ? attributes : [{ name: 'xmlns', value: xmlns }, ...attributes];
  const head = name + all.map((each) => ` ${each.name}="${escaped(each.value)}"`).join('');
  const content = escaped(text) + children.map(xmlOf).join('');
  return content ? `<${head}>${content}</${name}>` : `<${head}/>`;
}
