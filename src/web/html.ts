// HTML as text with everything escaped that was not written here. Pages work without script and in a phone's own browser.

/** Text that is HTML already. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | false | undefined | readonly Part[];

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => escapes[c] ?? c);

const render = (part: Part): string => {
  if (part === false || part === undefined) return '';
  if (part instanceof Html) return part.text;
  return Array.isArray(part) ? part.map(render).join('') : escapeHtml(String(part));
};

/** A template whose values are escaped, unless they are Html themselves; lists are joined, false and undefined vanish. */
export const html = (texts: TemplateStringsArray, ...values: Part[]): Html => {
  let text = texts[0] ?? '';
  values.forEach((value, index) => {
    text += render(value) + (texts[index + 1] ?? '');
  });
  return new Html(text);
};
