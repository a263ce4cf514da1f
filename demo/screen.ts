// The terminal: Ann's phone at the left edge, Bob's app at the right one, and between them a table of what goes over the
// wire. Arrows point the way things travel: from the phone on the left, over onesoup, to the app on the right, and back.

export type Wire = 'CSP' | 'CIR' | 'XMPP';
export type Way = 'left' | 'right';

export interface WireLine {
  readonly wire: Wire;
  readonly way: Way;
  /** A primitive with its TransactionID, a stanza, a line of the CIR channel. */
  readonly name: string;
  readonly fields: string;
  /** Of little interest: polls that bring nothing. */
  readonly isQuiet?: boolean | undefined;
  /** Encoding and octets. */
  readonly size?: string | undefined;
}

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const colours = { bold: '1', dim: '2', phone: '36', friend: '35', csp: '32', cir: '33', xmpp: '34' } as const;
type Colour = keyof typeof colours;
const wireColours = { CSP: 'csp', CIR: 'cir', XMPP: 'xmpp' } as const satisfies Record<Wire, Colour>;

const sizeColumn = 10;

export class Screen {
  readonly width: number;
  readonly #terminal: Terminal;
  readonly #isColoured: boolean;
  readonly #signs: typeof unicodeSigns;

  constructor(
    terminal: Terminal,
    options: { readonly width: number; readonly isColoured: boolean; readonly isUnicode: boolean },
  ) {
    this.#terminal = terminal;
    this.width = Math.min(100, Math.max(80, options.width));
    this.#isColoured = options.isColoured;
    this.#signs = options.isUnicode ? unicodeSigns : asciiSigns;
  }

  /** Colours only for a terminal that is not told otherwise (https://no-color.org); box signs only where it can show them. */
  static forTerminal(terminal: Terminal, environment: NodeJS.ProcessEnv): Screen {
    const { NO_COLOR, TERM, LC_ALL, LC_CTYPE, LANG } = environment;
    return new Screen(terminal, {
      width: (terminal.columns ?? 97) - 1,
      isColoured: terminal.isTTY === true && !NO_COLOR && TERM !== 'dumb',
      isUnicode: !terminal.isTTY || /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || 'UTF-8'),
    });
  }

  /** A heading over what follows. */
  scene(title: string): void {
    const rule = this.#signs.rule.repeat(Math.max(0, this.width - title.length - 4));
    this.#print('');
    this.#print(`${this.#signs.rule.repeat(2)} ${this.#paint(title, 'bold')} ${this.#paint(rule, 'dim')}`);
  }

  /** Both ends' names, at their edges. */
  ends(left: readonly string[], right: readonly string[]): void {
    for (let row = 0; row < Math.max(left.length, right.length); row++) {
      const [l = '', r = ''] = [left[row], right[row]];
      const gap = ' '.repeat(Math.max(1, this.width - l.length - r.length - 4));
      const { bar } = this.#signs;
      this.#print(
        `${this.#paint(`${bar} ${l}`, 'phone', row === 0)}${gap}${this.#paint(`${r} ${bar}`, 'friend', row === 0)}`,
      );
    }
  }

  /** What Ann does or sees. */
  phone(text: string): void {
    for (const line of wrapped(text, this.width - 20))
      this.#print(this.#paint(`${this.#signs.bar} ${line}`, 'phone', true));
  }

  /** What Bob does or sees. */
  friend(text: string): void {
    for (const line of wrapped(text, this.width - 20)) {
      const padded = line.padStart(this.width - 2);
      this.#print(this.#paint(`${padded} ${this.#signs.bar}`, 'friend', true));
    }
  }

  wire({ wire, way, name, fields, isQuiet = false, size = '' }: WireLine): void {
    const colour = isQuiet ? 'dim' : wireColours[wire];
    const arrow = way === 'right' ? this.#signs.right : this.#signs.left;
    // A long name takes of the fields' room, and fields take the column of sizes where there is none.
    const title = `${name} `.padEnd(this.width >= 95 ? 37 : 33);
    const space = this.width - 4 - 5 - 2 - title.length - (size === '' ? 0 : sizeColumn + 1);
    const told = shortened(fields, space, this.#signs.more);
    this.#print(
      `    ${this.#paint(wire.padEnd(5), colour)}${this.#paint(`${arrow} ${title}`, colour)}${this.#paint(told.padEnd(space), isQuiet ? 'dim' : undefined)}${
        size === '' ? '' : ` ${this.#paint(size.padStart(sizeColumn), 'dim')}`
      }`.trimEnd(),
    );
  }

  /** A remark of the narrator. */
  note(text: string): void {
    for (const line of wrapped(text, this.width - 2)) this.#print(`  ${line}`);
  }

  blank(): void {
    this.#print('');
  }

  #print(line: string): void {
    this.#terminal.write(`${this.#signs === asciiSigns ? plainText(line) : line}\n`);
  }

  #paint(text: string, colour: Colour | undefined, isBold = false): string {
    if (!this.#isColoured || colour === undefined || text === '') return text;
    return `\x1b[${isBold ? '1;' : ''}${colours[colour]}m${text}\x1b[0m`;
  }
}

const unicodeSigns = { rule: '─', bar: '▌', left: '←', right: '→', more: '…' };
const asciiSigns = { rule: '-', bar: '|', left: '<', right: '>', more: '~' };
const plainText = (text: string): string =>
  text.replace(/[“”]/g, '"').replace(/[^\x20-\x7e\x1b]/g, (sign) => ({ '…': '~', '✓': 'v', '·': '-' })[sign] ?? '?');

export const shortened = (text: string, room: number, more = '…'): string =>
  text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1)).trimEnd()}${more}`;

const wrapped = (text: string, room: number): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
};
