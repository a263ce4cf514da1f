import { inThread, type Threaded } from './calls.ts';
import type { ContactsCalls } from './contacts-worker.ts';
import type { WatcherCalls } from './watcher-worker.ts';

export type Watcher = Threaded<WatcherCalls>;
export type Contacts = Threaded<ContactsCalls>;

export const startWatcher = (): Watcher =>
  inThread<WatcherCalls>(new URL('watcher-worker.ts', import.meta.url), [
    'signIn',
    'appear',
    'received',
    'ping',
    'signOff',
  ]);

export const startContacts = (): Contacts =>
  inThread<ContactsCalls>(new URL('contacts-worker.ts', import.meta.url), ['signIn', 'signOff']);
