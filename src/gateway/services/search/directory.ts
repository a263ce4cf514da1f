// XEP-0055 Jabber Search 1.3: the directories of a server, found by XEP-0030, asked by their form or by the four fields that
// the protocol began with.

import { child, childrenNamed, childText, type Element, el, textOf } from '../../../xml/element.ts';
import { directoryNs } from '../../../xmpp/directory.ts';
import { Jid } from '../../../xmpp/jid.ts';
import { nameOfUser } from '../../mapping/address.ts';
import type { IqFault, SessionView } from '../../session-view.ts';
import { discoInfo, hasFeature } from '../client/caps.ts';
import type { Criterion, Field, Hit } from './criteria.ts';

export const searchNamespace = 'jabber:iq:search';
const discoItems = 'http://jabber.org/protocol/disco#items';
const dataForms = 'jabber:x:data';
const itemsMax = 20;
/** People taken from one directory: more than any phone will page through. */
const hitsMax = 500;
const answerMs = 10_000;

/** Our fields as the old fields of XEP-0055 §3 have them, and as the forms of servers name them (§4, ejabberd's vjud). */
const names: Readonly<Record<Field, readonly string[]>> = {
  user: ['user', 'username', 'jid'],
  first: ['first', 'given', 'n_given'],
  last: ['last', 'family', 'n_family'],
  nick: ['nick', 'nickname'],
  email: ['email', 'email_userid'],
  phone: ['tel', 'phone', 'mobile', 'tel_number'],
  city: ['locality', 'city', 'adr_locality'],
  country: ['ctry', 'country', 'adr_ctry'],
  gender: ['x-gender', 'gender'],
  marital: ['x-marital-status'],
  intention: ['x-intention'],
  interests: ['x-interests'],
  ageMin: ['x-age-min'],
  ageMax: ['x-age-max'],
};

/** A directory and the names it has for what can be searched. */
interface Directory {
  readonly jid: Jid;
  readonly isForm: boolean;
  readonly formType: string | undefined;
  readonly fields: ReadonlyMap<Field, string>;
  /** Finds parts of texts without being told to by a star. */
  readonly takesParts: boolean;
}

export interface Found {
  readonly hits: readonly Hit[];
  /** What the directory has looked at itself: its entries need not show it. */
  readonly answered: ReadonlySet<Field>;
}

/** The directory would have found too many, or was asked too little, or too often: the CSP code that says so. */
export type Refusal = 536 | 537 | 503;

export interface Answers {
  readonly found: readonly Found[];
  /** False: one did not answer in time, and there may be more people than were found. */
  readonly isComplete: boolean;
  readonly refusal: Refusal | undefined;
  /** What no directory knows of anybody. */
  readonly unknown: readonly Field[];
}

/** The directories of one server, as a session sees them. */
export class Directories {
  readonly #session: SessionView;
  #known: Promise<readonly Directory[]> | undefined;

  constructor(session: SessionView) {
    this.#session = session;
  }

  /** Asks every directory that knows at least one of the fields. */
  async find(pairs: readonly Criterion[]): Promise<Answers> {
    const directories = await this.#directories();
    const answers = await Promise.all(
      directories.filter((one) => pairs.some(({ field }) => one.fields.has(field))).map((one) => this.#ask(one, pairs)),
    );
    return {
      found: answers.filter((one) => typeof one === 'object'),
      isComplete: answers.every((one) => one !== undefined),
      refusal: answers.find((one) => typeof one === 'number'),
      unknown: pairs.flatMap(({ field }) => (directories.some((one) => one.fields.has(field)) ? [] : field)),
    };
  }

  #directories(): Promise<readonly Directory[]> {
    this.#known ??= this.#look();
    return this.#known;
  }

