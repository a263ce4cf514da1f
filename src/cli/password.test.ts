import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { CommandError } from './failures.ts';
import { type PasswordSource, readPassword } from './password.ts';

/** A terminal at which somebody types these, one after the other, each once it is asked for. */
const terminal = (...typed: readonly string[]): PasswordSource & { readonly modes: boolean[] } => {
  const modes: boolean[] = [];
  const left = [...typed];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true as const,
    modes,
    setRawMode(raw: boolean) {
      modes.push(raw);
      if (raw) setImmediate(() => stdin.write(left.shift() ?? '\u0004'));
      return stdin;
    },
  });
  return stdin as unknown as PasswordSource & { readonly modes: boolean[] };
};
const asked = { fromStdin: false, address: 'mila@home.test' };

test('a typed password is asked for twice, and never echoes', async () => {
  const stdin = terminal('tajnx\u007fé\r', 'tajné\n');
  assert.equal(await readPassword(stdin, asked), 'tajné');
  assert.deepEqual(stdin.modes, [true, false, true, false], 'the terminal is left as it was');
});

test('two different ones, and Ctrl-C, change nothing', async () => {
  await assert.rejects(readPassword(terminal('one\r', 'two\r'), asked), /the two are not the same/);
  const stdin = terminal('one\u0003');
  await assert.rejects(readPassword(stdin, asked), (error) => error instanceof CommandError);
  assert.deepEqual(stdin.modes, [true, false]);
});

test('from standard input it is the first line, also when more or no end comes', async () => {
  const given = async (write: (stdin: PassThrough) => void): Promise<string> => {
    const stdin = new PassThrough();
    write(stdin);
    return readPassword(stdin, { ...asked, fromStdin: true });
  };
  assert.equal(await given((stdin) => void stdin.write('secret\n')), 'secret');
  assert.equal(await given((stdin) => void stdin.write('a b \r\nmore\n')), 'a b ');
  assert.equal(await given((stdin) => void stdin.end('secret')), 'secret');
  await assert.rejects(
    given((stdin) => void stdin.write('x'.repeat(5000))),
    /longer than 4096 octets/,
  );
});
