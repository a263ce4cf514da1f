// XEP-0055 Jabber Search 1.3: the people of a domain who want to be found, for each other. Being found is a wish: nobody is in
// the directory who has not said so, by the command here (XEP-0050), on the sign-up page, from a phone's public profile, or
// through the operator. Nobody gets lists of addresses out of it: a search needs something to go by, finds few or nothing,
// and cannot be repeated at will.

import { add, own } from '../../../base/hooks.ts';
import { Window } from '../../../base/window.ts';
import { child, type Element, el } from '../../../xml/element.ts';
import { directoryNs } from '../../../xmpp/directory.ts';
import type { Jid } from '../../../xmpp/jid.ts';
import { vcard4Node } from '../../../xmpp/person/vcard4.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { type Field, formNs, writeForm } from '../../forms.ts';
import type { Host } from '../../host.ts';
import {
  type CommandRun,
  type CommandStep,
  nodeChanged,
  type Request,
  requestKey,
  serverCommand,
  serverCommands,
  serverRequest,
  vcardStored,
} from '../../points.ts';
import { advertise } from '../advertise.ts';
import type { Feature } from '../feature.ts';
import type { Shown } from './entry.ts';
import { isListed, refresh, setListed } from './listed.ts';
import { ageFields, type QueryFault, queryOf, searchFields, searchNs } from './query.ts';

const searchesPerMinute = 20;

export const directory: Feature = {
  specs: [
    {
      id: 'XEP-0055',
      name: 'Jabber Search',
      version: '1.3',
      scope: 'at the server’s address, for its accounts; in it is who wants to be',
      namespaces: [searchNs, directoryNs],
    },
  ],
  taps: (host) => {
    const searches = new Window(host.clock, searchesPerMinute, 60_000);
    return [
      own(serverRequest, requestKey('get', searchNs, 'query'), (request) => fields(host, request)),
      own(serverRequest, requestKey('set', searchNs, 'query'), (request) => search(host, searches, request)),
      own(serverCommand, directoryNs, (run) => choose(host, run)),
      add(serverCommands, 'any', (all) => [...all, { node: directoryNs, name: 'Being found by others' }]),
      add(vcardStored, 'any', (works, user) => [...works, () => refresh(host, user.jid)]),
      add(nodeChanged, 'any', (works, { user, node }) =>
        node === vcard4Node ? [...works, () => refresh(host, user.jid)] : works,
      ),
      advertise('server', searchNs, directoryNs),
    ];
  },
};

/** §2.1: the form, and the four fields for clients that know no forms. */
const fields = (host: Host, { stanza, session }: Request): Stanza =>
  session
    ? stanza.result(
        el(
          'query',
          { xmlns: searchNs },
          el('instructions', null, `Finds people of ${host.domain} who want to be found.`),
          ['first', 'last', 'nick', 'email'].map((name) => el(name)),
          writeForm(
            searchNs,
            [...searchFields, ...ageFields].map(
              ({ name, label }): Field => ({ name, label, type: 'text-single', values: [] }),
            ),
            `People of ${host.domain}`,
          ),
        ),
      )
    : stanza.error('forbidden', { text: 'the directory is for accounts of this server' });

type SearchFault = QueryFault | 'too-many';
const refusals: Readonly<
  Record<SearchFault, { readonly condition: 'bad-request' | 'not-acceptable'; readonly text: string }>
> = {
  malformed: { condition: 'bad-request', text: 'a form of the directory, filled in' },
  'too-broad': { condition: 'not-acceptable', text: 'say more: at least three letters of a name or a place' },
  'too-many': { condition: 'not-acceptable', text: 'too many people: say more' },
};

/** §2.2. */
const search = async (host: Host, searches: Window, { stanza, payload, session }: Request): Promise<Stanza> => {
  if (!session) return stanza.error('forbidden', { text: 'the directory is for accounts of this server' });
  const refuse = (why: SearchFault): Stanza => {
    const { condition, text } = refusals[why];
    return stanza.error(condition, { text, ...(why !== 'malformed' && { extra: el(why, { xmlns: directoryNs }) }) });
  };
  const query = queryOf(payload, host.domain.toString());
  if (!query.ok) return refuse(query.fault);
  const self = session.jid.bare.toString();
  if (!searches.admits(self))
    return stanza.error('resource-constraint', { type: 'wait', text: 'too many searches: wait a minute' });
  const { directoryHitsMax } = host.limits;
  const found = await host.store.directory.find(query.value, directoryHitsMax + 1);
  if (found.length > directoryHitsMax) return refuse('too-many');
  const hits: { jid: string; shown: Shown }[] = [];
  for (const { account, shown } of found) {
    if (account === self) continue;
    const record = await host.store.accounts.get(account);
    const isHidden = record?.disabled !== false || (await blocks(host, account, session.jid));
    if (!isHidden) hits.push({ jid: account, shown: JSON.parse(shown) as Shown });
  }
  return stanza.result(el('query', { xmlns: searchNs }, child(payload, 'x', formNs) ? inForm(hits) : plain(hits)));
};

/** Whoever is blocked does not find the one who blocked them. */
const blocks = async (host: Host, account: string, asker: Jid): Promise<boolean> => {
  const entries = await host.store.blocks.list(account);
  return entries.includes(asker.bare.toString()) || entries.includes(asker.domain);
};

const reported = [
  ['first', 'first'],
  ['last', 'last'],
  ['nick', 'nick'],
  ['locality', 'city'],
  ['ctry', 'country'],
] as const;

type Hits = readonly { readonly jid: string; readonly shown: Shown }[];

const plain = (hits: Hits): Element[] =>
  hits.map(({ jid, shown }) =>
    el(
      'item',
      { jid },
      (['first', 'last', 'nick'] as const).map((name) => el(name, null, shown[name] ?? '')),
      el('email'),
    ),
  );

/** §3, XEP-0004 §3.4. */
const inForm = (hits: Hits): Element =>
  el(
    'x',
    { xmlns: formNs, type: 'result' },
    el('field', { var: 'FORM_TYPE', type: 'hidden' }, el('value', null, searchNs)),
    el(
      'reported',
      null,
      el('field', { var: 'jid', label: 'Address', type: 'jid-single' }),
      reported.map(([name]) =>
        el('field', { var: name, label: searchFields.find((one) => one.name === name)?.label, type: 'text-single' }),
      ),
    ),
    hits.map(({ jid, shown }) =>
      el(
        'item',
        null,
        el('field', { var: 'jid' }, el('value', null, jid)),
        reported.map(([name, of]) => el('field', { var: name }, el('value', null, shown[of] ?? ''))),
      ),
    ),
  );

/** The command: being in the directory or not. */
const choose = async (host: Host, { account, values }: CommandRun): Promise<CommandStep> => {
  if (!values) {
    const isIn = await isListed(host, account);
    const label = `People of ${host.domain} may find me by my name and what my vCard says`;
    const field: Field = { name: 'listed', type: 'boolean', label, values: [isIn ? '1' : '0'] };
    return { status: 'executing', form: writeForm(directoryNs, [field], 'Being found by others') };
  }
  const [wish = ''] = values.get('listed') ?? [];
  if (!['0', '1', 'false', 'true'].includes(wish))
    return { status: 'refused', condition: 'bad-request', text: 'listed is 0 or 1' };
  const isWished = wish === '1' || wish === 'true';
  await setListed(host, account, isWished);
  host.log.info({ account: account.toString(), listed: isWished }, 'directory');
  return { status: 'completed', text: isWished ? 'You can be found now.' : 'You cannot be found any more.' };
};
