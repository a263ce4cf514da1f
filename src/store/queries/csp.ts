// What the gateway keeps: CSP sessions, what waits for phones, answers for retries, what phones sent, settings.

import type { Database } from '../database.ts';
import type { CspStore } from '../store.ts';
import { cspAnswers } from './csp-answers.ts';
import { cspOutgoing } from './csp-outgoing.ts';
import { cspSessions } from './csp-sessions.ts';
import { cspSettings } from './csp-settings.ts';
import { cspWaiting } from './csp-waiting.ts';

export const cspStore = (database: Database): CspStore => ({
  ...cspSessions(database),
  ...cspWaiting(database),
  ...cspAnswers(database),
  ...cspOutgoing(database),
  ...cspSettings(database),
});
