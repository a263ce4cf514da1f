// CSP presence attributes and where they live in XMPP: the one table. docs/presence-mapping.md is made from it.
//
// `contact` is how a phone sees a contact; `own` is what a phone's UpdatePresence does to how its user is seen. Attributes
// without a way across are kept for the user alone and say so. The order is CSP's own order of PresenceSubList.

import type { StructureOf } from '../../imps/primitives.ts';
import { isNobody, nobody, type Person } from '../../xmpp/person/person.ts';
import type { ContactPresence, Device, Location, Show } from './contact-presence.ts';
import { fromDms, toDms } from './geo.ts';
import { readImage } from './image.ts';
import { moodToCsp, moodToXmpp } from './moods.ts';
import { readVcardText, writeVcardText } from './vcard-text.ts';

export type AttributeName = keyof StructureOf<'PresenceSubList'>;
/** An attribute's parts by name, Qualifier apart. */
export type Parts = Readonly<Record<string, unknown>>;
/** A user's own attributes, as last updated: those with a value. */
export type OwnAttributes = { readonly [Name in AttributeName]?: Parts };

/** Who reads or writes. */
export interface Reader {
  /** COMPAT: see Personality.notAvailableMeansAway. (presence-table.test.ts) */
  readonly notAvailableMeansAway: boolean;
}

/** What goes out to XMPP for a phone's user. */
export interface Published {
  show?: Show;
  status?: string;
  priority: number;
  nick?: string;
  mood?: string;
  location?: Location;
  picture?: OwnPicture;
  /** For a vCard4 that contacts may read. */
  person?: Person;
}

export interface OwnPicture {
  readonly octets: Uint8Array;
  readonly type: string;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Row {
  readonly attribute: AttributeName;
  /** Where it lives on the XMPP side; for the document. */
  readonly xmpp: string;
  readonly contact: {
    readonly says: string;
    readonly read?: (contact: ContactPresence, reader: Reader) => Parts | undefined;
    /** 1.3: of one resource, where the attribute is said once for each. */
    readonly readOf?: (device: Device) => Parts;
  };
  readonly own: { readonly says: string; readonly write?: (parts: Parts, out: Published, reader: Reader) => void };
}

const kept = 'kept for the user; not shown to others';
const unknown = 'not known over XMPP';
const fetched = 'fetched for phones that name the attribute';
const inVcard4 = 'in a vCard4 that contacts may read, where the server has PEP';
const value = (of: string | boolean | undefined): Parts | undefined =>
  of === undefined ? undefined : { PresenceValue: of };
const some = (parts: Parts): Parts | undefined =>
  Object.values(parts).some((one) => one !== undefined) ? parts : undefined;
const text = (part: unknown): string | undefined => (typeof part === 'string' ? part : undefined);
const amount = (part: unknown): number | undefined => (typeof part === 'number' ? part : undefined);
const place = (out: Published, more: { readonly [Part in keyof Location]: Location[Part] | undefined }): void => {
  const said = Object.fromEntries(Object.entries(more).filter(([, one]) => one !== undefined && one !== ''));
  if (Object.keys(said).length > 0) out.location = { ...out.location, ...said };
};

const knownOf = (out: Published, more: Partial<Person>): void => {
  const said = Object.entries(more).filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0));
  if (said.length > 0) out.person = { ...nobody, ...out.person, ...Object.fromEntries(said) };
};
const list = (part: unknown): readonly Parts[] => (Array.isArray(part) ? (part as readonly Parts[]) : []);
/** Octets that came as base64, or as they are. */
const octets = (part: unknown): Uint8Array | undefined =>
  part instanceof Uint8Array ? part : typeof part === 'string' ? Buffer.from(part, 'base64') : undefined;

const clientTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    phone: 'MOBILE_PHONE',
    handheld: 'PDA',
    console: 'CLI',
    pc: 'COMPUTER',
    web: 'COMPUTER',
    bot: 'OTHER',
  }),
);

const clientType = (kind: string | undefined): string =>
  kind === undefined ? 'COMPUTER' : (clientTypes.get(kind) ?? 'OTHER');

