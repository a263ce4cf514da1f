// The first sign-in after a restart runs code that has never run, ten times slower than it will a hundred sign-ins later; and
// it is after a restart that everybody comes back at once. So, before anybody is let in, a made-up user signs in a few times.

import { makePresenceState } from '../../../presence/state.ts';
import { step } from '../../../presence/step.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { stanzasOf } from './shown.ts';

const contacts = 100;
const signIns = 30;

let isDone = false;

/** Once in a process. Takes some 30 ms and touches nothing but a view of its own. */
export const rehearse = (): void => {
  if (isDone) return;
  isDone = true;
  const state = makePresenceState({}, 1);
  const user = 'rehearsal@rehearsal.invalid';
  const to = Jid.from(`${user}/client`);
  for (let i = 0; i < contacts; i++) {
    const contact = `contact${i}@rehearsal${i % 10}.invalid`;
    step(state, { type: 'contact-added', user, contact, isLocal: false }, 0);
    const payload = `<show>away</show><status>${i}</status><priority>5</priority>`;
    step(state, { type: 'available', user, contact, resource: 'desk', payload }, 0);
  }
  for (let i = 0; i < signIns; i++) {
    const session = `${user}/${i}`;
    for (let j = 0; j < contacts; j++)
      step(
        state,
        { type: 'contact-added', user, contact: `contact${j}@rehearsal${j % 10}.invalid`, isLocal: false },
        0,
      );
    for (const effect of step(state, { type: 'session-available', user, session }, 0))
      if (effect.type === 'deliver') for (const stanza of stanzasOf(effect.presences, to)) stanza.toXml();
    step(state, { type: 'session-gone', user, session }, 0);
  }
};
