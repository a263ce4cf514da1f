// npm run demo: onesoup with two accounts, a phone and an XMPP app, in one terminal, with what goes over the wire between
// them. `--fast`: without the pauses in which people think and type.

import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoServer, startDemoServer } from './onesoup.ts';
import { Screen } from './screen.ts';
import { play } from './story.ts';

const help = 'npm run demo [-- --fast]\n\n  --fast   no pauses\n';
const options = process.argv.slice(2);
const unknown = options.find((option) => option !== '--fast' && option !== '--help');
if (unknown !== undefined || options.includes('--help')) {
  if (unknown !== undefined) process.stderr.write(`onesoup demo: there is no option ${unknown}\n\n`);
  process.stdout.write(help);
  process.exit(unknown === undefined ? 0 : 1);
}
const isFast = options.includes('--fast');

const interrupted = Promise.withResolvers<'interrupted'>();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.resolve('interrupted'));

const screen = Screen.forTerminal(process.stdout, process.env);
let server: DemoServer | undefined;
try {
  // Everything the story opens, closed in reverse order at its end, or when it is interrupted.
  await using stage = new AsyncDisposableStack();
  const end = await Promise.race([
    (async () => {
      server = await startDemoServer(stage);
      await play({ server, screen, stage, pause: (ms) => (isFast ? Promise.resolve() : sleep(ms)) });
      return 'played' as const;
    })(),
    interrupted.promise,
  ]);
  if (end === 'interrupted') {
    process.exitCode = 130;
    screen.note('Stopped; nothing is left behind.');
  }
} catch (cause) {
  process.exitCode = 1;
  process.stderr.write(`\nonesoup demo: ${cause instanceof Error ? cause.message : String(cause)}\n`);
}
for (const line of server?.troubles ?? []) process.stderr.write(`  the server's log: ${line}\n`);
// A stray timer of a story that was interrupted must not keep the terminal.
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit();