export const presenceTable: readonly Row[] = [
  {
    attribute: 'OnlineStatus',
    xmpp: '`<presence/>` of any resource',
    contact: {
      says: 'T when a resource is available, else F; in 1.3 once for each resource, with its ClientID',
      read: ({ online }) => value(online),
      readOf: () => ({ PresenceValue: true }),
    },
    own: { says: 'accepted; T for as long as the phone is signed in, whatever it says' },
  },
  { attribute: 'Registration', xmpp: '-', contact: { says: unknown }, own: { says: kept } },
  {
    attribute: 'ClientInfo',
    xmpp: 'identity of the client: XEP-0115 capabilities, XEP-0030 category `client`',
    contact: {
      says: 'ClientType: `phone` MOBILE_PHONE, `handheld` PDA, `console` CLI, `pc` and `web` COMPUTER, others OTHER; COMPUTER while not known; in 1.3 once for each resource, with its priority as ClientIMPriority',
      read: ({ online, device }) => (online ? { ClientType: clientType(device) } : undefined),
      readOf: ({ kind, priority }) => ({ ClientType: clientType(kind), ClientIMPriority: Math.max(0, priority) }),
    },
    own: {
      says: 'the phone is announced as `client/phone`; ClientIMPriority (1.3) is the priority, -128 to 127; the rest is kept for the user',
      write: ({ ClientIMPriority }, out) => {
        if (typeof ClientIMPriority === 'number') out.priority = Math.max(-128, Math.min(127, ClientIMPriority));
      },
    },
  },
  {
    attribute: 'TimeZone',
    xmpp: 'vCard: vCard4 `tz`, vcard-temp `TZ`',
    contact: {
      says: `the offset, such as +02; ${fetched}`,
      read: ({ person }) => {
        const zone = /^([+-]\d{2}):?(\d{2})?$/.exec(person?.timeZone ?? '');
        return zone
          ? { Zone: zone[2] === undefined || zone[2] === '00' ? zone[1] : `${zone[1]}${zone[2]}` }
          : undefined;
      },
    },
    own: { says: inVcard4, write: ({ Zone }, out) => knownOf(out, { timeZone: text(Zone) }) },
  },
  {
    attribute: 'GeoLocation',
    xmpp: 'XEP-0080 `lat`, `lon`, `alt`, `accuracy`',
    contact: {
      says: 'degrees, minutes, seconds with N/S, E/W; metres',
      read: ({ location }) =>
        location?.lat === undefined || location.lon === undefined
          ? undefined
          : {
              Longitude: toDms(location.lon, 'longitude'),
              Latitude: toDms(location.lat, 'latitude'),
              Altitude: location.alt === undefined ? undefined : Math.max(0, Math.round(location.alt)),
              Accuracy: location.accuracy === undefined ? undefined : Math.round(Math.abs(location.accuracy)),
            },
    },
    own: {
      says: 'the same, where the server has personal eventing (PEP)',
      write: ({ Longitude, Latitude, Altitude, Accuracy }, out) => {
        const lon = fromDms(String(Longitude ?? ''), 'longitude');
        const lat = fromDms(String(Latitude ?? ''), 'latitude');
        if (lon !== undefined && lat !== undefined)
          place(out, { lat, lon, alt: amount(Altitude), accuracy: amount(Accuracy) });
      },
    },
  },
  {
    attribute: 'Address',
    xmpp: 'XEP-0080 `countrycode`, `locality`, `street`, `building`, `area`',
    contact: {
      says: 'Country, City, Street, Building, NamedArea',
      read: ({ location }) =>
        some({
          Country: location?.country,
          City: location?.city,
          Street: location?.street,
          Building: location?.building,
          NamedArea: location?.area,
        }),
    },
    own: {
      says: 'the same, where the server has PEP; crossings and accuracy are kept for the user',
      write: ({ Country, City, Street, Building, NamedArea }, out) =>
        place(out, {
          country: text(Country),
          city: text(City),
          street: text(Street),
          building: text(Building),
          area: text(NamedArea),
        }),
    },
  },
  {
    attribute: 'FreeTextLocation',
    xmpp: 'XEP-0080 `text`, else `description`',
    contact: { says: 'the text', read: ({ location }) => value(location?.text) },
    own: {
      says: 'the same, where the server has PEP',
      write: ({ PresenceValue }, out) => place(out, { text: text(PresenceValue) }),
    },
  },
  { attribute: 'PLMN', xmpp: '-', contact: { says: unknown }, own: { says: kept } },
  {
    attribute: 'CommCap',
    xmpp: '`<presence/>` of any resource',
    contact: {
      says: 'IM: OPEN when available, else CLOSED; in 1.3 once for each resource',
      // COMPAT: an empty Note upset a Nokia phone; none is written. 1.1 phones judge by CommCap, so it is always there. (presence-table.test.ts)
      read: ({ online }) => ({ CommC: [{ Cap: 'IM', Status: online ? 'OPEN' : 'CLOSED' }] }),
      readOf: () => ({ CommC: [{ Cap: 'IM', Status: 'OPEN' }] }),
    },
    own: { says: kept },
  },
  {
    attribute: 'UserAvailability',
    xmpp: '`<show/>`',
    contact: {
      says:
        'none, `chat`: AVAILABLE; `away`, `xa`, `dnd`: DISCREET; unavailable: NOT_AVAILABLE. ' +
        'For Android `away` and `xa` are NOT_AVAILABLE, which it shows as away; S60 would show that as offline',
      read: ({ online, show }, { notAvailableMeansAway }) => {
        if (!online) return value('NOT_AVAILABLE');
        if (show === undefined || show === 'chat') return value('AVAILABLE');
        return value(notAvailableMeansAway && show !== 'dnd' ? 'NOT_AVAILABLE' : 'DISCREET');
      },
    },
    own: {
      says:
        'AVAILABLE: none; DISCREET: `away` (Android: `dnd`); NOT_AVAILABLE: `xa` (Android: `away`). An XMPP client that is ' +
        'signed in cannot be unseen by those it let subscribe: a phone that means "invisible" by NOT_AVAILABLE shows as not available',
      write: ({ PresenceValue }, out, { notAvailableMeansAway }) => {
        if (PresenceValue === 'DISCREET') out.show = notAvailableMeansAway ? 'dnd' : 'away';
        if (PresenceValue === 'NOT_AVAILABLE') out.show = notAvailableMeansAway ? 'away' : 'xa';
      },
    },
  },
  {
    attribute: 'PreferredContacts',
    xmpp: 'vCard: telephone numbers and e-mail addresses',
    contact: {
      says: `CALL and EMAIL, in the order of the vCard; ${fetched}`,
      read: ({ person }) => {
        const ways = [
          ...(person?.phones ?? []).filter(({ kind }) => kind !== 'fax').map(({ number }) => ['CALL', number] as const),
          ...(person?.emails ?? []).map((address) => ['EMAIL', address] as const),
        ];
        if (ways.length === 0) return undefined;
        return {
          AddrPref: ways.map(([PrefC, Caddr], n) => ({ PrefC, Caddr, Cstatus: 'OPEN', Cpriority: n + 1 })),
        };
      },
    },
    own: {
      says: `${inVcard4}: CALL, SMS and MMS are numbers, EMAIL addresses`,
      write: ({ AddrPref }, out) => {
        const ways = [...list(AddrPref)].sort((a, b) => (amount(a.Cpriority) ?? 99) - (amount(b.Cpriority) ?? 99));
        const of = (...kinds: string[]) =>
          ways.flatMap(({ PrefC, Caddr }) => (kinds.includes(String(PrefC)) ? (text(Caddr) ?? []) : []));
        const numbers = [...new Set(of('CALL', 'SMS', 'MMS'))].map((number) => ({ number, kind: 'cell' as const }));
        knownOf(out, { phones: numbers, emails: [...new Set(of('EMAIL'))] });
      },
    },
  },
  {
    attribute: 'PreferredLanguage',
    xmpp: 'vCard4 `lang`',
    contact: { says: `the first; ${fetched}`, read: ({ person }) => value(person?.languages[0]) },
    own: {
      says: inVcard4,
      write: ({ PresenceValue }, out) => {
        const language = text(PresenceValue);
        knownOf(out, { languages: language ? [language] : [] });
      },
    },
  },
  {
    attribute: 'StatusText',
    xmpp: '`<status/>`',
    contact: {
      says: 'the text; also the one left when going offline',
      read: ({ status }) => value(status || undefined),
    },
    own: {
      says: 'the same',
      write: ({ PresenceValue }, out) => {
        const status = text(PresenceValue);
        if (status) out.status = status;
      },
    },
  },
  {
    attribute: 'StatusMood',
    xmpp: 'XEP-0107 mood',
    contact: {
      says: 'the nearest of the eleven CSP moods; none when nothing is near',
      read: ({ mood }) => value(mood === undefined ? undefined : moodToCsp(mood)),
    },
    own: {
      says: 'the mood of the same name, where the server has PEP',
      write: ({ PresenceValue }, out) => {
        const mood = moodToXmpp(String(PresenceValue ?? ''));
        if (mood !== undefined) out.mood = mood;
      },
    },
  },
  {
    attribute: 'Alias',
    xmpp: 'XEP-0172 nickname',
    contact: {
      says: 'the name the contact gives itself (the name in the roster is the NickName of the list)',
      read: ({ nick }) => value(nick),
    },
    own: {
      says: 'PEP where the server has it, else `<nick/>` in `<presence/>`; always in subscription requests',
      write: ({ PresenceValue }, out) => {
        const nick = text(PresenceValue);
        if (nick) out.nick = nick;
      },
    },
  },
  {
    attribute: 'StatusContent',
    xmpp: 'XEP-0084 avatar; a contact’s also XEP-0153',
    contact: {
      says:
        'the image, made to fit what the phone takes (AcceptedContentType, -Length, ParserSize), 8 kB as BASE64 at most; one that ' +
        'cannot be, as ReferredContent when it is on the web, else not at all; fetched for phones that name the attribute',
      read: ({ picture }) =>
        picture && {
          DirectContent: picture.base64,
          ReferredContent: picture.base64 === undefined ? picture.url : undefined,
          ContentType: picture.type,
        },
    },
    own: {
      says: 'DirectContent as the avatar, where the server has PEP and the content is PNG, JPEG, GIF, BMP or WebP; else kept for the user',
      write: ({ DirectContent }, out) => {
        const content = octets(DirectContent);
        const image = content && readImage(content);
        if (content && image) out.picture = { octets: content, ...image };
      },
    },
  },
  {
    // COMPAT: AOSP loses what stands before a character reference, and a carriage return in XML is one: lines end in LF. (suite/portraits.ts)
    attribute: 'ContactInfo',
    xmpp: 'vCard4 (XEP-0292), else vcard-temp (XEP-0054)',
    contact: {
      says: `ContainedvCard, version 2.1, as far as it fits; ${fetched}`,
      read: ({ person }) =>
        person && !isNobody(person) ? { ContainedvCard: writeVcardText(person, '\n') } : undefined,
    },
    own: {
      says: inVcard4,
      write: ({ ContainedvCard }, out) => {
        const person = readVcardText(vcardTextOf(ContainedvCard));
        if (person) knownOf(out, person);
      },
    },
  },
  {
    attribute: 'InfoLink',
    xmpp: 'vCard: `url`',
    contact: {
      says: `each as a Link, from CSP 1.2 on; ${fetched}`,
      read: ({ person }) =>
        person && person.urls.length > 0 ? { Inf_link: person.urls.map((Link) => ({ Link })) } : undefined,
    },
    own: {
      says: inVcard4,
      write: ({ Inf_link }, out) => {
        const links = list(Inf_link).flatMap(({ Link }) => text(Link) ?? []);
        knownOf(out, { urls: [...new Set([...(out.person?.urls ?? []), ...links])] });
      },
    },
  },
];

