// What a user's server says by itself, over one that says what the test wants.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, wbxml13 } from '../../../imps/client/personality.ts';
import { el } from '../../../xml/element.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { Stanza } from '../../../xmpp/stanza.ts';
import { scriptedStage } from '../../suite/stage.ts';

const stage = scriptedStage();

for (const kind of [plain, wbxml13])
  test(`a server's own word is a message, from its domain; what its operator says twice is shown once: ${kind.version}`, async () => {
    const { server, world } = stage;
    const mila = await world.phone(await world.someone('mila'), kind);
    const { domain } = mila.user;
    const from = Jid.from(domain);
    await server.delivers(
      Stanza.make(
        { kind: 'message', type: 'headline', from, id: 'h1' },
        el('subject', null, 'Tonight'),
        el('body', null, 'The server sleeps from two to three.'),
      ),
    );
    const message = await mila.receives('NewMessage');
    assert.equal(message.ContentData, 'Tonight\nThe server sleeps from two to three.');
    assert.equal(message.MessageInfo.Sender?.User?.UserID, `wv:${domain}@${domain}`);
    const mark = el('announcement', { xmlns: 'urn:onesoup:announcement', id: 'a1' });
    await server.delivers(Stanza.make({ kind: 'message', from, id: 'a1' }, el('body', null, 'Said twice'), mark));
    await mila.receivesNo('NewMessage');
    // Nobody else can have a message dropped.
    const stranger = Jid.from('eva@far.example/x');
    await server.delivers(Stanza.make({ kind: 'message', from: stranger, id: 'e1' }, el('body', null, 'Hej'), mark));
    assert.equal((await mila.receives('NewMessage')).ContentData, 'Hej');
    assert.deepEqual(world.troubles, []);
  });
