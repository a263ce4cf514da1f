// What a run does, from its command line. Without arguments: everything, in some five minutes.

import { parseArgs } from 'node:util';
import type { Encoding } from '../../src/imps/message.ts';
import { cspVersions } from '../../src/imps/version.ts';
import type { Form } from './load/phones.ts';
import { type Work, workNames } from './load/work.ts';

export const partNames = ['requests', 'memory', 'wake-up'] as const;
export type PartName = (typeof partNames)[number];

export interface Options {
  readonly parts: readonly PartName[];
  readonly works: readonly Work[];
  readonly forms: readonly Form[];
  readonly rounds: number;
  readonly roundMs: number;
  readonly connections: number;
  /** Numbers of phones whose memory is measured, and of contacts each has. */
  readonly idlePhones: number;
  readonly contacts: number;
  /** Numbers of CIR connections whose memory is measured. */
  readonly cirConnections: readonly number[];
  /** Phones that wait to be woken, and wake-ups per second. */
  readonly wakePhones: number;
  readonly wakesPerSecond: number;
  readonly wakeSeconds: number;
  readonly pollsPerSecond: number;
  /** Seconds that pass before idle phones are looked at: what is written some time after they were heard is over by then. */
  readonly settleSeconds: number;
  readonly nodeOptions: readonly string[];
  readonly json: string | undefined;
  readonly picture: string | undefined;
  /** A page with a place for the figures. */
  readonly readme: string | undefined;
  /** Only show what this file holds. */
  readonly from: string | undefined;
}

export const usage = `npm run bench -- imps [options]
  --quick                fewer rounds, phones and seconds: under two minutes
  --parts a,b            of ${partNames.join(', ')}
  --works a,b            of ${workNames.join(', ')}
  --forms 1.2-xml,…      versions and encodings (default: 1.2-xml,1.2-wbxml)
  --rounds 5             rounds that count
  --round-ms 1500        … each so long, for every kind of request and for the echo
  --connections 64       connections at a time, each with a phone of its own
  --idle 10000           phones whose memory is measured
  --contacts 4           … with so many contacts each, an even number
  --cir 1000,10000       CIR connections whose memory is measured
  --phones 5000          phones that wait to be woken
  --rate 50              messages to them per second
  --seconds 30           for so long
  --polls 200            … and polls in vain per second beside
  --node-options a,b     of the server's Node, such as --cpu-prof
  --json FILE            where the figures go
  --picture FILE         where the picture goes
  --readme FILE          a page that gets the tables, such as bench/README.md
  --from FILE            shows and draws figures that are there already`;

/** Throws an Error whose message is for the terminal. */
export const readOptions = (args: readonly string[]): Options => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      ...{ parts: text, works: text, forms: text, rounds: text, 'round-ms': text, connections: text, idle: text },
      ...{ contacts: text, cir: text, phones: text, rate: text, seconds: text, polls: text, 'node-options': text },
      ...{ json: text, picture: text, readme: text, from: text },
    },
  });
  const { quick } = values;
  const list = <Name extends string>(given: string | undefined, known: readonly Name[]): readonly Name[] =>
    given === undefined
      ? known
      : given.split(',').map((name) => known.find((one) => one === name) ?? complain(`"${name}" is none of ${known}`));
  const count = (given: string | undefined, usual: number, quickly: number, most: number): number =>
    given === undefined ? (quick ? quickly : usual) : number(given, most);
  const contacts = count(values.contacts, 4, 4, 100);
  if (contacts % 2) complain(`--contacts must be even, not ${contacts}`);
  return {
    parts: list(values.parts, partNames),
    works: list(values.works, workNames),
    forms: (values.forms ?? '1.2-xml,1.2-wbxml').split(',').map(formOf),
    rounds: count(values.rounds, 5, 3, 100),
    roundMs: count(values['round-ms'], 1500, 700, 60_000),
    connections: count(values.connections, 64, 64, 1000),
    idlePhones: count(values.idle, 10_000, 1000, 19_000),
    contacts,
    cirConnections: (values.cir ?? (quick ? '1000' : '1000,10000')).split(',').map((one) => number(one, 10_000)),
    wakePhones: count(values.phones, 5000, 1000, 10_000),
    wakesPerSecond: count(values.rate, 50, 50, 10_000),
    wakeSeconds: count(values.seconds, 30, 10, 3600),
    pollsPerSecond: count(values.polls, 200, 100, 10_000),
    settleSeconds: quick ? 2 : 35,
    nodeOptions: values['node-options']?.split(',') ?? [],
    json: values.json,
    picture: values.picture,
    readme: values.readme,
    from: values.from,
  };
};

const formOf = (text: string): Form => {
  const [, version, encoding] = /^(1\.\d)-(xml|wbxml)$/.exec(text) ?? [];
  const known = cspVersions.find((one) => one === version);
  return known ? { version: known, encoding: encoding as Encoding } : complain(`"${text}" is no version and encoding`);
};

const number = (text: string, most: number): number => {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : complain(`"${text}" is no whole number up to ${most}`);
};

const complain = (message: string): never => {
  throw new Error(`${message}\n${usage}`);
};
