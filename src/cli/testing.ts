// For this folder's tests: the program as a child process over a directory of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { stringify } from 'yaml';
import { run } from './program.ts';
import type { StartApp } from './serve.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves when `words` stood in what it printed; rejects when it ended without. */
  says(words: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

// The app is loaded where it is used, as the program does it.
const startApp: StartApp = async (config, log) => (await import(app)).startApp(config, log);
const app = new URL('../app.ts', import.meta.url).href;
const launcher = new URL('../../bin/onesoup.mjs', import.meta.url).pathname;

export class Place {
  readonly directory = mkdtempSync(join(tmpdir(), 'onesoup-cli-'));
  readonly config = join(this.directory, 'onesoup.yaml');

  /** Ports are any free ones unless `values` says otherwise. */
  write(values: object = {}): this {
    const free = '127.0.0.1:0';
    const listen = { http: free, c2s: free, c2s_tls: free, s2s: free, cir_tcp: free, cir_udp: free };
    writeFileSync(this.config, stringify({ domain: 'home.test', listen, log: { pretty: 'never' }, ...values }));
    return this;
  }

  /** Runs a command in this process. `input` is all there is on its standard input. */
  async run(args: readonly string[], input = ''): Promise<Ended> {
    const stdout = new Kept();
    const stderr = new Kept();
    const code = await run([...args, '--config', this.config], {
      version: '0.0.0',
      startApp: async () => startApp,
      stdin: Readable.from([Buffer.from(input)].filter(({ length }) => length)),
      stdout,
      stderr,
    });
    return { code, out: stdout.text, err: stderr.text };
  }

  /** Starts the program as an operator does. `input` is all there is on its standard input. */
  start(args: readonly string[], input = '', nodeOptions: readonly string[] = []): Started {
    const child = spawn(process.execPath, [...nodeOptions, launcher, ...args, '--config', this.config], {
      cwd: this.directory,
      env: { ...process.env, ONESOUP_CONFIG: '' },
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    // It may end without having read it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
    return {
      pid: child.pid ?? 0,
      ended,
      signal: (signal) => void child.kill(signal),
      says: async (words) => {
        const isOver = ended.then(() => true);
        while (!`${out}${err}`.includes(words)) {
          const more = Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data')]).then(() => false);
          if (await Promise.race([more, isOver])) throw new Error(`it ended without "${words}":\n${out}${err}`);
        }
      },
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

class Kept extends Writable {
  text = '';

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.text += part.toString();
    done();
  }
}

/** A listener on loopback that says `words` to whoever comes. */
export const listener = async (words = ''): Promise<{ readonly port: number } & AsyncDisposable> => {
  const server = createServer(
    (socket) =>
      void socket
        .on('error', () => undefined)
        .resume()
        .end(words),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
};
