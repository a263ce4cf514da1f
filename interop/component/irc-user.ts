// A person on IRC (RFC 1459): a socket and its lines.

import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Events } from '../peers/events.ts';

export class IrcUser {
  readonly lines: Events<string>;
  readonly #socket: Socket;

  private constructor(nick: string, socket: Socket) {
    this.#socket = socket;
    this.lines = new Events(nick);
    socket.on('error', (cause) => this.lines.add(`! ${cause.message}`));
    createInterface({ input: socket }).on('line', (line) => {
      if (line.startsWith('PING')) this.says(line.replace('PING', 'PONG'));
      this.lines.add(line);
    });
  }

  /** Resolves when the server has welcomed the nick. */
  static async connect(address: string, nick: string): Promise<IrcUser> {
    const user = new IrcUser(nick, connect(6667, address));
    user.says(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick} of the test`);
    await user.hears('the welcome', / 001 /);
    return user;
  }

  says(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** A line that fits, also one that came before. */
  hears(what: string, pattern: RegExp): Promise<string> {
    return this.lines.until(what, (line) => pattern.test(line));
  }

  leaves(): void {
    this.#socket.end('QUIT :bye\r\n');
  }
}
