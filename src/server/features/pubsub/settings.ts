// A node's settings: what it is configured to do (XEP-0060 §16.4.4) and who is on its whitelist, as a value, as a form and as
// the text that is stored. One table says of each option how it is read and written.

import { bad, good, type Outcome } from '../../../base/outcome.ts';
import type { Field, formValues } from '../../forms.ts';
import type { ServerLimits } from '../../limits.ts';
import { fault, type PubsubFault } from './names.ts';

export interface NodeSettings {
  readonly title: string;
  /** Of the payload: a namespace. */
  readonly type: string;
  readonly accessModel: 'open' | 'presence' | 'roster' | 'whitelist';
  /** Who may read with the access model 'roster'. */
  readonly rosterGroups: readonly string[];
  readonly persistItems: boolean;
  readonly maxItems: number | 'max';
  readonly sendLast: 'never' | 'on_sub' | 'on_sub_and_presence';
  readonly deliverNotifications: boolean;
  readonly deliverPayloads: boolean;
  readonly notifyConfig: boolean;
  readonly notifyDelete: boolean;
  readonly notifyRetract: boolean;
  /** Bare addresses with the affiliation 'member': they may read whatever the access model. */
  readonly members: readonly string[];
}

/** XEP-0163 §3.5, "smart defaults". */
export const defaultSettings: NodeSettings = {
  title: '',
  type: '',
  accessModel: 'presence',
  rosterGroups: [],
  persistItems: true,
  maxItems: 1,
  sendLast: 'on_sub_and_presence',
  deliverNotifications: true,
  deliverPayloads: true,
  notifyConfig: false,
  notifyDelete: true,
  notifyRetract: true,
  members: [],
};

/** How many items the node keeps. */
export const itemsKept = ({ persistItems, maxItems }: NodeSettings, { pubsubItemsMax }: ServerLimits): number =>
  persistItems ? Math.min(maxItems === 'max' ? pubsubItemsMax : maxItems, pubsubItemsMax) : 0;

/** From the store. Options that came later than the text have their defaults. */
export const readSettings = (text: string): NodeSettings => ({
  ...defaultSettings,
  ...(JSON.parse(text) as Partial<NodeSettings>),
});

interface Option {
  readonly name: string;
  readonly type: Field['type'];
  readonly label: string;
  readonly options?: readonly string[];
  get(settings: NodeSettings): readonly string[];
  /** What the values change; undefined when they are no values of this option. */
  set(values: readonly string[], limits: ServerLimits): Partial<NodeSettings> | undefined;
}

type Flag = {
  [Key in keyof NodeSettings]: NodeSettings[Key] extends boolean ? Key : never;
}[keyof NodeSettings];
const flag = (name: string, key: Flag, label: string): Option => ({
  name,
  type: 'boolean',
  label,
  get: (settings) => [settings[key] ? '1' : '0'],
  set: ([value, ...more]) => {
    if (more.length > 0) return undefined;
    if (value === '1' || value === 'true') return { [key]: true };
    return value === '0' || value === 'false' ? { [key]: false } : undefined;
  },
});
const choice = <Key extends 'accessModel' | 'sendLast'>(
  name: string,
  key: Key,
  label: string,
  options: readonly NodeSettings[Key][],
): Option => ({
  name,
  type: 'list-single',
  label,
  options,
  get: (settings) => [settings[key]],
  set: ([value, ...more]) => {
    const chosen = more.length > 0 ? undefined : options.find((option) => option === value);
    return chosen === undefined ? undefined : { [key]: chosen };
  },
});
const text = (name: string, key: 'title' | 'type', label: string): Option => ({
  name,
  type: 'text-single',
  label,
  get: (settings) => [settings[key]],
  set: ([value = '', ...more], { rosterTextMax }) =>
    more.length === 0 && value.length <= rosterTextMax ? { [key]: value } : undefined,
});

