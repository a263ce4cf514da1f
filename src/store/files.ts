// Files below the data directory: the owner's alone, written whole or not at all.

import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Makes a directory and those above it, mode 0700. Throws the system's error. */
export const makeDirectory = (path: string): void => {
  // Not `recursive`: where the system answers ENOENT below a directory that exists (/proc), Node 24 tries for ever.
  const whole = resolve(path);
  if (existsSync(whole)) return;
  if (dirname(whole) !== whole) makeDirectory(dirname(whole));
  try {
    mkdirSync(whole, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
};

/** Puts `content` in place of what was at `path`; whoever reads it sees the old or the new, also after a crash. */
export const writeWhole = (path: string, content: string | Uint8Array, mode: number): void => {
  const beside = `${path}.${process.pid}.new`;
  makeDirectory(dirname(path));
  try {
    const file = openSync(beside, 'w', mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw cause;
  }
};

/** A file error in an operator's words. */
export const fileTrouble = (cause: unknown): string => {
  const { code, message } = cause as NodeJS.ErrnoException;
  return (code && words[code]) || message;
};

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  ENOENT: 'no such file or directory',
};
