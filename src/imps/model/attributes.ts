// CSP presence attributes: what stands inside PresenceSubList.

import type { Family } from './family.ts';

export const attributes: Family = {
  content: {
    Address: `
      Qualifier?, Country?, City?, Street?, Crossing1?, Crossing2?, Building?, NamedArea?, Accuracy?,
      ClientID?{1.3}
    `,
    AddrPref: 'PrefC, Caddr, Cstatus, Cname?, Cpriority?',
    Alias: 'Qualifier?, PresenceValue?',
    ClientInfo: `
      Qualifier?, ClientContentLimit?{1.3}, ClientType?, DevManufacturer?, ClientProducer?, Model?,
      ClientVersion?, Language?, ClientIMPriority?{1.3}, ApplicationID?{1.3}, ClientID?{1.3}
    `,
    CommC: 'Cap, Status, Contact?, Note?',
    CommCap: 'Qualifier?, CommC*, ClientID?{1.3}',
    ContactInfo: 'Qualifier?, ContainedvCard?, ReferredvCard?',
    FreeTextLocation: 'Qualifier?, PresenceValue?, ClientID?{1.3}',
    GeoLocation: 'Qualifier?, Longitude?, Latitude?, Altitude?, Accuracy?, ClientID?{1.3}',
    Inf_link: 'Link, Text?, ContentType?',
    InfoLink: 'Qualifier?, Inf_link*',
    OnlineStatus: 'Qualifier?, PresenceValue?, ClientID?{1.3}',
    PLMN: 'Qualifier?, PresenceValue?, ClientID?{1.3}',
    PreferredContacts: 'Qualifier?, AddrPref*',
    PreferredLanguage: 'Qualifier?, PresenceValue?',
    PresenceSubList: `
      OnlineStatus?{-1.2}, OnlineStatus*{1.3}, Registration?{-1.2}, Registration*{1.3}, ClientInfo?{-1.2},
      ClientInfo*{1.3}, TimeZone?{-1.2}, TimeZone*{1.3}, GeoLocation?{-1.2}, GeoLocation*{1.3},
      Address?{-1.2}, Address*{1.3}, FreeTextLocation?{-1.2}, FreeTextLocation*{1.3}, PLMN?{-1.2}, PLMN*{1.3},
      CommCap?{-1.2}, CommCap*{1.3}, UserAvailability?, PreferredContacts?, PreferredLanguage?, StatusText?,
      StatusMood?, Alias?, StatusContent?, ContactInfo?, InfoLink?{1.2-}
    `,
    Registration: 'Qualifier?, PresenceValue?, ClientID?{1.3}',
    StatusContent: 'Qualifier?, DirectContent?, ReferredContent?, ContentType?',
    StatusMood: 'Qualifier?, PresenceValue?',
    StatusText: 'Qualifier?, PresenceValue?',
    TimeZone: 'Qualifier?, Zone?, ClientID?{1.3}',
    UserAvailability: 'Qualifier?, PresenceValue?',
  },
  alone: `
    Address, Alias, ClientInfo, CommCap, ContactInfo, FreeTextLocation, GeoLocation, InfoLink, OnlineStatus,
    PLMN, PreferredContacts, PreferredLanguage, Registration, StatusContent, StatusMood, StatusText, TimeZone,
    UserAvailability
  `,
  leaves: {
    binary: 'ContainedvCard, DirectContent',
    boolean: 'OnlineStatus/PresenceValue, Registration/PresenceValue, Qualifier',
    id: 'Country, Language, Latitude, Link, Longitude, ReferredContent, ReferredvCard, Zone',
    integer: 'Accuracy, Altitude, ClientIMPriority, Cpriority',
    text: `
      Building, Caddr, City, ClientProducer, ClientVersion, Cname, Contact, Crossing1, Crossing2,
      DevManufacturer, Model, NamedArea, Note, PreferredLanguage/PresenceValue,
      FreeTextLocation/PresenceValue, PLMN/PresenceValue, StatusText/PresenceValue, Alias/PresenceValue,
      Street, Text
    `,
  },
  enums: {
    Cap: `
      CALL | SMS | MMS | EMAIL | IM | OTHER | AUDIO_CALL{-1.2} | IM_OFFLINE{-1.2} | IM_ONLINE{-1.2} |
      VIDEO_CALL{-1.2} | VIDEO_STREAM{-1.2} | ...
    `,
    Cstatus: 'OPEN | CLOSED',
    PrefC: `
      CALL | SMS | MMS | EMAIL | IM | OTHER | AUDIO_CALL{-1.2} | IM_OFFLINE{-1.2} | IM_ONLINE{-1.2} |
      VIDEO_CALL{-1.2} | VIDEO_STREAM{-1.2} | ...
    `,
    'UserAvailability/PresenceValue': 'AVAILABLE | DISCREET | NOT_AVAILABLE',
    'StatusMood/PresenceValue': `
      HAPPY | SAD | ANGRY | JEALOUS | ASHAMED | INVINCIBLE | IN_LOVE | SLEEPY | BORED | EXCITED | ANXIOUS |
      ...
    `,
    'CommC/Status': 'OPEN | CLOSED',
  },
  aliases: {
    CAddr: 'Caddr',
    CName: 'Cname',
    PreferredContent: 'ReferredContent',
    PreferredvCard: 'ReferredvCard',
  },
};
