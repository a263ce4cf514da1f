// What goes wrong on the servers' side: processes restarted and killed, lines between servers down for hours.

import type { Chance } from './chance.ts';
import type { Lines } from './lines.ts';
import type { Place } from './place.ts';
import { count, type Stage, sleep } from './stage.ts';

const roomsSettleMs = 20 * 60_000;

/** Restarts, kills and broken lines, until it is told to clear up. */
export class Weather {
  readonly #stage: Stage;
  readonly #places: readonly Place[];
  readonly #lines: Lines;
  readonly #chance: Chance;
  readonly #down = new Set<string>();
  isStormy = false;
  /** What is down now. */
  #troubles = 0;

  constructor(stage: Stage, places: readonly Place[], lines: Lines) {
    this.#stage = stage;
    this.#chance = stage.chance.fork();
    this.#places = places;
    this.#lines = lines;
  }

  /** Until the simulation is over. */
  async blow(): Promise<void> {
    await Promise.all([...this.#places.map((place) => this.#trouble(place, this.#chance.fork())), this.#breakLines()]);
  }

  async #trouble(place: Place, chance: Chance): Promise<void> {
    const stage = this.#stage;
    while (!stage.isOver) {
      await sleep(stage, chance.wait(2.5 * 3_600_000));
      if (!this.isStormy || stage.isOver || !place.running) continue;
      const how = chance.weighted({ stopped: 1, killed: 2 });
      count(stage, `server ${how}`);
      // Rooms are where their members' servers can reach them, some time after those are back.
      stage.ledger.excuseGroups();
      this.#troubles++;
      if (how === 'stopped') {
        stage.tell(place.name, 'is to stop');
        await place.stop();
      } else {
        const gone = new Promise<void>((resolve) => {
          const unwatch = place.watch(() => {
            unwatch();
            resolve();
          });
        });
        place.killAfter(chance.below(200));
        await gone;
      }
      await sleep(stage, chance.between(2_000, chance.is(0.8) ? 30_000 : 600_000));
      if (!stage.isOver) await place.start();
      this.#troubles--;
      this.#settle();
    }
  }

  async #breakLines(): Promise<void> {
    const stage = this.#stage;
    if (this.#places.length < 2) return;
    while (!stage.isOver) {
      await sleep(stage, this.#chance.wait(3 * 3_600_000));
      if (!this.isStormy || stage.isOver) continue;
      const one = this.#chance.pick(this.#places);
      const other = this.#chance.pick(this.#places);
      if (one === other) continue;
      const how = this.#chance.pick(['refused', 'silent'] as const);
      count(stage, `line ${how}`);
      const key = `${one.name} ${other.name}`;
      this.#down.add(key);
      stage.tell('lines', `between ${one.name} and ${other.name}: ${how}`);
      this.#lines.change(one.name, other.name, how);
      this.#troubles++;
      stage.ledger.excuseGroups();
      await sleep(stage, this.#chance.wait(this.#chance.is(0.5) ? 120_000 : 2 * 3_600_000));
      this.#heal(key);
    }
  }

  /** Every line is up again, and stays so until the next storm. */
  clearUp(): void {
    this.isStormy = false;
    for (const key of [...this.#down]) this.#heal(key);
  }

  /** When nothing is broken any more, rooms get a while to find their members again. */
  #settle(): void {
    if (this.#troubles === 0) this.#stage.ledger.calm(roomsSettleMs);
  }

  #heal(key: string): void {
    if (!this.#down.delete(key)) return;
    this.#troubles--;
    this.#settle();
    const [one = '', other = ''] = key.split(' ');
    this.#stage.tell('lines', `between ${one} and ${other}: up`);
    this.#lines.change(one, other, 'up');
  }
}
