// What a run does, from its command line. Without arguments: 200 contacts at every round trip, 20 and 1000 at the extremes.

import { parseArgs } from 'node:util';
import { type HomeName, homeNames } from './world/homes/home.ts';
import type { Proof } from './world/keys.ts';

export const caseNames = ['first', 'cold', 're-login', 'idle', 'cut'] as const;
export type CaseName = (typeof caseNames)[number];
export const partNames = ['sign-in', 'dead', 'set-up'] as const;
export type PartName = (typeof partNames)[number];

export interface Options {
  readonly homes: readonly HomeName[];
  readonly parts: readonly PartName[];
  readonly cases: readonly CaseName[];
  /** Each a round trip, milliseconds, and a number of contacts. */
  readonly matrix: readonly (readonly [rttMs: number, contacts: number])[];
  readonly domains: number;
  /** Octets per second of each link and direction. */
  readonly rate: number;
  readonly loss: number;
  readonly proof: Proof;
  readonly isBidi: boolean;
  readonly waitSeconds: number;
  readonly seed: number;
  readonly json: string | undefined;
  readonly picture: string | undefined;
  /** Only draw what this file holds. */
  readonly from: string | undefined;
}

export const usage = `npm run bench -- presence [options]
  --quick                200 contacts, round trip 300 ms, no waiting for the dead
  --all                  every number of contacts at every round trip
  --homes a,b            of ${homeNames.join(', ')}
  --parts a,b            of ${partNames.join(', ')}
  --cases a,b            of ${caseNames.join(', ')}
  --rtt 0,600            round trips of the links, ms
  --contacts 20,200      contacts of the user who signs in
  --domains 20           … over so many domains
  --rate 8000            octets per second of each link and direction (default: no limit)
  --loss 0.01            share of segments lost (default: none)
  --proof dialback       self-signed certificates and Server Dialback (default: certificate)
  --bidi                 the remote servers, and Prosody as home, know XEP-0288 (default: as Debian has them, without)
  --wait 400             seconds to wait for contacts of dead servers to go, in the part "dead"
  --seed 1               of the losses
  --json FILE            where the figures go
  --picture FILE         where the picture goes
  --from FILE            draws the picture of figures that are there already`;

/** Throws an Error whose message is for the terminal. */
export const readOptions = (args: readonly string[]): Options => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ quick: flag, all: flag, bidi: flag },
      ...{ homes: text, parts: text, cases: text, rtt: text, contacts: text, domains: text, rate: text, loss: text },
      ...{ proof: text, wait: text, seed: text, json: text, picture: text, from: text },
    },
  });
  const list = <Name extends string>(given: string | undefined, known: readonly Name[]): readonly Name[] =>
    given === undefined
      ? known
      : given.split(',').map((name) => known.find((one) => one === name) ?? complain(`"${name}" is none of ${known}`));
  const { quick, all, rtt, contacts } = values;
  const rtts = rtt === undefined ? undefined : rtt.split(',').map((one) => number(one, 0, 60_000));
  const sizes = contacts === undefined ? undefined : contacts.split(',').map((one) => number(one, 1, 10_000));
  const chosen = quick || all || rtts !== undefined || sizes !== undefined;
  const cross = (rows: readonly number[], columns: readonly number[]) =>
    rows.flatMap((row) => columns.map((column): readonly [number, number] => [row, column]));
  const proof = values.proof ?? 'certificate';
  return {
    homes: list(values.homes, homeNames),
    parts: values.parts === undefined && quick ? ['sign-in'] : list(values.parts, partNames),
    cases: list(values.cases, caseNames),
    matrix: chosen
      ? cross(rtts ?? (quick ? [300] : [0, 50, 300, 600]), sizes ?? (all ? [20, 200, 1000] : [200]))
      : [...cross([0, 50, 300, 600], [200]), ...cross([0, 600], [20, 1000])],
    domains: number(values.domains ?? '20', 1, 99),
    rate: values.rate === undefined ? Number.POSITIVE_INFINITY : number(values.rate, 100, 1e12),
    loss: number(values.loss ?? '0', 0, 0.5),
    proof: proof === 'certificate' || proof === 'dialback' ? proof : complain(`--proof is certificate or dialback`),
    isBidi: values.bidi,
    waitSeconds: number(values.wait ?? '400', 1, 3600),
    seed: number(values.seed ?? '1', 0, 2 ** 32),
    json: values.json,
    picture: values.picture,
    from: values.from,
  };
};

const number = (text: string, least: number, most: number): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  return value >= least && value <= most ? value : complain(`"${text}" is no number from ${least} to ${most}`);
};

const complain = (what: string): never => {
  throw new Error(what);
};
