// Reads a password: the first line of standard input, or what is typed at a prompt that does not show it.

import type { Readable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { CommandError } from './failures.ts';

const bytesMax = 4096;

export type PasswordSource = Readable & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;

export const readPassword = async (
  stdin: PasswordSource,
  options: { readonly fromStdin: boolean; readonly address: string },
): Promise<string> => {
  if (options.fromStdin) return firstLine(stdin);
  if (!isTerminal(stdin))
    throw new CommandError('there is no terminal to ask for the password on; use --password-stdin');
  const password = await typed(stdin, `Password for ${options.address}: `);
  if ((await typed(stdin, 'And once more: ')) !== password) throw new CommandError('the two are not the same');
  return password;
};

const isTerminal = (stdin: PasswordSource): stdin is ReadStream => stdin.isTTY === true;

const firstLine = async (stdin: Readable): Promise<string> => {
  let octets = Buffer.alloc(0);
  for await (const part of stdin as AsyncIterable<Buffer>) {
    octets = Buffer.concat([octets, part]);
    if (octets.includes(0x0a) || octets.length > bytesMax) break;
  }
  stdin.destroy();
  const end = octets.indexOf(0x0a);
  if (octets.length > bytesMax) throw new CommandError(`the password is longer than ${bytesMax} octets`);
  const line = octets
    .subarray(0, end < 0 ? octets.length : end)
    .toString()
    .replace(/\r$/, '');
  if (line === '') throw new CommandError('there is no password on standard input');
  return line;
};

/** One line from the terminal in raw mode, where nothing echoes. */
const typed = (stdin: ReadStream, prompt: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { stderr } = process;
    let text = '';
    const done = (finish: () => void): void => {
      stdin.setRawMode(false).pause().off('data', take);
      stderr.write('\n');
      finish();
    };
    const take = (part: string): void => {
      for (const character of part) {
        if (character === '\r' || character === '\n') return done(() => resolve(text));
        if (character === '\u0003' || character === '\u0004')
          return done(() => reject(new CommandError('nothing was changed')));
        if (character === '\u007f' || character === '\b') text = [...text].slice(0, -1).join('');
        else if (character >= ' ' && text.length < bytesMax) text += character;
      }
    };
    stderr.write(prompt);
    stdin.setRawMode(true).setEncoding('utf8').on('data', take).resume();
  });
