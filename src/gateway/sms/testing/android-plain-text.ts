// What Android's IMPS plug-in makes of a message in the plain text syntax: it fails on any code, and any form of a value, that
// it does not know, and the request it answers has failed then. (AOSP packages/apps/IM; CSP reference §6.3)

import { capabilities, listProperties } from '../../../imps/pts/codes.ts';
import { readText, type Value } from '../../../imps/pts/syntax.ts';

const primitives = new Set(['PC', 'DI', 'LG', 'AK', 'RL', 'QS', 'ST', 'ML', 'PN', 'PG']);
/** Parameters that are a text and nothing else. */
const texts = new Set(['SI', 'CR', 'CI', 'DC', 'DI', 'KA', 'NO', 'DL']);

type Check = (value: Value) => boolean;
/** An empty text counts as one, as it does there. */
const isText: Check = (value) => typeof value !== 'object';
const group = (value: Value): readonly Value[] | undefined => (typeof value === 'object' ? value : undefined);
const each =
  (check: Check): Check =>
  (value) =>
    group(value)?.every(check) === true;
const pair =
  (first: Check, second: Check): Check =>
  (value) => {
    const all = group(value);
    return all?.length === 2 && first(all[0]) && second(all[1]);
  };
const known =
  (codes: ReadonlyMap<string, string>): Check =>
  (value) =>
    typeof value === 'string' && codes.has(value);

/** (code,qualifier,value) or (code,value); the value may be parts in the same form. */
const isAttribute: Check = (value) => {
  const all = group(value);
  if (!all || all.length < 2 || all.length > 3 || typeof all[0] !== 'string') return false;
  if (all.length === 3 && !isText(all[1])) return false;
  const last = all.at(-1);
  return isText(last) || isAttribute(last) || each(isAttribute)(last);
};
const isPresence: Check = (value) => {
  const [user, list, ...more] = group(value) ?? [];
  return typeof user === 'string' && more.length === 0 && (list === undefined || each(isAttribute)(list));
};

const checks: Readonly<Record<string, Check>> = {
  ST: (value) => isText(value) || pair(isText, isText)(value),
  AF: () => true,
  NF: () => true,
  AP: each(pair(known(capabilities), isText)),
  CL: (value) => isText(value) || each(isText)(value),
  UN: each(pair(isText, (value) => typeof value === 'string')),
  CP: each(pair(known(listProperties), (value) => typeof value === 'string')),
  PR: (value) => isPresence(value) || each(isPresence)(value),
};

/** What it cannot take; empty when it can. */
export const complaintsOfAndroid = (text: string): readonly string[] => {
  const read = readText(text);
  if (!read.ok) return [`${text}: ${read.fault.reason}`];
  const { code, parameters } = read.value;
  const complaints = primitives.has(code) ? [] : [`${code}: no such transaction`];
  for (const { name, value } of parameters) {
    const check = texts.has(name) ? isText : checks[name];
    if (!check) complaints.push(`${code} ${name}: no such parameter`);
    else if (value === undefined || !check(value)) complaints.push(`${text}: ${name} cannot be read`);
  }
  return complaints;
};
