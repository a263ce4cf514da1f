// What a doomed process has for pictures and files: uploads of its own, and a moment before and after whatever goes to the web.

import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { type Meter, silentMeter } from '../../base/meter.ts';
import type { Random } from '../../base/random.ts';
import type { Server } from '../../server/server.ts';
import { joinUploads } from '../../server/uploads/join.ts';
import { openUploads } from '../../server/uploads/service.ts';
import type { Store } from '../../store/store.ts';
import type { Contents } from '../services/content/contents.ts';
import { contentEvents } from '../services/content/events.ts';
import { fitPicture } from '../services/content/pictures/fit.ts';
import { turns } from '../services/content/turns.ts';
import { noWeb, withOwnFiles } from '../services/content/web/own.ts';
import type { Life } from '../simulation/mortal-store.ts';

interface Parts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly store: Store;
  readonly server: Server;
  readonly domain: string;
  readonly directory: string;
  readonly life: Life;
}

export const openFiles = async ({ server, domain, directory, life, ...shared }: Parts): Promise<Contents> => {
  const uploads = await openUploads({
    ...shared,
    domain: `upload.${domain}`,
    url: 'https://files.home.test',
    directory: join(directory, 'uploads'),
    secret: 'a secret of tests',
    limits: { slotsBurst: 1000 },
    server: { route: (stanza) => server.route(stanza), hasAccounts: (name) => name === domain },
  });
  joinUploads(server, uploads);
  const web = withOwnFiles(uploads, noWeb);
  const between = async <Value>(work: Promise<Value>): Promise<Value> => {
    const done = await work;
    life.moment();
    return done;
  };
  return {
    web: {
      get(...given) {
        life.moment();
        return between(web.get(...given));
      },
      put(...given) {
        life.moment();
        return between(web.put(...given));
      },
    },
    pictures: { fit: fitPicture },
    bytesMax: 100_000,
    turns: turns(2),
    events: contentEvents(silentMeter),
  };
};
