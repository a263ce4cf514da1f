// Requests per second and CPU per request: phones that poll in vain, send messages and say how they are, beside a bare
// `node:http` server that takes and gives as many octets. The two are driven in turn, round after round.

import assert from 'node:assert/strict';
import type { Progress } from '../../presence/report/progress.ts';
import { type Driven, drive, type Lane } from '../load/drive.ts';
import { signInFriend } from '../load/friends.ts';
import { type Form, type Phone, signInAll } from '../load/phones.ts';
import { stencilOf } from '../load/stencil.ts';
import { Wire } from '../load/wire.ts';
import { answerLabels, requestOf, type Work } from '../load/work.ts';
import { spreadOf, type ThroughputRow } from '../report/results.ts';
import { type Onesoup, startOnesoup } from '../world/onesoup.ts';
import { friendName, friendsOf } from '../world/people.ts';
import { startProgram } from '../world/process.ts';

export interface ThroughputOptions {
  readonly forms: readonly Form[];
  readonly works: readonly Work[];
  readonly rounds: number;
  readonly roundMs: number;
  /** Each with one phone of each form. */
  readonly connections: number;
  /** Further options of Node for the server: --cpu-prof and the like. */
  readonly nodeOptions: readonly string[];
}

const warmUps = 2;

interface Case {
  readonly form: Form;
  readonly work: Work;
  readonly lanes: readonly Lane[];
  readonly echoLanes: readonly Lane[];
  readonly requestOctets: number;
  readonly answerOctets: number;
  readonly rounds: { readonly ours: Driven; readonly echo: Driven }[];
}

export const measureThroughput = async (
  options: ThroughputOptions,
  progress: Progress,
): Promise<readonly ThroughputRow[]> => {
  const { forms, works, rounds, roundMs, connections } = options;
  const count = connections * forms.length;
  progress.begins(`${count} phones sign in`);
  await using stack = new AsyncDisposableStack();
  const onesoup = stack.use(await startOnesoup({ phones: count, friends: true, neighbours: 0 }, options.nodeOptions));
  const echo = startProgram([new URL('../world/echo.ts', import.meta.url).pathname]);
  stack.defer(() => echo.stop());
  const openAll = async (port: number): Promise<readonly Wire[]> => {
    const wires = await Promise.all(Array.from({ length: connections }, () => Wire.open(port)));
    stack.defer(() => {
      for (const wire of wires) wire.close();
    });
    return wires;
  };
  for (let at = 0; at < friendsOf(count); at++) stack.use(await signInFriend(onesoup.ports.c2s, friendName(at)));
  const formOf = (index: number): Form => forms[Math.floor(index / connections)] as Form;
  const phones = await signInAll(onesoup.ports.http, { first: 0, count, formOf });
  const wires = await openAll(onesoup.ports.http);
  const echoWires = await openAll(Number(await echo.line()));
  progress.done(`${count} phones signed in`);

  const cases: Case[] = [];
  for (const [at, form] of forms.entries())
    for (const work of works)
      cases.push(await prepare(work, form, phones.slice(at * connections, (at + 1) * connections), wires, echoWires));
  for (let round = -warmUps; round < rounds; round++)
    for (const one of cases) {
      progress.begins(`${one.work}, CSP ${one.form.version} in ${one.form.encoding}`);
      // The first rounds are for the compilers: they count for nothing.
      const echoed = await drive(one.echoLanes, roundMs, echo.pid);
      const ours = await driveChecked(one, roundMs, onesoup);
      if (round < 0) continue;
      one.rounds.push({ ours, echo: echoed });
      progress.done(`round ${round + 1}: ${one.work}, CSP ${one.form.version} in ${one.form.encoding}`);
    }
  return cases.map(rowOf);
};

const prepare = async (
  work: Work,
  form: Form,
  phones: readonly Phone[],
  wires: readonly Wire[],
  echoWires: readonly Wire[],
): Promise<Case> => {
  let number = 0;
  const lengths = new Set<number>();
  let requestOctets = 0;
  let answerOctets = 0;
  const lanes: Lane[] = [];
  for (const [at, phone] of phones.entries()) {
    const wire = wires[at] as Wire;
    const stencil = stencilOf(requestOf(work, phone.index), form).copy();
    const next = (): Uint8Array => stencil.fill(phone.sessionId, ++number);
    const { status, body } = await wire.asked(next());
    assert.equal(status, 200);
    // What a poll brings first is what waited: nothing may.
    if (work === 'poll') assert.equal(body.length, 0, `something waits for phone ${phone.index}`);
    lengths.add(body.length);
    requestOctets = stencil.octets.length;
    answerOctets = body.length;
    lanes.push({
      wire,
      next,
      check: (code, { length }) => {
        // MessageIDs grow; that every answer was a good one is known from the server's own count.
        if (code !== 200 || (work === 'poll' ? length !== 0 : Math.abs(length - answerOctets) > 16))
          throw new Error(`${work}: HTTP ${code} with ${length} octets`);
      },
    });
  }
  const echoLanes = echoWires.map((wire, at): Lane => {
    const stencil = stencilOf(requestOf(work, at), form).copy(`/${answerOctets}`);
    return {
      wire,
      next: () => stencil.fill(phones[at]?.sessionId ?? '', ++number),
      check: (code, { length }) => assert(code === 200 && length === answerOctets),
    };
  });
  return { form, work, lanes, echoLanes, requestOctets, answerOctets, rounds: [] };
};

/** The server must have counted as many answers of success as there were requests, whatever their octets look like. */
const driveChecked = async ({ work, lanes }: Case, ms: number, onesoup: Onesoup): Promise<Driven> => {
  const label = answerLabels[work];
  const counted = async (): Promise<number> => (label ? ((await onesoup.metrics()).get(label) ?? 0) : 0);
  const before = await counted();
  const driven = await drive(lanes, ms, onesoup.program.pid);
  if (label)
    assert.equal((await counted()) - before, driven.requests, `${work}: not every request was answered by 200`);
  return driven;
};

const rowOf = ({ form, work, requestOctets, answerOctets, rounds }: Case): ThroughputRow => {
  const perSecond = ({ requests, seconds }: Driven): number => requests / seconds;
  const cpu = ({ requests, serverCpu }: Driven): number => serverCpu / requests;
  const spread = (figure: (round: Case['rounds'][number]) => number) => spreadOf(rounds.map(figure));
  return {
    ...{ ...form, work, requestOctets, answerOctets },
    perSecond: spread(({ ours }) => perSecond(ours)),
    echoPerSecond: spread(({ echo }) => perSecond(echo)),
    ofEcho: spread(({ ours, echo }) => perSecond(ours) / perSecond(echo)),
    cpu: spread(({ ours }) => cpu(ours)),
    echoCpu: spread(({ echo }) => cpu(echo)),
    cpuOfEcho: spread(({ ours, echo }) => cpu(ours) / cpu(echo)),
    loadCpu: spread(({ ours }) => ours.loadCpu / ours.requests),
  };
};
