// What it costs until two servers have a link and a first question through it is answered: a ping, which takes the way a probe
// takes. In round trips: what a round trip on the link adds to the time, so that the work of the servers is not counted.

import { startNetwork } from '../../../interop/peers/network.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { startWatcher } from '../clients/threads.ts';
import type { Progress } from '../report/progress.ts';
import type { SetUpRow } from '../report/results.ts';
import type { HomeName } from '../world/homes/home.ts';
import { homes } from '../world/homes/index.ts';
import { Links } from '../world/links.ts';
import { domainsOf, homeDomain, loner, password } from '../world/people.ts';
import { apart } from './stage.ts';

export type SetUp = Pick<SetUpRow, 'from' | 'to' | 'reach' | 'proof' | 'isBidi'>;

const rttMs = 400;
const patienceMs = 40_000;

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
  const [farDomain = ''] = domainsOf(1);
  await using stack = new AsyncDisposableStack();
  const network = apart(stack.use(await startNetwork()));
  const links = stack.adopt(new Links(network, seededRandom(seed)), (it) => it.close());
  const common = { network, contacts: [], proof, isBidi, boundSeconds: 20 };
  const far = stack.adopt(await homes[to]({ ...common, domain: farDomain, users: [] }), (it) => it.remove());
  const home = stack.adopt(await homes[from]({ ...common, domain: homeDomain, users: [loner] }), (it) => it.remove());
  await links.lay([farDomain], far, reach, false);
  await links.lay([homeDomain], home, reach, true);
  const watcher = stack.adopt(startWatcher(), (it) => it.end());
  await home.forget(loner);
  await far.start();

  const ping = async (): Promise<number | undefined> => {
    await watcher.signIn({ ...home.c2s, domain: homeDomain, name: loner, password });
    const answer = await watcher.ping(farDomain, patienceMs);
    await watcher.signOff();
    return answer;
  };
  /** What a link costs between servers that never met, and after it broke. Milliseconds. */
  const pair = async (): Promise<readonly [number | undefined, number | undefined]> => {
    await home.start();
    const first = await ping();
    await links.become('dead');
    await links.become('up');
    const again = await ping();
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
