import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FederationStore } from '../../store/store.ts';
import { Peers } from './peers.ts';

test('what another server tells again and again is written once', async () => {
  const written: string[] = [];
  const store: Partial<FederationStore> = {
    peer: async () => undefined,
    rememberPeer: async (_remote, text) => void written.push(text),
  };
  const peers = new Peers({
    store: store as FederationStore,
    seal: undefined,
    wall: () => 0,
    failed: (cause) => assert.fail(String(cause)),
  });
  for (let n = 0; n < 10; n++) await peers.learnt('away.example', { starttls: true });
  for (let n = 0; n < 10; n++) await peers.proved('away.example', 'dialback');
  await peers.learnt('away.example', { starttls: true, sm: true });
  await peers.settled();
  assert.equal(written.length, 3);
  assert.deepEqual(peers.known('away.example'), { hints: { starttls: true, sm: true }, proof: 'dialback' });
});
