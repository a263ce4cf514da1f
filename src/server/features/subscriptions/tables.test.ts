// RFC 6121 Appendix A, walked row by row over a real server: for each state and stanza, is it routed or delivered, and what
// state follows. The rows here are written as the RFC prints them ("MUST"/"MUST NOT", new state), not taken from the code.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RosterItem } from '../../../store/store.ts';
import { testServer } from '../../testing/server.ts';
import { emptyItem } from '../../users/roster.ts';

type RfcState =
  | 'None'
  | 'None + Pending Out'
  | 'None + Pending In'
  | 'None + Pending Out+In'
  | 'To'
  | 'To + Pending In'
  | 'From'
  | 'From + Pending Out'
  | 'Both';

const items: Record<RfcState, Partial<RosterItem>> = {
  None: { subscription: 'none' },
  'None + Pending Out': { subscription: 'none', ask: true },
  'None + Pending In': { subscription: 'none', request: 'x' },
  'None + Pending Out+In': { subscription: 'none', ask: true, request: 'x' },
  To: { subscription: 'to' },
  'To + Pending In': { subscription: 'to', request: 'x' },
  From: { subscription: 'from' },
  'From + Pending Out': { subscription: 'from', ask: true },
  Both: { subscription: 'both' },
};
const states = Object.keys(items) as RfcState[];

// In the order of `states`; '-' is "no state change".
const tables = {
  'A.2.1 sends subscribe': [
    ['MUST', 'None + Pending Out'],
    ['MUST', '-'],
    ['MUST', 'None + Pending Out+In'],
    ['MUST', '-'],
    ['MUST', '-'],
    ['MUST', '-'],
    ['MUST', 'From + Pending Out'],
    ['MUST', '-'],
    ['MUST', '-'],
  ],
  'A.2.2 sends unsubscribe': [
    ['MUST', '-'],
    ['MUST', 'None'],
    ['MUST', '-'],
    ['MUST', 'None + Pending In'],
    ['MUST', 'None'],
    ['MUST', 'None + Pending In'],
    ['MUST', '-'],
    ['MUST', 'From'],
    ['MUST', 'From'],
  ],
  'A.2.3 sends subscribed': [
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST', 'From'],
    ['MUST', 'From + Pending Out'],
    ['MUST NOT', '-'],
    ['MUST', 'Both'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
  ],
  'A.2.4 sends unsubscribed': [
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST', 'None'],
    ['MUST', 'None + Pending Out'],
    ['MUST NOT', '-'],
    ['MUST', 'To'],
    ['MUST', 'None'],
    ['MUST', 'None + Pending Out'],
    ['MUST', 'To'],
  ],
  'A.3.1 receives subscribe': [
    ['MUST', 'None + Pending In'],
    ['MUST', 'None + Pending Out+In'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST', 'To + Pending In'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
  ],
  'A.3.2 receives unsubscribe': [
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST', 'None'],
    ['MUST', 'None + Pending Out'],
    ['MUST NOT', '-'],
    ['MUST', 'To'],
    ['MUST', 'None'],
    ['MUST', 'None + Pending Out'],
    ['MUST', 'To'],
  ],
  'A.3.3 receives subscribed': [
    ['MUST NOT', '-'],
    ['MUST', 'To'],
    ['MUST NOT', '-'],
    ['MUST', 'To + Pending In'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST NOT', '-'],
    ['MUST', 'Both'],
    ['MUST NOT', '-'],
  ],
  'A.3.4 receives unsubscribed': [
    ['MUST NOT', '-'],
    ['MUST', 'None'],
    ['MUST NOT', '-'],
    ['MUST', 'None + Pending In'],
    ['MUST', 'None'],
    ['MUST', 'None + Pending In'],
    ['MUST NOT', '-'],
    ['MUST', 'From'],
    ['MUST', 'From'],
  ],
} as const;

const stateOfItem = (item: RosterItem | undefined): RfcState => {
  const { subscription = 'none', ask = false, request } = item ?? {};
  const pending = [ask && 'Out', request !== undefined && 'In'].filter(Boolean).join('+');
  const name = { none: 'None', to: 'To', from: 'From', both: 'Both' }[subscription];
  return (pending ? `${name} + Pending ${pending}` : name) as RfcState;
};

for (const [title, rows] of Object.entries(tables))
  test(`RFC 6121 ${title}`, async () => {
    const [, direction, type] = title.split(' ');
    const server = testServer();
    // The contact's domain is none of ours: what is routed there is caught, and nothing comes back by itself.
    const routed: string[] = [];
    const host = server.hosts.get('home.test');
    assert(host);
    server.federate({
      async carry(stanza) {
        if (stanza.type === type) routed.push(stanza.toXml());
      },
    });
    const { Jid } = await import('../../../xmpp/jid.ts');
    const { Stanza } = await import('../../../xmpp/stanza.ts');

    for (const [index, state] of states.entries()) {
      const name = `user${index}`;
      const user = `${name}@home.test`;
      const contact = 'contact@far.example';
      await server.addAccount(name);
      const request = `<presence from='${contact}' to='${user}' type='subscribe'/>`;
      const { request: waits, ...item } = items[state];
      await server.store.rosters.set(user, contact, {
        ...emptyItem(contact),
        ...item,
        request: waits && request,
        listed: true,
      });
      const client = await server.signIn(name);
      await client.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>");
      client.received.length = 0;
      routed.length = 0;

      if (direction === 'sends') await client.sends(`<presence type='${type}' to='${contact}'/>`);
      else {
        const head = { kind: 'presence', type, from: Jid.from(contact), to: Jid.from(user) } as const;
        await host.route(Stanza.make(head));
        await server.settle();
      }
      const [must, next] = rows[index] ?? assert.fail();
      const passed = direction === 'sends' ? routed : client.received.filter((one) => one.type === type);
      assert.equal(passed.length, must === 'MUST' ? 1 : 0, `${state}: ${must} be passed on`);
      const { items: after } = await server.store.rosters.get(user);
      const found = after.find((one) => one.contact === contact);
      assert.equal(stateOfItem(found), next === '-' ? state : next, `${state}: the state that follows`);
      const pushes = client.received.filter((one) => one.kind === 'iq');
      const isVisible =
        found && (found.subscription !== items[state].subscription || found.ask !== (items[state].ask ?? false));
      // A pre-approval shows, too (§3.4).
      const isPreApproval =
        title.startsWith('A.2.3') && must === 'MUST NOT' && !['From', 'From + Pending Out', 'Both'].includes(state);
      assert.equal(pushes.length, isVisible || isPreApproval ? 1 : 0, `${state}: pushes`);
    }
    await server.close();
  });
