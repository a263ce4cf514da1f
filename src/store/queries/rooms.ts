// Rooms that outlive their occupants (XEP-0045): what they are, who is who in them, and what was said.

import type { Database, Queries } from '../database.ts';
import type { RoomStore } from '../store.ts';
import type { Tables } from '../tables.ts';

export const roomStore = (database: Database): RoomStore => ({
  list: ({ after, limit }) =>
    database.read(async (db) => {
      let query = db.selectFrom('rooms').select(['room', 'creator', 'state']).orderBy('room').limit(limit);
      if (after !== undefined) query = query.where('room', '>', after);
      return (await query.execute()).map(({ room, creator, state }) => ({ room, creator, state }));
    }),

  get: (room) =>
    database.read(async (db) => {
      // One statement, so that the room and its affiliations are of the same moment.
      const rows = await db
        .selectFrom('rooms')
        .leftJoin('room_affiliations', 'room_affiliations.room', 'rooms.room')
        .select(['rooms.room', 'rooms.creator', 'rooms.state', 'jid', 'affiliation', 'nick', 'reason'])
        .where('rooms.room', '=', room)
        .orderBy('jid')
        .execute();
      const [first] = rows;
      if (!first) return undefined;
      const affiliations = rows.flatMap(({ jid, affiliation, nick, reason }) =>
        jid === null || affiliation === null
          ? []
          : [{ jid, affiliation, nick: nick ?? undefined, reason: reason ?? undefined }],
      );
      return { record: { room, creator: first.creator, state: first.state }, affiliations };
    }),

  async save({ room, creator, state }) {
    await database.write((db) =>
      db
        .insertInto('rooms')
        .values({ room, creator, state })
        .onConflict((conflict) => conflict.column('room').doUpdateSet({ creator, state }))
        .execute(),
    );
  },

  async affiliate(room, changes) {
    if (!changes.length) return;
    await database.write(async (db) => {
      for (const change of changes) {
        await db.deleteFrom('room_affiliations').where('room', '=', room).where('jid', '=', change.jid).execute();
        if (change.affiliation === 'none') continue;
        const { jid, affiliation, nick = null, reason = null } = change;
        await db.insertInto('room_affiliations').values({ room, jid, affiliation, nick, reason }).execute();
      }
    });
  },

  affiliatedWith: (jid) =>
    database.read(async (db) => {
      const rows = await db
        .selectFrom('room_affiliations')
        .select('room')
        .where('jid', '=', jid)
        .orderBy('room')
        .execute();
      return rows.map(({ room }) => room);
    }),

  remove: (room) =>
    database.write(async (db) => {
      await db.deleteFrom('room_affiliations').where('room', '=', room).execute();
      await db.deleteFrom('room_messages').where('room', '=', room).execute();
      const { numDeletedRows } = await db.deleteFrom('rooms').where('room', '=', room).executeTakeFirst();
      return numDeletedRows > 0n;
    }),

  addMessage: (room, { id, stanza, sentAt }, keep) =>
    database.write(async (db) => {
      const { seq } = await db
        .insertInto('room_messages')
        .values({ room, id, stanza, sent_at: sentAt })
        .returning('seq')
        .executeTakeFirstOrThrow();
      await trim(db, room, keep);
      return seq;
    }),

  async trim(room, keep) {
    await database.write((db) => trim(db, room, keep));
  },

  messages: (room, { before, limit }) =>
    database.read(async (db) => {
      let query = db
        .selectFrom('room_messages')
        .select(['seq', 'id', 'stanza', 'sent_at'])
        .where('room', '=', room)
        .orderBy('seq', 'desc')
        .limit(limit);
      if (before !== undefined) query = query.where('seq', '<', before);
      return (await query.execute()).reverse().map(messageOf);
    }),
});

const trim = async (db: Queries, room: string, keep: number): Promise<void> => {
  const oldest = await db
    .selectFrom('room_messages')
    .select('seq')
    .where('room', '=', room)
    .orderBy('seq', 'desc')
    .offset(keep)
    .limit(1)
    .executeTakeFirst();
  if (oldest) await db.deleteFrom('room_messages').where('room', '=', room).where('seq', '<=', oldest.seq).execute();
};

const messageOf = ({ id, stanza, sent_at, seq }: { seq: number } & Omit<Tables['room_messages'], 'seq' | 'room'>) => ({
  seq,
  id,
  stanza,
  sentAt: sent_at,
});
