// An XML element as a read-only value, and its text form. Namespaces are resolved: an element carries its own namespace
// URI, never a prefix, and the writer declares a default namespace wherever it changes.

export type Child = Element | string;

export interface Element {
  /** Local name. */
  readonly name: string;
  /** Namespace URI; '' when there is none. */
  readonly xmlns: string;
  /** Attributes without a namespace by name; `xml:lang` and others of XML's own as `xml:…`; others as `{uri}local`. */
  readonly attrs: Readonly<Record<string, string>>;
  readonly children: readonly Child[];
}

type Filling = Child | undefined | null | false | readonly (Child | undefined | null | false)[];

/**
 * Builds an element. `attrs.xmlns` sets its namespace; without it the element is in `''` and takes its parent's namespace
 * when it is put into one. Attributes and children that are undefined are left out.
 */
export const el = (
  name: string,
  attrs?: Readonly<Record<string, string | undefined>> | null,
  ...children: Filling[]
): Element => {
  const kept: Record<string, string> = {};
  let xmlns = '';
  if (attrs)
    for (const [key, value] of Object.entries(attrs)) {
      if (value === undefined) continue;
      if (key === 'xmlns') xmlns = value;
      else kept[key] = value;
    }
  const flat: Child[] = [];
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    flat.push(typeof child === 'string' || child.xmlns !== '' || xmlns === '' ? child : inNamespace(child, xmlns));
  }
  return { name, xmlns, attrs: kept, children: flat };
};

/** The element, and every descendant without a namespace, put into `xmlns`. */
export const inNamespace = (element: Element, xmlns: string): Element =>
  element.xmlns !== ''
    ? element
    : {
        ...element,
        xmlns,
        children: element.children.map((child) => (typeof child === 'string' ? child : inNamespace(child, xmlns))),
      };

/** The element children, in order. */
export const elementsOf = (element: Element): Element[] =>
  element.children.filter((child): child is Element => typeof child !== 'string');

/** The first child element of that name; of that namespace, or of the parent's when none is given. */
export const child = (element: Element, name: string, xmlns: string = element.xmlns): Element | undefined => {
  for (const one of element.children)
    if (typeof one !== 'string' && one.name === name && one.xmlns === xmlns) return one;
  return undefined;
};

/** All child elements of that name; of that namespace, or of the parent's when none is given. */
export const childrenNamed = (element: Element, name: string, xmlns: string = element.xmlns): Element[] =>
  elementsOf(element).filter((one) => one.name === name && one.xmlns === xmlns);

/** The element's own character data, joined; descendants' text does not count. */
export const textOf = (element: Element): string => {
  let text = '';
  for (const one of element.children) if (typeof one === 'string') text += one;
  return text;
};

/** The text of the first child of that name, or undefined when there is no such child. */
export const childText = (element: Element, name: string, xmlns: string = element.xmlns): string | undefined => {
  const found = child(element, name, xmlns);
  return found && textOf(found);
};

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#xD;',
  "'": '&apos;',
  '"': '&quot;',
  '\n': '&#xA;',
  '\t': '&#x9;',
};
// What XML 1.0 cannot carry at all (§2.2) becomes U+FFFD: a stray control character out of a phone must not end a stream.
const replacement = '\uFFFD';
export const escapeText = (text: string): string =>
  /[&<>\0-\x08\x0B-\x1F\uD800-\uDFFF\uFFFE\uFFFF]/.test(text)
    ? text.toWellFormed().replace(/[&<>\0-\x08\x0B-\x1F\uFFFE\uFFFF]/g, (c) => escapes[c] ?? replacement)
    : text;
export const escapeAttr = (text: string): string =>
  /[&<>'"\0-\x1F\uD800-\uDFFF\uFFFE\uFFFF]/.test(text)
    ? text.toWellFormed().replace(/[&<>'"\0-\x1F\uFFFE\uFFFF]/g, (c) => escapes[c] ?? replacement)
    : text;

/**
 * The element as XML text. `scope` is the default namespace in force where the text will stand: the declaration is left
 * out where it would say the same, so an element without a namespace says `xmlns=''` inside one that has. Attributes in
 * a foreign namespace get a generated prefix.
 */
export const write = (element: Element, scope = ''): string => {
  const { name, xmlns, attrs, children } = element;
  let text = `<${name}`;
  if (xmlns !== scope) text += ` xmlns='${escapeAttr(xmlns)}'`;
  let prefixes = 0;
  for (const key in attrs) {
    const value = escapeAttr(attrs[key] ?? '');
    if (key.startsWith('{')) {
      const end = key.lastIndexOf('}');
      const prefix = `ns${prefixes++}`;
      text += ` xmlns:${prefix}='${escapeAttr(key.slice(1, end))}' ${prefix}:${key.slice(end + 1)}='${value}'`;
    } else text += ` ${key}='${value}'`;
  }
  if (children.length === 0) return `${text}/>`;
  text += '>';
  for (const one of children) text += typeof one === 'string' ? escapeText(one) : write(one, xmlns);
  return `${text}</${name}>`;
};
