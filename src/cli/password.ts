// Reads a password: the first line of standard input, or what is typed at a prompt that does not show it.

import { CommandError } from './failures.ts';

const bytesMax = 4096;

export const readPassword = async (options: {
  readonly fromStdin: boolean;
  readonly address: string;
}): Promise<string> => {
  if (options.fromStdin) return firstLine();
  if (!process.stdin.isTTY)
    throw new CommandError('there is no terminal to ask for the password on; use --password-stdin');
  const password = await typed(`Password for ${options.address}: `);
  if ((await typed('And once more: ')) !== password) throw new CommandError('the two are not the same');
  return password;
};

const firstLine = async (): Promise<string> => {
  let octets = Buffer.alloc(0);
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    octets = Buffer.concat([octets, part]);
    if (octets.includes(0x0a) || octets.length > bytesMax) break;
  }
  process.stdin.destroy();
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
const typed = (prompt: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { stdin, stderr } = process;
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
