// A phone's session: its beginning, what is negotiated for it, and its end.

import assert from 'node:assert/strict';
import { capabilityRequest } from '../../../imps/client/capabilities.ts';
import { CspClientError } from '../../../imps/client/client.ts';
import type { Primitive } from '../../../imps/primitives.ts';
import type { Handy } from '../handy.ts';
import type { Operation } from '../operation.ts';
import type { World } from '../world.ts';
import { text } from './messages.ts';

/** A sign-in that gets no answer, or one that says that it shall begin anew, is begun anew: with the same phone. */
const signIn = async (world: World, scheme: 'PWD' | 'MD5' | 'SHA'): Promise<Handy> => {
  for (;;) {
    const phone = world.phone('ivan', 500);
    const isIn = await world.done(
      phone.client.signIn(scheme).then(
        () => true,
        (cause: unknown) => {
          if (!(cause instanceof CspClientError) || (cause.code !== undefined && cause.code !== 401)) throw cause;
          return false;
        },
      ),
    );
    if (isIn) return phone;
    phone.client.drop();
    await world.pass(1_000);
  }
};

const signingIn = (scheme: 'PWD' | 'MD5' | 'SHA'): Operation => ({
  name: `sign-in by ${scheme}: in the end there is one session`,
  begin(world) {
    let phone: Handy;
    return {
      async go() {
        phone = await signIn(world, scheme);
        assert.equal(await phone.code({ name: 'KeepAlive-Request' }), 200);
      },
      async check() {
        assert.equal(await world.sessionsOf('ivan'), 1);
        await world.done(phone.client.signOut());
        await world.pass(10_000);
        assert.equal(await world.sessionsOf('ivan'), 0);
      },
    };
  },
});

/** A phone that signs out is off when there is no answer: it does not ask again. */
const signingOut: Operation = {
  name: 'sign-out: a session that has ended does not come back',
  begin(world) {
    let phone: Handy;
    let isAnswered: boolean;
    return {
      ready: async () => {
        phone = await signIn(world, 'PWD');
      },
      go: async () => {
        isAnswered = await world.done(
          phone.client.signOut().then(
            () => true,
            () => false,
          ),
        );
      },
      async check() {
        await world.pass(10_000);
        const left = await world.sessionsOf('ivan');
        assert.ok(left <= (isAnswered ? 0 : 1), `${left} sessions${isAnswered ? ', though it is signed out' : ''}`);
        const again = await signIn(world, 'PWD');
        assert.equal(await world.sessionsOf('ivan'), 1);
        await world.done(again.client.signOut());
      },
    };
  },
};

const negotiating: Operation = {
  name: 'what was negotiated is agreed',
  begin(world) {
    const answers: Primitive[] = [];
    let phone: Handy;
    return {
      ready: async () => {
        phone = await signIn(world, 'PWD');
      },
      async go(round) {
        const { personality } = phone.client;
        const { CapabilityList, ...rest } = capabilityRequest(
          personality,
          personality.clientId,
          { methods: [], udpPort: undefined },
          20,
        );
        const now = [
          await phone.ask({ ...rest, CapabilityList: { ...CapabilityList, InitialDeliveryMethod: 'N' } }),
          await phone.ask({
            ...{ name: 'Service-Request', ClientID: personality.clientId, AllFunctionsRequest: true },
            Functions: { WVCSPFeat: personality.functions },
          }),
        ];
        if (round === 0) answers.push(...now);
        else assert.deepEqual(now, answers);
      },
      async check(round) {
        const { anna } = world;
        assert.equal(await anna.code(text(anna, { User: [{ UserID: phone.wv }] }, `to be fetched ${round}`)), 200);
        await phone.look();
        const names = phone.arrived.map(({ name }) => name);
        assert.deepEqual(names, ['MessageNotification'], 'as was agreed it is told, not brought');
        const id = phone.shown('MessageNotification')[0]?.MessageInfo.MessageID ?? '';
        await world.done(phone.client.fetchMessage(id));
        await world.done(phone.client.signOut());
      },
    };
  },
};

export const sessions: readonly Operation[] = [
  signingIn('PWD'),
  signingIn('MD5'),
  signingIn('SHA'),
  signingOut,
  negotiating,
];
