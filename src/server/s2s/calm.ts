// A log for what strangers can set off any number of times: beyond so many lines, the rest is for whoever debugs.

import type { Log } from '../../base/log.ts';

/** `admits`: is there room for one more line? Errors are always told. */
export const calm = (log: Log, admits: () => boolean): Log => ({
  debug: (fields, message) => log.debug(fields, message),
  info: (fields, message) => (admits() ? log.info(fields, message) : log.debug(fields, message)),
  warn: (fields, message) => (admits() ? log.warn(fields, message) : log.debug(fields, message)),
  error: (fields, message) => log.error(fields, message),
  child: (bindings) => calm(log.child(bindings), admits),
});
