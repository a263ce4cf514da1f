// The program's log: pino, as JSON for programs or as lines for people.

import pino from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../base/log.ts';
import type { Config } from '../config/config.ts';

/** True when the log is for people: asked for, or on a terminal. */
export const isLogPretty = ({ log }: Config): boolean =>
  log.pretty === 'always' || (log.pretty === 'auto' && process.stdout.isTTY === true);

export const createLog = (config: Config): Log => {
  const { level } = config.log;
  if (!isLogPretty(config)) return pino({ level, base: null }, pino.destination({ fd: 1, sync: true }));
  const colorize = process.stdout.isTTY === true;
  return pino({ level, base: null }, pretty({ destination: 1, sync: true, colorize, translateTime: 'SYS:HH:MM:ss' }));
};
