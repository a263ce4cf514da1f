// RFC 6121 §8.5.4, Table 1, walked cell by cell over a real server: who gets the message, and what its sender hears.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestServer, testServer } from '../testing/server.ts';

// delivered: to the session(s) · kept: offline · error: service-unavailable to the sender · nothing.
type Result = 'delivered' | 'kept' | 'error' | 'nothing';
const types = ['normal', 'chat', 'groupchat', 'headline', 'error'] as const;

const situations: Record<
  string,
  { priorities: readonly (number | undefined)[]; address: string; wanted: readonly Result[] }
> = {
  'account does not exist, bare': {
    priorities: [],
    address: 'nobody@home.test',
    wanted: ['error', 'error', 'error', 'nothing', 'nothing'],
  },
  'account does not exist, full': {
    priorities: [],
    address: 'nobody@home.test/x',
    wanted: ['error', 'error', 'error', 'nothing', 'nothing'],
  },
  'no resources, bare': {
    priorities: [],
    address: 'mila@home.test',
    wanted: ['kept', 'kept', 'error', 'nothing', 'nothing'],
  },
  'no resources, full': {
    priorities: [],
    address: 'mila@home.test/r0',
    wanted: ['error', 'kept', 'error', 'nothing', 'nothing'],
  },
  'connected only, bare': {
    priorities: [undefined],
    address: 'mila@home.test',
    wanted: ['kept', 'kept', 'error', 'nothing', 'nothing'],
  },
  'connected only, full match': {
    priorities: [undefined],
    address: 'mila@home.test/r0',
    wanted: ['delivered', 'delivered', 'delivered', 'delivered', 'delivered'],
  },
  'negative only, bare': {
    priorities: [-1],
    address: 'mila@home.test',
    wanted: ['kept', 'kept', 'error', 'nothing', 'nothing'],
  },
  'negative only, full match': {
    priorities: [-1],
    address: 'mila@home.test/r0',
    wanted: ['delivered', 'delivered', 'delivered', 'delivered', 'delivered'],
  },
  'negative only, full no match': {
    priorities: [-1],
    address: 'mila@home.test/x',
    wanted: ['error', 'kept', 'error', 'nothing', 'nothing'],
  },
  'one non-negative, bare': {
    priorities: [0],
    address: 'mila@home.test',
    wanted: ['delivered', 'delivered', 'error', 'delivered', 'nothing'],
  },
  'one non-negative, full match': {
    priorities: [0],
    address: 'mila@home.test/r0',
    wanted: ['delivered', 'delivered', 'delivered', 'delivered', 'delivered'],
  },
  'one non-negative, full no match': {
    priorities: [0],
    address: 'mila@home.test/x',
    wanted: ['error', 'delivered', 'error', 'nothing', 'nothing'],
  },
  'several non-negative, bare': {
    priorities: [0, 5],
    address: 'mila@home.test',
    wanted: ['delivered', 'delivered', 'error', 'delivered', 'nothing'],
  },
  'several non-negative, full match': {
    priorities: [5, 0],
    address: 'mila@home.test/r0',
    wanted: ['delivered', 'delivered', 'delivered', 'delivered', 'delivered'],
  },
  'several non-negative, full no match': {
    priorities: [0, 5],
    address: 'mila@home.test/x',
    wanted: ['error', 'delivered', 'error', 'nothing', 'nothing'],
  },
};

const observe = async (
  server: TestServer,
  priorities: readonly (number | undefined)[],
  address: string,
  type: string,
): Promise<Result> => {
  await server.addAccount('mila');
  const sessions = [];
  for (const [index, priority] of priorities.entries()) {
    const session = await server.signIn('mila', `r${index}`);
    if (priority !== undefined) await session.sends(`<presence><priority>${priority}</priority></presence>`);
    sessions.push(session);
  }
  const anna = await server.signIn('anna', 'phone');
  for (const session of sessions) session.received.length = 0;
  await anna.sends(`<message to='${address}' type='${type}' id='1'><body>hello</body></message>`);
  const results: Result[] = [];
  const matching = sessions.filter(({ jid }) => jid === address);
  const expected = matching.length > 0 ? matching : sessions;
  const got = sessions.filter(({ received }) => received.length > 0);
  if (got.length > 0) {
    assert.deepEqual(got, expected, 'all of those it is for, and no other');
    results.push('delivered');
  }
  if ((await server.store.messages.count('mila@home.test')) > 0) results.push('kept');
  if (anna.received.length > 0) {
    assert.equal(anna.received[0]?.type, 'error');
    assert(anna.received[0]?.toXml().includes('service-unavailable'));
    results.push('error');
  }
  assert(results.length <= 1, results.join());
  return results[0] ?? 'nothing';
};

for (const [name, { priorities, address, wanted }] of Object.entries(situations))
  test(`RFC 6121 §8.5.4: ${name}`, async () => {
    const results: Result[] = [];
    for (const type of types) {
      const server = testServer();
      results.push(await observe(server, priorities, address, type));
      await server.close();
    }
    assert.deepEqual(
      Object.fromEntries(types.map((type, index) => [type, results[index]])),
      Object.fromEntries(types.map((type, index) => [type, wanted[index]])),
    );
  });
