// What is agreed between a phone and the server: versions, functions, capabilities, and which of a user's phones gets what.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrimitiveOf, StructureOf } from '../../imps/primitives.ts';
import { namespaces } from '../../imps/version.ts';
import type { Cast } from './cast.ts';
import { wv } from './shapes.ts';
import type { Handset } from './world.ts';

export const negotiationConversations = (cast: Cast): void => {
  const { kind, strangers, friends, isContent } = cast;
  const is13 = kind.version === '1.3';
  const isNokia = kind.name.startsWith('Nokia');
  const second = { ...kind, clientId: { URL: 'http://second.example/imps' } };

  const ask = (phone: Handset, functions: StructureOf<'WVCSPFeat'>, all = false) =>
    phone.csp.request(
      {
        name: 'Service-Request',
        ClientID: kind.clientId,
        Functions: { WVCSPFeat: functions },
        AllFunctionsRequest: all,
      },
      'Service-Response',
    );
  const offer = (phone: Handset, CapabilityList: StructureOf<'CapabilityList'>) =>
    phone.csp.request(
      { name: 'ClientCapability-Request', ClientID: kind.clientId, CapabilityList },
      'ClientCapability-Response',
    );
  const everything = { FundamentalFeat: true, PresenceFeat: true, IMFeat: true, GroupFeat: true } as const;
  const readList = (list: string) =>
    ({ name: 'ListManage-Request', ContactList: list, ReceiveList: true }) satisfies PrimitiveOf<'ListManage-Request'>;

  // Nokia's engine has no tag for it.
  if (kind.version !== '1.1' && !isNokia)
    test('a phone learns which versions are spoken, before sign-in and after', async () => {
      const phone = cast.world.handset(await cast.world.someone('mila'), kind);
      const discover = async () =>
        (await phone.csp.request({ name: 'WV-CSP-VersionDiscovery-Request' }, 'WV-CSP-VersionDiscovery-Response'))
          .VersionList;
      const spoken = await discover();
      assert.deepEqual(spoken?.SessionNSName, [namespaces['1.3'].csp, namespaces['1.2'].csp, namespaces['1.1'].csp]);
      assert.deepEqual(spoken?.TransactionNSName?.at(0), namespaces['1.3'].trc);
      assert.deepEqual(spoken?.PresenceAttributeNSName?.at(-1), namespaces['1.1'].pa);
      await phone.csp.signIn();
      assert.deepEqual(await discover(), spoken);
      isContent(phone);
    });

  // The plain text syntax has no words for what is not CSP's own.
  if (kind.version !== '1.1' && !isNokia && kind.encoding !== 'pts')
    test('an extension is answered when it is known, and refused by its name when it is not', async () => {
      const { mila } = await strangers();
      const ask = (name: string, xmlns: string) =>
        mila.csp.request({ name: 'Extended-Request', content: [{ name, xmlns, children: [] }] });
      const told = await ask('ServerTime', 'urn:onesoup:csp');
      const [time] = told.name === 'Extended-Response' ? told.content : [];
      assert.deepEqual([time?.name, time?.xmlns], ['ServerTime', 'urn:onesoup:csp']);
      assert.match(time?.text ?? '', /^\d{8}T\d{6}Z$/);
      assert.deepEqual(await ask('ColibriaExtensions', 'urn:colibria'), {
        name: 'Status',
        Result: { Code: 405, Description: 'ColibriaExtensions' },
      });
      assert.equal(await mila.csp.codeFor({ name: 'Extended-Request', content: [] }), 402);
      isContent(mila);
    });

  test('functions are granted one by one, and what was not asked for is refused', async () => {
    const { mila, tomas, tomasJid } = await strangers();
    const [list = ''] = await mila.csp.contactLists();
    const few = {
      PresenceFeat: { ContListFunc: { GCLI: true } },
      IMFeat: { IMReceiveFunc: { NEWM: true } },
    } as const;
    const granted = await ask(mila, few, true);
    assert.equal(granted.Functions, undefined, 'nothing of it is refused');
    const all = granted.AllFunctions?.WVCSPFeat;
    assert.ok(all?.PresenceFeat && all.IMFeat && all.GroupFeat && all.FundamentalFeat);
    assert.deepEqual(await mila.csp.contactLists(), [list]);
    // Nokia's applications share a session, each asking for the functions of its own.
    assert.equal(await mila.csp.codeFor(readList(list)), isNokia ? 200 : 506);
    assert.equal(await mila.csp.codeFor({ name: 'GetBlockedList-Request' }), isNokia ? 200 : 506);
    // What belongs to no function cannot be left out.
    await mila.csp.sendText(wv(tomasJid), 'ändå');
    await tomas.receivesText('ändå');
    assert.equal(await mila.csp.codeFor({ name: 'KeepAlive-Request' }), 200);

    assert.equal((await ask(mila, everything)).AllFunctions, undefined, 'it was not asked for');
    assert.equal(await mila.csp.codeFor(readList(list)), 200);
    if (kind.version !== '1.1') {
      // The mandatory part of a branch alone.
      assert.equal((await ask(mila, { PresenceFeat: { MP: true }, IMFeat: { MM: true } })).Functions, undefined);
      assert.equal(await mila.csp.codeFor(readList(list)), isNokia ? 200 : 506);
    }
    isContent(mila);
  });

  test('a phone that never asks for functions is served them all', async () => {
    const phone = cast.world.handset(await cast.world.someone('mila'), kind);
    await phone.csp.signIn();
    const [list = ''] = await phone.csp.contactLists();
    assert.equal((await phone.csp.readList(list)).Result.Code, 200);
    assert.equal(await phone.csp.codeFor({ name: 'GetBlockedList-Request' }), 200);
    isContent(phone);
  });

  test('capabilities are agreed as far as they are true, and may be agreed anew', async () => {
    const { mila } = await strangers();
    const old: StructureOf<'CapabilityList'> = {
      ClientType: 'PDA',
      InitialDeliveryMethod: 'P',
      AnyContent: true,
      AcceptedCharset: [4, 106],
      AcceptedTransferEncoding: ['BASE64'],
      AcceptedContentLength: 5000,
      SupportedBearer: ['HTTP', 'WSP'],
      MultiTrans: 50,
      ParserSize: 40_000,
      SupportedCIRMethod: [],
      ServerPollMin: 4,
      DefaultLanguage: 'swe',
    };
    const asked13: StructureOf<'CapabilityList'> = {
      AcceptedContentType: [
        { ContentType: 'text/plain' },
        { ContentType: 'image/jpeg', AcceptedRichContentLength: 9000, ContentPolicy: 'C', ContentPolicyLimit: 3 },
      ],
      AcceptedPullLength: 20_000,
      AcceptedPushLength: 5000,
      AcceptedTextContentLength: 4000,
      AcceptedTransferEncoding: ['BASE64'],
      ClientType: 'PDA',
      DefaultLanguage: 'swe',
      InitialDeliveryMethod: 'P',
      MultiTrans: 50,
      MultiTransPerMessage: 2,
      OfflineETEMHandling: 'REJECT',
      OnlineETEMHandling: 'DETECT',
      PlainTextCharset: [106],
      ParserSize: 40_000,
      ServerPollMin: 4,
      SupportedBearer: ['HTTP', 'WSP'],
      SupportedOfflineBearer: ['SMS'],
      SupportedCIRMethod: [],
      SessionPriority: 500,
    };
    const answer = await offer(mila, is13 ? asked13 : old);
    const plain = { SupportedBearer: ['HTTP', 'WSP'], ServerPollMin: 10 };
    if (kind.version === '1.1') {
      const { SupportedCIRMethod: _, ...list } = answer.CapabilityList ?? {};
      const { SupportedCIRMethod: __, ...same } = old;
      assert.deepEqual(list, { ...same, ...plain, AcceptedCharset: [106], MultiTrans: 8 });
    } else if (kind.version === '1.2') {
      const { SupportedBearer = [], ...agreed } = answer.AgreedCapabilityList ?? {};
      // Android writes what it offers in an order of its own.
      assert.deepEqual([{ ...agreed }, [...SupportedBearer].sort()], [{ ServerPollMin: 10 }, ['HTTP', 'WSP']]);
    } else
      assert.deepEqual(answer.AgreedCapabilityList, {
        ...plain,
        AcceptedContentType: [
          { ContentType: 'text/plain' },
          { ContentType: 'image/jpeg', AcceptedRichContentLength: 9000 },
        ],
        AcceptedPullLength: 20_000,
        AcceptedPushLength: 5000,
        AcceptedTextContentLength: 4000,
        AcceptedTransferEncoding: ['BASE64'],
        MultiTrans: 8,
        MultiTransPerMessage: 2,
        OfflineETEMHandling: 'SENDSTORE',
        OnlineETEMHandling: 'SERVERLOGIC',
        SessionPriority: 127,
        UserSessionLimit: 8,
      });
    const again = await offer(mila, { ...(is13 ? {} : old), ServerPollMin: 60 });
    assert.equal((again.AgreedCapabilityList ?? again.CapabilityList)?.ServerPollMin, 60);
    if (is13)
      assert.deepEqual(again.AgreedCapabilityList, {
        SupportedBearer: ['HTTP'],
        ServerPollMin: 60,
        UserSessionLimit: 8,
      });
    isContent(mila);
  });

  if (is13) {
    test('capabilities and functions come with the sign-in', async () => {
      const who = await cast.world.someone('mila');
      const phone = cast.world.handset(who, kind);
      const answer = await phone.csp.request(
        {
          name: 'Login-Request',
          UserID: wv(who),
          ClientID: kind.clientId,
          Password: 'secret',
          SessionCookie: 'c',
          CapabilityList: { ServerPollMin: 30, SessionPriority: 3 },
          Functions: { WVCSPFeat: { IMFeat: { IMReceiveFunc: { NEWM: true, NOTIF: true } } } },
        },
        'Login-Response',
      );
      assert.deepEqual(answer.AgreedCapabilityList, {
        SupportedBearer: ['HTTP'],
        ServerPollMin: 30,
        SessionPriority: 3,
        UserSessionLimit: 8,
      });
      assert.deepEqual([answer.Functions, answer.CapabilityRequest], [undefined, false]);
      isContent(phone);
    });

    test("the priority of a phone's session is that of its presence", async () => {
      const { mila, tomas } = await friends();
      await offer(mila, { SessionPriority: 42 });
      await tomas.receivesPresence(undefined, (one) => one.child('priority')?.children[0] === '42');
      isContent(mila);
    });

    test('every phone of the user gets every message when one asks for it, and shows it once', async () => {
      const { mila, tomas, milaJid, tomasJid } = await strangers();
      const other = await cast.world.phone(milaJid, second);
      const chose = await offer(other, { OnlineETEMHandling: 'FORKALL' });
      assert.equal(chose.AgreedCapabilityList?.OnlineETEMHandling, 'FORKALL');
      await mila.csp.publish('AVAILABLE');
      await other.csp.publish('AVAILABLE');
      // To one phone alone, as a client does in the middle of a conversation: to where it was written from last.
      await other.csp.sendText(wv(tomasJid), 'från mobilen');
      const { from } = await tomas.receivesText('från mobilen');
      assert.ok(from?.resource);
      await tomas.sends(`<message to='${from}' type='chat' id='f0'><body>svar</body></message>`);
      for (const phone of [mila, other]) assert.equal((await phone.receives('NewMessage')).ContentData, 'svar');
      await tomas.sends(`<message to='${milaJid}' type='chat' id='f1'><body>till alla</body></message>`);
      for (const phone of [mila, other]) {
        assert.equal((await phone.receives('NewMessage')).ContentData, 'till alla');
        await phone.receivesNo('NewMessage');
      }
      isContent(mila, other);
    });
  }
};