  async #look(): Promise<readonly Directory[]> {
    const home = Jid.from(this.#session.user.domain);
    const listed = await this.#get(home, el('query', { xmlns: discoItems }));
    // A server that did not answer is asked again at the next search.
    if (!listed) this.#known = undefined;
    const places = [home];
    for (const { attrs } of listed ? childrenNamed(listed, 'item') : []) {
      const jid = Jid.parse(attrs.jid ?? '');
      if (jid.ok && attrs.node === undefined && places.length < itemsMax) places.push(jid.value);
    }
    const directories = await Promise.all(places.map((jid) => this.#directory(jid)));
    return directories.filter((one) => one !== undefined);
  }

  async #directory(jid: Jid): Promise<Directory | undefined> {
    const info = await this.#get(jid, el('query', { xmlns: discoInfo }));
    if (!info || !hasFeature(info, searchNamespace)) return undefined;
    const query = await this.#get(jid, el('query', { xmlns: searchNamespace }));
    if (!query) return undefined;
    const form = child(query, 'x', dataForms);
    const offered = form
      ? childrenNamed(form, 'field').map(({ attrs }) => attrs.var ?? '')
      : query.children.flatMap((one) => (typeof one === 'string' ? [] : one.name));
    const fields = new Map<Field, string>();
    for (const [field, spellings] of Object.entries(names) as [Field, readonly string[]][]) {
      const name = spellings.map((one) => offered.find((name) => name.toLowerCase() === one)).find(Boolean);
      if (name !== undefined) fields.set(field, name);
    }
    const type = form && childrenNamed(form, 'field').find(({ attrs }) => attrs.var === 'FORM_TYPE');
    const formType = type && childText(type, 'value');
    return { jid, isForm: form !== undefined, formType, fields, takesParts: hasFeature(info, directoryNs) };
  }

  async #ask(directory: Directory, pairs: readonly Criterion[]): Promise<Found | Refusal | undefined> {
    const known = pairs.filter(({ field }) => directory.fields.has(field));
    const answered = new Set(known.map(({ field }) => field));
    // COMPAT ejabberd (mod_vcard): a text is matched as a whole unless it ends in '*'. Where the star is an ordinary character
    // it finds nobody, and the text alone is asked for. (search.test.ts)
    const first = await this.#query(directory, known, directory.takesParts ? '' : '*');
    const isStarred = !directory.takesParts && typeof first === 'object' && first.length === 0;
    const hits = isStarred ? await this.#query(directory, known, '') : first;
    return typeof hits === 'object' ? { hits, answered } : hits;
  }

  async #query(
    { jid, isForm, formType, fields }: Directory,
    pairs: readonly Criterion[],
    suffix: string,
  ): Promise<readonly Hit[] | Refusal | undefined> {
    const values = pairs.map(({ field, text }) => [fields.get(field) ?? '', text + suffix] as const);
    const field = (name: string, value: string, type?: string): Element =>
      el('field', { var: name, type }, el('value', null, value));
    const query = isForm
      ? el(
          'query',
          { xmlns: searchNamespace },
          el(
            'x',
            { xmlns: dataForms, type: 'submit' },
            formType === undefined ? undefined : field('FORM_TYPE', formType, 'hidden'),
            values.map(([name, value]) => field(name, value)),
          ),
        )
      : el(
          'query',
          { xmlns: searchNamespace },
          values.map(([name, value]) => el(name, null, value)),
        );
    const answer = await this.#session.iq({ type: 'set', to: jid, child: query, timeoutMs: answerMs });
    if (!answer.ok) {
      this.#session.log.info({ directory: jid.toString(), fault: answer.fault.reason }, 'a directory gave no answer');
      return refusalOf(answer.fault);
    }
    const result = answer.value.child('query', searchNamespace);
    return result ? readHits(result) : [];
  }

  async #get(to: Jid, query: Element): Promise<Element | undefined> {
    const answer = await this.#session.iq({ type: 'get', to, child: query, timeoutMs: answerMs });
    return answer.ok ? answer.value.child('query', query.xmlns) : undefined;
  }
}

/** Undefined: no answer at all, or one that says nothing. */
const refusalOf = (fault: IqFault): Refusal | undefined => {
  if (fault.reason !== 'error') return undefined;
  const error = fault.stanza.child('error');
  if (error && child(error, 'too-many', directoryNs)) return 536;
  if (error && child(error, 'too-broad', directoryNs)) return 537;
  return fault.condition === 'resource-constraint' || fault.condition === 'policy-violation' ? 503 : undefined;
};

/** People in an answer, of either form. */
export const readHits = (query: Element): readonly Hit[] => {
  const form = child(query, 'x', dataForms);
  const items = childrenNamed(form ?? query, 'item').slice(0, hitsMax);
  return items.flatMap((item) => {
    const values = form
      ? childrenNamed(item, 'field').map((one) => [one.attrs.var ?? '', childText(one, 'value') ?? ''] as const)
      : [
          ['jid', item.attrs.jid ?? ''] as const,
          ...item.children.flatMap((one) => (typeof one === 'string' ? [] : [[one.name, textOf(one)] as const])),
        ];
    const said = new Map(values.map(([name, value]) => [name.toLowerCase(), value.trim()]));
    const jid = Jid.parse(said.get('jid') ?? '');
    if (!jid.ok || jid.value.local === undefined) return [];
    const known: Partial<Record<Field, string>> = {};
    for (const [field, spellings] of Object.entries(names) as [Field, readonly string[]][]) {
      const value = spellings.map((one) => said.get(one)).find((one) => one);
      if (value !== undefined) known[field] = value;
    }
    return [{ jid: jid.value.bare, known: { ...known, user: nameOfUser(jid.value) ?? jid.value.local } }];
  });
};
