// Properties of groups (CSP "Group properties") and the configuration of rooms (XEP-0045 §6.4, §15.5). Names count without
// regard to case.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { StructureOf } from '../../../imps/primitives.ts';
import type { Occupant, RoomInfo } from './muc.ts';
import { levelOf } from './people.ts';
import type { Room } from './rooms.ts';

type Properties = readonly StructureOf<'Property'>[];

/** What a phone wishes a room to be. */
export interface Wish {
  /** muc#roomconfig fields. */
  readonly configuration: ReadonlyMap<string, string>;
  readonly topic: string | undefined;
}

const isTrue = (value: string): boolean => /^(t|true|1|yes)$/i.test(value.trim());
const flag = (value: boolean): string => (value ? '1' : '0');
const textMax = 500;

/** Those that a room cannot have are fine as long as they ask for nothing. */
const asksForNothing = (value: string): boolean => value.trim() === '' || /^(f|false|0|no)$/i.test(value.trim());
const readOnly = new Set(['activeusers']);
const unsupported = new Set(['validity', 'history', 'requireinvitation', 'minimumage']);

/** Faults with the property's name: code 806. */
export const readProperties = (properties: StructureOf<'GroupProperties'> | undefined): Outcome<Wish, string> => {
  const configuration = new Map<string, string>();
  let topic: string | undefined;
  const listed: boolean[] = [];
  for (const { Name, Value = '' } of properties?.Property ?? []) {
    const name = Name.toLowerCase();
    const value = Value.slice(0, textMax);
    if (name === 'name') configuration.set('muc#roomconfig_roomname', value);
    else if (name === 'accesstype') configuration.set('muc#roomconfig_membersonly', flag(/^restricted$/i.test(value)));
    else if (name === 'type') listed.push(!/^(private|closed)$/i.test(value));
    else if (name === 'searchable') listed.push(isTrue(value));
    else if (name === 'privatemessaging')
      configuration.set('muc#roomconfig_allowpm', isTrue(value) ? 'anyone' : 'none');
    else if (name === 'topic') topic = value;
    else if (name === 'autodelete') configuration.set('muc#roomconfig_persistentroom', flag(!isTrue(value)));
    else if (name === 'maxactiveusers') {
      if (!/^\d{1,6}$/.test(value.trim())) return bad(Name);
      if (Number(value) > 0) configuration.set('muc#roomconfig_maxusers', String(Number(value)));
    } else if (!readOnly.has(name) && !(unsupported.has(name) && asksForNothing(value))) return bad(Name);
  }
  if (listed.length > 0) configuration.set('muc#roomconfig_publicroom', flag(listed.every(Boolean)));
  const note = properties?.WelcomeNote;
  if (note) configuration.set('muc#roomconfig_roomdesc', String(note.ContentData).slice(0, textMax));
  return good({ configuration, topic });
};

const property = (Name: string, Value: string | undefined): Properties =>
  Value === undefined || Value === '' ? [] : [{ Name, Value }];
const truth = (value: boolean): string => (value ? 'T' : 'F');

/** What a room says of itself, as a group's properties. `room`: undefined when we are not in it. */
export const writeProperties = (info: RoomInfo, room: Room | undefined): StructureOf<'GroupProperties'> => {
  const { features, form, name } = info;
  const isPublic = !features.has('muc_hidden') && !features.has('muc_private');
  const pm = form.get('muc#roomconfig_allowpm') ?? form.get('{http://prosody.im/protocol/muc}roomconfig_allowpm');
  const note = form.get('muc#roominfo_description');
  const topic = room?.topic || form.get('muc#roominfo_subject');
  return {
    Property: [
      ...property('Name', name),
      { Name: 'Accesstype', Value: features.has('muc_membersonly') ? 'Restricted' : 'Open' },
      { Name: 'Type', Value: isPublic ? 'Public' : 'Private' },
      { Name: 'PrivateMessaging', Value: truth(pm !== 'none') },
      { Name: 'Searchable', Value: truth(isPublic) },
      ...property('Topic', topic),
      ...property('ActiveUsers', room ? String(room.occupants.size) : form.get('muc#roominfo_occupants')),
      ...property('MaxActiveUsers', form.get('muc#roominfo_maxusers') ?? form.get('muc#roomconfig_maxusers')),
      { Name: 'AutoDelete', Value: truth(features.has('muc_temporary')) },
    ],
    ...(note ? { WelcomeNote: { ContentType: 'text/plain', ContentData: note } } : {}),
  };
};

/** What the user has chosen for a group; kept per account. */
export interface OwnChoice {
  readonly autoJoin?: boolean;
  readonly privateMessaging?: boolean;
}

/** Faults with the property's name: code 806. What only the room decides cannot be chosen here, but may be repeated. */
export const readOwn = (properties: StructureOf<'OwnProperties'> | undefined): Outcome<OwnChoice, string> => {
  let choice: OwnChoice = {};
  for (const { Name, Value = '' } of properties?.Property ?? []) {
    const name = Name.toLowerCase();
    if (name === 'autojoin') choice = { ...choice, autoJoin: isTrue(Value) };
    else if (name === 'privatemessaging') choice = { ...choice, privateMessaging: isTrue(Value) };
    else if (name !== 'ismember' && name !== 'privilegelevel' && name !== 'showid') return bad(Name);
  }
  return good(choice);
};

/** What the room has made of the user: no more is told when it changes. */
export const writeStanding = (own: Occupant): StructureOf<'OwnProperties'> => ({
  Property: [
    { Name: 'IsMember', Value: truth(['owner', 'admin', 'member'].includes(own.affiliation)) },
    { Name: 'PrivilegeLevel', Value: levelOf(own) },
  ],
});

export const writeOwn = (info: RoomInfo, room: Room | undefined, choice: OwnChoice): StructureOf<'OwnProperties'> => {
  const own = room?.occupants.get(room.nick);
  const isMember = own !== undefined && ['owner', 'admin', 'member'].includes(own.affiliation);
  return {
    Property: [
      { Name: 'IsMember', Value: truth(isMember) },
      { Name: 'PrivilegeLevel', Value: own ? levelOf(own) : 'User' },
      { Name: 'PrivateMessaging', Value: truth(choice.privateMessaging ?? true) },
      { Name: 'AutoJoin', Value: truth(choice.autoJoin ?? false) },
      { Name: 'ShowID', Value: truth(info.features.has('muc_nonanonymous')) },
    ],
  };
};
