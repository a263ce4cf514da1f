// What clients can do, by the hash they announce it with (XEP-0115).

import type { Database } from '../database.ts';
import type { CapabilityStore } from '../store.ts';

export interface CapabilityLimits {
  /** Hashes remembered; the oldest go first. */
  readonly capabilitiesMax: number;
}

export const capabilityStore = (database: Database, { capabilitiesMax }: CapabilityLimits): CapabilityStore => ({
  features: (hash) =>
    database.read(async (db) => {
      const row = await db.selectFrom('capabilities').select('features').where('hash', '=', hash).executeTakeFirst();
      return row && (JSON.parse(row.features) as string[]);
    }),

  async remember(hash, features) {
    await database.write(async (db) => {
      const row = await db
        .insertInto('capabilities')
        .values({ hash, features: JSON.stringify(features) })
        .onConflict((conflict) => conflict.column('hash').doNothing())
        .returning('seq')
        .executeTakeFirst();
      if (row)
        await db
          .deleteFrom('capabilities')
          .where('seq', '<=', row.seq - capabilitiesMax)
          .execute();
    });
  },
});
