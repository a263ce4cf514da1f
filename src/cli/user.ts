// onesoup user add | remove | list | password | directory | number

import type { Config } from '../config/config.ts';
import { withStore } from './data.ts';
import { CommandError } from './failures.ts';
import { operate } from './offline.ts';
import type { Done } from './operations.ts';
import { type PasswordSource, readPassword } from './password.ts';
import { table } from './table.ts';

export interface PasswordOptions {
  readonly passwordStdin?: boolean;
  readonly phone?: boolean;
}

export const addUser = async (
  config: Config,
  address: string,
  options: PasswordOptions,
  stdin: PasswordSource,
): Promise<string> => {
  const { passwordStdin = false, phone = false } = options;
  const password = await readPassword(stdin, { fromStdin: passwordStdin, address });
  const added = told(await operate(config, 'addUser', { address, password, phone }));
  return `${added} can sign in now${phone ? ', from a phone too' : ''}`;
};

export const removeUser = async (config: Config, address: string): Promise<string> =>
  `${told(await operate(config, 'removeUser', { address }))} and everything kept for it is gone`;

export const setPassword = async (
  config: Config,
  address: string,
  options: PasswordOptions,
  stdin: PasswordSource,
): Promise<string> => {
  const { passwordStdin = false, phone = false } = options;
  const password = await readPassword(stdin, { fromStdin: passwordStdin, address });
  return `the password of ${told(await operate(config, 'setPassword', { address, password, phone }))} is changed`;
};

export const setListed = async (config: Config, address: string, wish: 'on' | 'off'): Promise<string> => {
  const done = told(await operate(config, 'setListed', { address, listed: wish === 'on' }));
  return wish === 'on' ? `${done} can be found by others on this server` : `${done} cannot be found by others`;
};

/** `wish`: a number, or 'off'. */
export const setNumber = async (config: Config, address: string, wish: string): Promise<string> => {
  const number = wish === 'off' ? undefined : wish;
  const done = told(await operate(config, 'setNumber', { address, ...(number !== undefined && { number }) }));
  return number === undefined
    ? `phones of ${done} are not sent short messages any more`
    : `phones of ${done} that sign in from now on may be woken by short message to ${number}`;
};

export const listUsers = (config: Config): Promise<string> =>
  withStore(config, async (store) => {
    const rows: string[][] = [];
    for (let after: string | undefined; ; ) {
      const page = await store.accounts.list({ limit: 500, ...(after !== undefined && { after }) });
      for (const { address, createdAt, disabled } of page)
        rows.push([
          address,
          new Date(createdAt).toISOString().slice(0, 10),
          (await store.devicePasswords.get(address)) ? 'yes' : 'no',
          (await store.directory.get(address)) ? 'yes' : 'no',
          disabled ? 'disabled' : '',
        ]);
      after = page.at(-1)?.address;
      if (page.length < 500) break;
    }
    return rows.length ? table(['address', 'since', 'phone', 'directory', ''], rows) : 'there are no accounts yet';
  });

const told = (done: Done): string => {
  if (!done.ok) throw new CommandError(done.fault.text);
  return done.value.address;
};
