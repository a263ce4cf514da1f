// Every command, with its options, on one page.

import type { Writable } from 'node:stream';
import { Argument, Command, CommanderError, type CommandOptions, InvalidArgumentError, Option } from 'commander';
import { type Config, loadConfig } from '../config/config.ts';
import { type AnnounceOptions, announce, listAnnouncements, withdraw } from './announcements.ts';
import { doctor } from './doctor/doctor.ts';
import { failureLine } from './failures.ts';
import { type FederationOptions, showFederation } from './federation.ts';
import { rotateKeys } from './keys.ts';
import type { PasswordSource } from './password.ts';
import { familyIds, type PhoneSettingsOptions, phoneSettings } from './phone-settings.ts';
import { type KickOptions, kickPhones, type PhonesOptions, showPhones } from './phones.ts';
import { type PresenceOptions, showPresence } from './presence.ts';
import { type StartApp, serve } from './serve.ts';
import { showConfig } from './show-config.ts';
import { listSignIns, type SignInOptions } from './sign-ins.ts';
import { addUser, listUsers, type PasswordOptions, removeUser, setListed, setNumber, setPassword } from './user.ts';

export interface Surroundings {
  /** The composition root; loaded by `serve` alone, so that the other commands start fast. */
  readonly startApp: () => Promise<StartApp>;
  readonly version: string;
  readonly stdin: PasswordSource;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Runs the command line and resolves with the exit code. */
export const run = async (args: readonly string[], surroundings: Surroundings): Promise<number> => {
  const { startApp, version, stdin, stdout, stderr } = surroundings;
  let config: Config | undefined;
  let exitCode = 0;
  const program = new Command('onesoup')
    .description('Lets the messaging client built into old phones (IMPS) talk to the XMPP network; and an XMPP server')
    .version(version)
    .showHelpAfterError('(--help tells more)')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .exitOverride();

  const command = (parent: Command, usage: string, description: string, how: CommandOptions = {}): Command =>
    parent
      .command(usage, how)
      .description(description)
      .option('--config <file>', 'configuration file (or ONESOUP_CONFIG)');
  const configured = (options: { readonly config?: string }): Config => {
    config = loadConfig(options.config);
    return config;
  };
  const print = (text: string): void => void stdout.write(`${text}\n`);
  type Given<Options> = Options & { readonly config?: string };

  command(program, 'serve', 'run the server').action(async (options: Given<object>) =>
    serve(configured(options), await startApp()),
  );

  const user = program.command('user').description('accounts; works while the server runs and while it does not');
  const fromStdin = new Option('--password-stdin', 'read the password from the first line of standard input');
  command(user, 'add <address>', 'make an account')
    .addOption(fromStdin)
    .option('--phone', 'for phones that sign in by digest: keep the password, sealed')
    .action(async (address: string, options: Given<PasswordOptions>) =>
      print(await addUser(configured(options), address, options, stdin)),
    );
  command(user, 'remove <address>', 'remove an account and everything kept for it').action(
    async (address: string, options: Given<object>) => print(await removeUser(configured(options), address)),
  );
  command(user, 'list', 'list accounts').action(async (options: Given<object>) =>
    print(await listUsers(configured(options))),
  );
  command(user, 'password <address>', 'change a password')
    .addOption(fromStdin)
    .option('--phone', 'for phones that sign in by digest: keep the password, sealed')
    .action(async (address: string, options: Given<PasswordOptions>) =>
      print(await setPassword(configured(options), address, options, stdin)),
    );
  command(user, 'directory <address>', 'may others on this server find the account by what its vCard says?')
    .addArgument(new Argument('<wish>', 'on or off').choices(['on', 'off']))
    .action(async (address: string, wish: 'on' | 'off', options: Given<object>) =>
      print(await setListed(configured(options), address, wish)),
    );

  command(user, 'number <address> <number>', "the account's telephone number, to wake its phones at; or off").action(
    async (address: string, number: string, options: Given<object>) =>
      print(await setNumber(configured(options), address, number)),
  );

  command(program, 'presence <address>', 'what an account is shown of its contacts, and why; asks the running server')
    .option('--json', 'for programs')
    .action(async (address: string, options: Given<PresenceOptions>) =>
      print(await showPresence(configured(options), address, options)),
    );

  command(program, 'federation [domain]', 'links to other servers, or to one in full; asks the running server')
    .option('--json', 'for programs')
    .action(async (domain: string | undefined, options: Given<FederationOptions>) =>
      print(await showFederation(configured(options), domain, options)),
    );

  const phones = program.command('phones').description('phones that are signed in; asks the running server');
  command(phones, 'list', 'each phone, how it is woken, what waits for it', { isDefault: true })
    .option('--address <address>', 'of this account only')
    .option('--json', 'for programs')
    .action(async (options: Given<PhonesOptions>) => print(await showPhones(configured(options), options)));
  command(phones, 'kick <address>', "sign an account's phones out")
    .option('--reason <text>', 'what their user is told', 'You were signed out by the operator.')
    .action(async (address: string, options: Given<KickOptions>) =>
      print(await kickPhones(configured(options), address, options)),
    );

  command(phones, 'settings <address>', 'what to type into a phone; or a file, or a message that sets it')
    .addOption(new Option('--phone <family>', 'in the words of').choices(familyIds).default('other'))
    .option('--sms <number>', 'have the running server send them as a message (OMA client provisioning)')
    .option('--file <file>', 'write them to a file: XML when it ends in .xml, else binary')
    .option('--server <url>', 'where phones reach this server; without it: web.phone_url')
    .option('--apn <name>', 'an access point for data, to be set up with them')
    .option('--imsi <digits>', 'of the SIM card: the message is then taken without a PIN')
    .option('--pin <digits>', 'the PIN the phone is to ask for; without it: any')
    .addOption(new Option('--password-stdin', 'put the password in, from the first line of standard input'))
    .action(async (address: string, options: Given<PhoneSettingsOptions>) =>
      print(await phoneSettings(configured(options), address, options, stdin)),
    );

  const each = (one: string, all: readonly string[] = []): readonly string[] => [...all, one];
  command(program, 'announce <text>', 'say something to the users: to phones, and to XMPP clients of this server')
    .option('--to <address>', 'to this account only; may be given again', each)
    .option('--option <text>', 'an answer to choose from; may be given again', each)
    .option('--require-answer', 'a phone that can answer is served nothing else before')
    .option('--verify <word>', 'an answer must repeat this word, which is shown')
    .option('--verify-url <url>', 'a picture of the word, shown in its place')
    .option('--valid <time>', 'how long it is shown to those who come, such as 12h or 7d', span, 7 * 86_400_000)
    .action(async (text: string, options: Given<AnnounceOptions>) =>
      print(await announce(configured(options), text, options)),
    );
  const announcements = program.command('announcements').description('what was announced, and what was answered');
  command(announcements, 'list [id]', 'all of them, or one with its answers', { isDefault: true }).action(
    async (id: string | undefined, options: Given<object>) => print(await listAnnouncements(configured(options), id)),
  );
  command(announcements, 'remove <id>', 'take one back').action(async (id: string, options: Given<object>) =>
    print(await withdraw(configured(options), id)),
  );

  command(program, 'signins', "phones' attempts to sign in, newest first")
    .option('--address <address>', 'of this account only')
    .option('--failed', 'only those that failed or were refused')
    .option('--limit <number>', 'how many', count, 50)
    .action(async (options: Given<SignInOptions>) => print(await listSignIns(configured(options), options)));

  command(program, 'doctor', 'check configuration, ports, certificate, DNS; say what to mend').action(
    async (options: Given<object>) => {
      exitCode = (await doctor(options.config, print)) ? 0 : 1;
    },
  );
  command(program, 'config', 'print the configuration in force, defaults included').action((options: Given<object>) =>
    print(showConfig(configured(options))),
  );
  command(program, 'rotate-keys', 'seal the passwords kept for phones under a new key').action(
    async (options: Given<object>) => print(await rotateKeys(configured(options))),
  );

  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    const line = failureLine(error, config);
    stderr.write(
      line !== undefined ? `onesoup: ${line}\n` : `onesoup failed, which it should not:\n${stackOf(error)}\n`,
    );
    return 1;
  }
};

/** '90m', '12h', '7d': milliseconds. */
const span = (text: string): number => {
  const [, number = '', unit = ''] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * ({ m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 0);
  if (ms <= 0 || ms > 366 * 86_400_000) throw new InvalidArgumentError('It must be a time such as 90m, 12h or 7d.');
  return ms;
};

const count = (text: string): number => {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1 || number > 100_000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 100000.');
  return number;
};

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
