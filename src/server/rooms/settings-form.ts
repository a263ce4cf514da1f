// The room configuration form (XEP-0045 §15.5.3, FORM_TYPE muc#roomconfig): one row per field, read and written alike.

import { bad, good, type Outcome } from '../../base/outcome.ts';
import type { Field } from '../forms.ts';
import type { RoomLimits } from './limits.ts';
import { type RoomSettings, type ShownRole, shownRoles } from './settings.ts';

type Values = readonly string[];
type Draft = { -readonly [Key in keyof RoomSettings]: RoomSettings[Key] } & { isProtected: boolean };

interface Row {
  readonly name: string;
  readonly type: Field['type'];
  readonly label: string;
  options?(limits: RoomLimits): Values;
  read(settings: Draft): Values;
  /** False: not a value that the field can have. */
  write(draft: Draft, values: Values, limits: RoomLimits): boolean;
}

const yes = new Set(['1', 'true']);
const no = new Set(['0', 'false']);
const prefixed = (name: string): string => `muc#roomconfig_${name}`;

type KeysOf<Kind> = { [Key in keyof Draft]: Draft[Key] extends Kind ? Key : never }[keyof Draft];

const flag = (name: string, key: KeysOf<boolean>, label: string): Row => ({
  name: prefixed(name),
  type: 'boolean',
  label,
  read: (settings) => [settings[key] ? '1' : '0'],
  write(draft, [value = '']) {
    if (!yes.has(value) && !no.has(value)) return false;
    draft[key] = yes.has(value);
    return true;
  },
});

const text = (
  name: string,
  key: 'name' | 'description' | 'lang' | 'pubsub',
  label: string,
  isGood: (text: string) => boolean = () => true,
): Row => ({
  name: prefixed(name),
  type: 'text-single',
  label,
  read: (settings) => [settings[key]],
  write(draft, values, limits) {
    const value = values.join('\n').trim();
    if (value.length > limits.textMax || !isGood(value)) return false;
    draft[key] = value;
    return true;
  },
});

const rolesField = (name: string, key: 'presenceBroadcast' | 'memberList', label: string): Row => ({
  name: prefixed(name),
  type: 'list-multi',
  label,
  options: () => shownRoles,
  read: (settings) => settings[key],
  write(draft, values) {
    if (values.some((one) => !shownRoles.includes(one as ShownRole))) return false;
    draft[key] = shownRoles.filter((one) => values.includes(one));
    return true;
  },
});

const choice = <Key extends 'whois' | 'privateMessages'>(
  name: string,
  key: Key,
  label: string,
  options: readonly RoomSettings[Key][],
): Row => ({
  name: prefixed(name),
  type: 'list-single',
  label,
  options: () => options,
  read: (settings) => [settings[key]],
  write(draft, [value]) {
    const chosen = options.find((one) => one === value);
    if (chosen === undefined) return false;
    Object.assign(draft, { [key]: chosen });
    return true;
  },
});

const number = (value: string | undefined, max: number): number | undefined =>
  value !== undefined && /^\d{1,9}$/.test(value) && Number(value) <= max ? Number(value) : undefined;

const rows: readonly Row[] = [
  text('roomname', 'name', 'Name'),
  text('roomdesc', 'description', 'Description'),
  text(
    'lang',
    'lang',
    'Language of the discussion',
    (tag) => tag === '' || /^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$/.test(tag),
  ),
  flag('persistentroom', 'isPersistent', 'Keep the room when the last one leaves'),
  flag('publicroom', 'isPublic', 'Show the room in the list of rooms'),
  flag('membersonly', 'isMembersOnly', 'Only members may enter'),
  flag('moderatedroom', 'isModerated', 'Only those who were given voice may speak'),
  flag('passwordprotectedroom', 'isProtected', 'A password is needed to enter'),
  {
    name: prefixed('roomsecret'),
    type: 'text-private',
    label: 'The password',
    read: ({ password }) => [password ?? ''],
    write(draft, [value = ''], limits) {
      if (value.length > limits.textMax) return false;
      draft.password = value;
      return true;
    },
  },
  choice('whois', 'whois', 'Who sees the real addresses', ['moderators', 'anyone']),
  flag('changesubject', 'letsChangeSubject', 'Participants may change the subject'),
  flag('allowinvites', 'letsInvite', 'Occupants may invite others'),
  choice('allowpm', 'privateMessages', 'Who may send private messages', [
    'anyone',
    'participants',
    'moderators',
    'none',
  ]),
  rolesField('presencebroadcast', 'presenceBroadcast', 'Roles whose presence everybody sees'),
  rolesField('getmemberlist', 'memberList', 'Roles that may see the lists of members'),
  {
    name: prefixed('maxusers'),
    type: 'list-single',
    label: 'The most occupants',
    options: ({ occupantsMax }) =>
      [10, 20, 50, 100, 200, 500, 1000]
        .filter((one) => one < occupantsMax)
        .concat(occupantsMax)
        .map(String),
    read: ({ occupantsMax }) => [String(occupantsMax)],
    write(draft, [value], limits) {
      // "none" is "as many as the service allows".
      const chosen = value === 'none' || value === '' ? limits.occupantsMax : number(value, 1_000_000);
      if (chosen === undefined || chosen < 1) return false;
      draft.occupantsMax = Math.min(chosen, limits.occupantsMax);
      return true;
    },
  },
  {
    name: 'muc#maxhistoryfetch',
    type: 'text-single',
    label: 'Messages shown to those who enter',
    read: ({ historyMax }) => [String(historyMax)],
    write(draft, [value], limits) {
      const chosen = number(value, 1_000_000);
      if (chosen === undefined) return false;
      draft.historyMax = Math.min(chosen, limits.historyMax);
      return true;
    },
  },
  flag('enablelogging', 'isLogged', 'Keep what is said on the server'),
  text('pubsub', 'pubsub', 'Address of a publish-subscribe node that goes with the room'),
];

/** The form as it is to be filled in, but for the lists of people. */
export const settingsFields = (settings: RoomSettings, limits: RoomLimits): readonly Field[] =>
  rows.map(({ name, type, label, options, read }) => {
    const values = read(withProtection(settings));
    const offered = options?.(limits);
    // Whatever was chosen can be chosen again.
    const options2 = offered && [...new Set([...offered, ...values])];
    return { name, type, label, values, ...(options2 && { options: options2 }) };
  });

const withProtection = (settings: RoomSettings): Draft => ({
  ...settings,
  isProtected: settings.password !== undefined,
});

/** Fields that are not in the form stay as they are; unknown ones are not looked at (§10.2). The fault is in words. */
export const settingsFrom = (
  values: ReadonlyMap<string, Values>,
  before: RoomSettings,
  limits: RoomLimits,
): Outcome<RoomSettings, string> => {
  const draft = withProtection(before);
  for (const { name, write } of rows) {
    const given = values.get(name);
    if (given && !write(draft, given, limits)) return bad(`${name} cannot be that`);
  }
  const { isProtected, ...settings } = draft;
  if (!isProtected) return good({ ...settings, password: undefined });
  return settings.password ? good(settings) : bad('a password must not be empty');
};
