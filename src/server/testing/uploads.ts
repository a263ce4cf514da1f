// A service of uploads beside a test's server, its files in a directory that goes when it is closed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { seededRandom } from '../../base/random.ts';
import { joinUploads } from '../uploads/join.ts';
import { openUploads, type Uploads, type UploadsOptions } from '../uploads/service.ts';
import type { TestServer } from './server.ts';

export const testUploads = async (server: TestServer, options: Partial<UploadsOptions> = {}): Promise<Uploads> => {
  const made = options.directory === undefined ? mkdtempSync(join(tmpdir(), 'onesoup-uploads-')) : undefined;
  const uploads = await openUploads({
    domain: 'upload.home.test',
    url: 'https://files.home.test',
    directory: made ?? '',
    secret: 'a secret of tests',
    server: { route: (stanza) => server.route(stanza), hasAccounts: (domain) => server.hosts.has(domain) },
    store: server.store,
    clock: server.clock,
    random: seededRandom(11),
    log: silentLog,
    meter: silentMeter,
    ...options,
  });
  const joined = joinUploads(server, uploads);
  const close = uploads.close.bind(uploads);
  uploads.close = async () => {
    joined[Symbol.dispose]();
    await close();
    if (made !== undefined) rmSync(made, { recursive: true });
  };
  return uploads;
};
