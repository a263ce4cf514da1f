// The octets of uploaded files on disk. A file is written beside its place, flushed, and renamed into it when it is whole: what
// lies in its place is complete, and what a crash left half-done is swept away at the next start.

import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { makeDirectory } from '../../store/files.ts';

export class WrongLengthError extends Error {
  override readonly name = 'WrongLengthError';
}

export class Files {
  readonly #directory: string;
  readonly #incoming: string;
  #written = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#incoming = join(directory, 'incoming');
  }

  /** Rejects with the system's error when the directory cannot be made. */
  static async open(directory: string): Promise<Files> {
    const files = new Files(directory);
    makeDirectory(files.#incoming);
    for (const left of await readdir(files.#incoming)) await rm(join(files.#incoming, left), { force: true });
    return files;
  }

  /** Resolves when the file is on disk. Rejects, and leaves nothing behind, when it is not exactly so long. */
  async write(id: string, size: number, octets: AsyncIterable<Uint8Array>): Promise<void> {
    const beside = join(this.#incoming, `${id}.${++this.#written}`);
    try {
      const file = await open(beside, 'wx', 0o600);
      try {
        let length = 0;
        for await (const piece of octets) {
          length += piece.length;
          if (length > size) throw new WrongLengthError(`more than ${size} octets`);
          // One write may take only a part of it.
          for (let at = 0; at < piece.length; ) at += (await file.write(piece, at)).bytesWritten;
        }
        if (length < size) throw new WrongLengthError(`only ${length} of ${size} octets`);
        await file.sync();
      } finally {
        await file.close();
      }
      await mkdir(this.#folder(id), { recursive: true, mode: 0o700 });
      await rename(beside, this.#path(id));
    } catch (cause) {
      await rm(beside, { force: true });
      throw cause;
    }
  }

  /** Undefined when there is none. `end` is the last octet wanted. */
  async read(id: string, range?: { readonly start: number; readonly end: number }): Promise<Readable | undefined> {
    const path = this.#path(id);
    try {
      await stat(path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw cause;
    }
    return createReadStream(path, range);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  #folder(id: string): string {
    return join(this.#directory, id.slice(0, 2).toLowerCase());
  }

  #path(id: string): string {
    return join(this.#folder(id), id);
  }
}
