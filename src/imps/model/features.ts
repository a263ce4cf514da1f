// The feature tree of Service-Request and -Response (WVCSPFeat): a leaf per negotiable function.

import type { Family } from './family.ts';

export const features: Family = {
  content: {
    WVCSPFeat: 'FundamentalFeat?, PresenceFeat?, IMFeat?, GroupFeat?',
    FundamentalFeat: '(MF{1.2-} | (ServiceFunc?, SearchFunc?, InviteFunc?, VerifyIDFunc?{1.2-}))?',
    ServiceFunc: 'GETSPI?, GETMAP?{1.3}, SGMNT?{1.3}',
    SearchFunc: 'SRCH?, ADVSR?{1.3}, STSRC?',
    InviteFunc: 'INVIT?, CAINV?',
    VerifyIDFunc: 'VRID?',
    PresenceFeat: '(MP{1.2-} | (ContListFunc?, PresenceAuthFunc?, PresenceDeliverFunc?, AttListFunc?{-1.2}))?',
    ContListFunc: 'GCLI?, CCLI?, DCLI?, MCLS?',
    PresenceAuthFunc: 'GETWL?, REACT?{-1.2}, CAAUT?{-1.2}, GETAUT?{1.2}',
    PresenceDeliverFunc: 'GETPR?, UPDPR?',
    AttListFunc: 'CALI?, DALI?, GALS?',
    IMFeat: '(MM{1.2-} | (IMSendFunc?, IMReceiveFunc?, IMAuthFunc?))?',
    IMSendFunc: 'MDELIV?, FWMSG?',
    IMReceiveFunc: 'SETD?, GETLM?, GETM?, REJCM?, NOTIF?, NEWM?, OFFNOTIF?{1.3}',
    IMAuthFunc: 'GLBLU?, BLENT?',
    GroupFeat: '(MG{1.2-} | (GroupMgmtFunc?, GroupUseFunc?, GroupAuthFunc?))?',
    GroupMgmtFunc: 'CREAG?, DELGR?, GETGP?, SETGP?',
    GroupUseFunc: 'SUBGCN?, GRCHN?, EXCON?{1.3}',
    GroupAuthFunc: 'GETGM?, ADDGM?, RMVGM?, MBRAC?, REJEC?, GETJU?{1.2-}',
  },
  alone: `
    FundamentalFeat, ServiceFunc, SearchFunc, InviteFunc, VerifyIDFunc, PresenceFeat, ContListFunc,
    PresenceAuthFunc, PresenceDeliverFunc, AttListFunc, IMFeat, IMSendFunc, IMReceiveFunc, IMAuthFunc,
    GroupFeat, GroupMgmtFunc, GroupUseFunc, GroupAuthFunc
  `,
  leaves: {
    flag: `
      ADDGM, ADVSR, BLENT, CAAUT, CAINV, CALI, CCLI, CREAG, DALI, DCLI, DELGR, EXCON, FWMSG, GALS, GCLI,
      GETAUT, GETGM, GETGP, GETJU, GETLM, GETM, GETMAP, GETPR, GETSPI, GETWL, GLBLU, GRCHN, INVIT, MBRAC,
      MCLS, MDELIV, MF, MG, MM, MP, NEWM, NOTIF, OFFNOTIF, REACT, REJCM, REJEC, RMVGM, SETD, SETGP, SGMNT,
      SRCH, STSRC, SUBGCN, UPDPR, VRID
    `,
  },
};
