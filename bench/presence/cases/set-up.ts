// What it costs until two servers have a link and a first question through it is answered: a ping, which takes the way a probe
// takes. In round trips: what a round trip on the link adds to the time, so that the work of the servers is not counted.

import { setTimeout as sleep } from 'node:timers/promises';
import { startNetwork } from '../../../interop/peers/network.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { startWatcher } from '../clients/threads.ts';
import type { Progress } from '../report/progress.ts';
import type { SetUpRow } from '../report/results.ts';
import type { HomeName } from '../world/homes/home.ts';
import { homes } from '../world/homes/index.ts';
import { Links } from '../world/links.ts';
import { firstRemote, homeDomain, loner, password } from '../world/people.ts';
import { apart } from './stage.ts';

export type SetUp = Pick<SetUpRow, 'from' | 'to' | 'reach' | 'proof' | 'isBidi'>;

const rttMs = 400;
const patienceMs = 40_000;
/** A onesoup with idle_minutes: 1 has closed its streams by then. */
const idleMaxMs = 150_000;

/** onesoup with everybody in every way, and the others among themselves for comparison. */
export const setUpsOf = (chosen: readonly HomeName[]): SetUp[] => {
  const ways = [
    { reach: 'starttls', proof: 'certificate' },
    { reach: 'starttls', proof: 'dialback' },
    { reach: 'direct', proof: 'certificate' },
  ] as const;
  return chosen.flatMap((from) =>
    (from === 'onesoup' ? chosen : chosen.filter((to) => to === from)).flatMap((to) =>
      ways
        .filter(({ reach }) => from === 'onesoup' || reach === 'starttls')
        // Of the peers, only Prosody has XEP-0288, and not unless asked.
        .flatMap((way) => (to === 'prosody' ? [false, true] : [false]).map((isBidi) => ({ from, to, ...way, isBidi }))),
    ),
  );
};

export const measureSetUp = async (setUp: SetUp, seed: number, progress: Progress): Promise<SetUpRow> => {
  const { from, to, reach, proof, isBidi } = setUp;
  await using stack = new AsyncDisposableStack();
  const network = apart(stack.use(await startNetwork()));
  const links = stack.adopt(new Links(network, seededRandom(seed)), (it) => it.close());
  const common = { network, contacts: [], proof, isBidi, onesoupFederation: { idle_minutes: 1 } };
  const far = stack.adopt(await homes[to]({ ...common, domain: firstRemote, users: [] }), (it) => it.remove());
  const home = stack.adopt(await homes[from]({ ...common, domain: homeDomain, users: [loner] }), (it) => it.remove());
  await links.lay([firstRemote], far, reach, false);
  await links.lay([homeDomain], home, reach, true);
  const watcher = stack.adopt(startWatcher(), (it) => it.end());
  await home.forget(loner);
  await far.start();

  const ping = async (): Promise<number | undefined> => {
    await watcher.signIn({ ...home.c2s, domain: homeDomain, name: loner, password });
    const answer = await watcher.ping(firstRemote, patienceMs);
    await watcher.signOff();
    return answer;
  };
  const noLinks = async (): Promise<boolean> => {
    await far.closeStreams?.();
    for (const until = performance.now() + idleMaxMs; links.openConnections > 0; await sleep(100))
      if (performance.now() > until) return false;
    return true;
  };
  /** What a link costs between servers that never met, and after it was closed in order. Milliseconds. */
  const pair = async (): Promise<readonly [number | undefined, number | undefined]> => {
    await home.start();
    const first = await ping();
    const again = (await noLinks()) ? await ping() : undefined;
    await home.stop();
    return [first, again];
  };
  const what = `link from ${from} to ${to}, ${reach}, ${proof}${isBidi ? ', bidi' : ''}`;
  progress.begins(what);
  const [firstNear, againNear] = await pair();
  links.conditions = { ...links.conditions, rttMs };
  const [firstFar, againFar] = await pair();
  const trips = (near: number | undefined, distant: number | undefined): number | undefined =>
    near === undefined || distant === undefined ? undefined : (distant - near) / rttMs;
  const row = { ...setUp, first: trips(firstNear, firstFar), again: trips(againNear, againFar) };
  const shown = (count: number | undefined): string => count?.toFixed(1) ?? 'no answer';
  progress.done(`${what}: ${shown(row.first)} round trips, again ${shown(row.again)}`);
  return row;
};