const options: readonly Option[] = [
  text('pubsub#title', 'title', 'A name for the node'),
  text('pubsub#type', 'type', 'The namespace of the payload'),
  choice('pubsub#access_model', 'accessModel', 'Who may read', ['open', 'presence', 'roster', 'whitelist']),
  {
    name: 'pubsub#roster_groups_allowed',
    type: 'list-multi',
    label: 'The roster groups that may read',
    get: (settings) => settings.rosterGroups,
    set: (values, { rosterGroupsMax, rosterTextMax }) =>
      values.length <= rosterGroupsMax && values.every((value) => value.length <= rosterTextMax)
        ? { rosterGroups: [...new Set(values)].sort() }
        : undefined,
  },
  {
    name: 'pubsub#publish_model',
    type: 'list-single',
    label: 'Who may publish',
    options: ['publishers'],
    get: () => ['publishers'],
    // XEP-0163 §3.2: the account's owner alone.
    set: ([value, ...more]) => (value === 'publishers' && more.length === 0 ? {} : undefined),
  },
  flag('pubsub#persist_items', 'persistItems', 'Keep items'),
  {
    name: 'pubsub#max_items',
    type: 'text-single',
    label: 'How many items to keep: a number, or max',
    get: ({ maxItems }) => [String(maxItems)],
    set: ([value = '', ...more], { pubsubItemsMax }) => {
      if (more.length > 0) return undefined;
      if (value === 'max' || value === String(pubsubItemsMax)) return { maxItems: 'max' };
      const number = /^[1-9]\d{0,8}$/.test(value) ? Number(value) : Number.NaN;
      return number < pubsubItemsMax ? { maxItems: number } : undefined;
    },
  },
  choice('pubsub#send_last_published_item', 'sendLast', 'When to send the last item', [
    'never',
    'on_sub',
    'on_sub_and_presence',
  ]),
  flag('pubsub#deliver_notifications', 'deliverNotifications', 'Send events'),
  flag('pubsub#deliver_payloads', 'deliverPayloads', 'Send payloads with events'),
  flag('pubsub#notify_config', 'notifyConfig', 'Tell of a changed configuration'),
  flag('pubsub#notify_delete', 'notifyDelete', 'Tell when the node is deleted'),
  flag('pubsub#notify_retract', 'notifyRetract', 'Tell of items that are retracted'),
];

export const fieldsOf = (settings: NodeSettings): Field[] =>
  options.map(({ name, type, label, options: choices, get }) => ({
    name,
    type,
    label,
    ...(choices && { options: choices }),
    values: get(settings),
  }));

type Values = ReturnType<typeof formValues>;

const optionOf = (name: string): Option | undefined => options.find((option) => option.name === name);

/** §8.2.5: the settings with what the form changes. Options that are not ours are left aside, as the form did not offer them. */
export const configured = (
  settings: NodeSettings,
  values: Values,
  limits: ServerLimits,
): Outcome<NodeSettings, PubsubFault> => {
  let result = settings;
  for (const [name, given] of values) {
    const option = optionOf(name);
    if (!option) continue;
    const change = option.set(given, limits);
    if (!change) return bad(fault('not-acceptable', undefined, `${name} cannot be that`));
    result = { ...result, ...change };
  }
  return good(result);
};

/**
 * §7.1.5: what a publisher takes for granted. A node that is there must be so already; for one that is being made
 * (`settings` undefined) it is the configuration.
 */
export const metBy = (
  settings: NodeSettings | undefined,
  values: Values,
  limits: ServerLimits,
): Outcome<NodeSettings, PubsubFault> => {
  const notMet = (name: string): Outcome<NodeSettings, PubsubFault> =>
    bad(fault('conflict', 'precondition-not-met', `${name} is not so`));
  let wanted = settings ?? defaultSettings;
  for (const [name, given] of values) {
    if (name === 'FORM_TYPE') continue;
    const option = optionOf(name);
    const change = option?.set(given, limits);
    if (!option || !change) return notMet(name);
    wanted = { ...wanted, ...change };
    if (settings && JSON.stringify(option.get(wanted)) !== JSON.stringify(option.get(settings))) return notMet(name);
  }
  return good(wanted);
};
