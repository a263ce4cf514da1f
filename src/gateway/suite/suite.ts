// The gateway's services in conversation: Mila has a phone, Tomas an ordinary XMPP client. One script for every server and
// every kind of phone; the server is behind `makeGround`.

import { after, before, beforeEach, describe, type TestContext } from 'node:test';
import type { Personality } from '../../imps/client/personality.ts';
import type { Witness } from '../conformance/witness.ts';
import { attributeListConversations } from './attribute-lists.ts';
import { castOf } from './cast.ts';
import { cirConversations } from './cir.ts';
import { compatConversations } from './compat.ts';
import { contentConversations } from './content.ts';
import { conversationConversations } from './conversation.ts';
import { groupConversations } from './groups.ts';
import { invitationConversations } from './invitations.ts';
import { listConversations } from './lists.ts';
import { messageConversations } from './messages.ts';
import { negotiationConversations } from './negotiation.ts';
import { notificationConversations } from './notifications.ts';
import { phones } from './personalities.ts';
import { pieceConversations } from './pieces.ts';
import { portraitConversations } from './portraits.ts';
import { presenceConversations } from './presence.ts';
import { profileConversations } from './profile.ts';
import { restartConversations } from './restart.ts';
import { searchConversations } from './search.ts';
import { sessionConversations } from './sessions.ts';
import { signOutConversations } from './sign-outs.ts';
import { systemMessageConversations } from './system-messages.ts';
import { type Ground, World } from './world.ts';

export const serviceSuite = (
  title: string,
  makeGround: () => Promise<Ground>,
  kinds: readonly Personality[] = phones,
  witness?: Witness,
): void => {
  for (const kind of kinds)
    describe(`${title}: ${kind.name}`, () => {
      let world: World;
      before(async () => {
        world = new World(await makeGround(), witness);
        await world.gateway.start();
      });
      beforeEach((test) => witness?.begins((test as TestContext).name));
      after(() => world.close());

      const cast = castOf(() => world, kind);
      sessionConversations(cast);
      negotiationConversations(cast);
      signOutConversations(cast);
      notificationConversations(cast);
      systemMessageConversations(cast);
      presenceConversations(cast);
      portraitConversations(cast);
      attributeListConversations(cast);
      messageConversations(cast);
      contentConversations(cast);
      listConversations(cast);
      groupConversations(cast);
      invitationConversations(cast);
      conversationConversations(cast);
      pieceConversations(cast);
      compatConversations(cast);
      searchConversations(cast);
      profileConversations(cast);
      cirConversations(cast);
      restartConversations(cast);
    });
};