/** Phones send it as it is, or as base64. */
const vcardTextOf = (part: unknown): string => {
  const given = part instanceof Uint8Array ? Buffer.from(part).toString('utf8') : (text(part) ?? '');
  return /^\s*BEGIN:/i.test(given) ? given.trimStart() : Buffer.from(given, 'base64').toString('utf8');
};

export const attributeNames: readonly AttributeName[] = presenceTable.map((row) => row.attribute);

/** What a phone sees of a contact: each attribute with a value. */
export const attributesOf = (contact: ContactPresence, reader: Reader): OwnAttributes => {
  const seen: { [Name in AttributeName]?: Parts } = {};
  for (const {
    attribute,
    contact: { read },
  } of presenceTable) {
    const parts = read?.(contact, reader);
    if (parts) seen[attribute] = parts;
  }
  return seen;
};

/** What others see of a phone's user, out of the attributes `shown` lets through. */
export const publishedOf = (
  own: OwnAttributes,
  reader: Reader,
  shown: (attribute: AttributeName) => boolean,
): Published => {
  const out: Published = { priority: 0 };
  for (const {
    attribute,
    own: { write },
  } of presenceTable) {
    const parts = own[attribute];
    if (parts && shown(attribute)) write?.(parts, out, reader);
  }
  return out;
};

/** In 1.3, each attribute that is said once for every resource, by resource. */
export const attributesByDevice = (
  contact: ContactPresence,
): { readonly [Name in AttributeName]?: readonly { readonly resource: string; readonly parts: Parts }[] } => {
  const seen: { [Name in AttributeName]?: readonly { readonly resource: string; readonly parts: Parts }[] } = {};
  const devices = contact.devices ?? [];
  if (devices.length === 0) return seen;
  for (const {
    attribute,
    contact: { readOf },
  } of presenceTable)
    if (readOf) seen[attribute] = devices.map((one) => ({ resource: one.resource, parts: readOf(one) }));
  return seen;
};

/** Attributes that have to be fetched: only for phones that name them, since they weigh more than all the others. */
export const pictureAttributes: ReadonlySet<AttributeName> = new Set(['StatusContent']);
export const personAttributes: ReadonlySet<AttributeName> = new Set([
  'TimeZone',
  'PreferredContacts',
  'PreferredLanguage',
  'ContactInfo',
  'InfoLink',
]);

/** Attributes that tell something over XMPP about a contact. */
export const readableAttributes: ReadonlySet<AttributeName> = new Set(
  presenceTable.filter((row) => row.contact.read).map((row) => row.attribute),
);
