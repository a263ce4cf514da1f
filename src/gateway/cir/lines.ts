// Lines of the TCP CIR channel: at most 256 octets, ended by LF, a CR before it is dropped.

export type LineEvent = { readonly kind: 'line'; readonly text: string } | { readonly kind: 'too-long' };

const octetsMax = 256;

export class LineReader {
  #rest = '';

  /** No line is incomplete. */
  get isEmpty(): boolean {
    return this.#rest === '';
  }

  /** Nothing may be read after 'too-long'. */
  read(chunk: Uint8Array): readonly LineEvent[] {
    const events: LineEvent[] = [];
    // The protocol is ASCII; latin1 keeps one character per octet.
    this.#rest += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    for (;;) {
      const end = this.#rest.indexOf('\n');
      if (end > octetsMax || (end < 0 && this.#rest.length > octetsMax)) return [...events, { kind: 'too-long' }];
      if (end < 0) return events;
      events.push({ kind: 'line', text: this.#rest.slice(0, end).replace(/\r$/, '') });
      this.#rest = this.#rest.slice(end + 1);
    }
  }
}

export type Said =
  | { readonly kind: 'helo'; readonly sessionId: string }
  | { readonly kind: 'ping' }
  | { readonly kind: 'other' };

/** What a phone says. Android writes PING with a blank behind it. */
export const understand = (line: string): Said => {
  const [word = '', argument = ''] = line.trim().split(/\s+/, 2);
  if (/^helo$/i.test(word)) return { kind: 'helo', sessionId: argument };
  return { kind: /^ping$/i.test(word) ? 'ping' : 'other' };
};
