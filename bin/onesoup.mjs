#!/usr/bin/env node
// Starts onesoup under any Node.js that can read this file. The program needs Node.js 24 (node:sqlite, types in source
// files); where the machine's own is older, the one that came with the package runs it.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeFlags } from './node-flags.mjs';

const neededMajor = 24;
const here = dirname(fileURLToPath(import.meta.url));
// A checkout runs from source. The published package is compiled: Node.js strips no types below node_modules.
const main = [join(here, '../src/cli/main.ts'), join(here, '../dist/cli/main.js')].find((file) => existsSync(file));

/** The Node.js that came with the package, for this machine. */
const bundledNode = () => {
  const require = createRequire(import.meta.url);
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    try {
      return require.resolve(`${name}/${file}`);
    } catch {
      // Not installed on this kind of machine: the next name, or the message below.
    }
  }
  return undefined;
};

const runUnder = (node) => {
  const child = spawn(node, [...nodeFlags, main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      // A terminal's Ctrl-C reaches the child by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  child.on('error', (error) => {
    console.error(`onesoup: cannot run ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
};

const isNew = Number(process.versions.node.split('.')[0]) >= neededMajor;
// Commands are over before the flags are worth anything; the server becomes the program it should have been started as.
const isServer = process.argv[2] === 'serve';
if (isNew && isServer && process.execve && process.platform !== 'win32')
  process.execve(
    process.execPath,
    [process.execPath, ...process.execArgv, ...nodeFlags, main, ...process.argv.slice(2)],
    process.env,
  );

if (isNew) {
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
} else {
  const node = bundledNode();
  if (node) runUnder(node);
  else {
    console.error(
      `onesoup: needs Node.js ${neededMajor} or newer; this is ${process.version}, and none came with the package for ${process.platform}-${process.arch}`,
    );
    process.exit(1);
  }
}
