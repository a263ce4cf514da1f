// XEP-0050 Ad-Hoc Commands 1.3.0: what accounts may have their own server do, each by a form and its answer. The commands are
// other features': they own a node of `serverCommand` and stand in `serverCommands`. Nothing is kept between the stages.

import { judge, own } from '../../../base/hooks.ts';
import { child, type Element, el } from '../../../xml/element.ts';
import { commandsNs as xmlns } from '../../../xmpp/directory.ts';
import type { Stanza } from '../../../xmpp/stanza.ts';
import { formNs, formValues } from '../../forms.ts';
import type { Host } from '../../host.ts';
import {
  type Answer,
  discoOfServer,
  type Request,
  requestKey,
  type ServerDisco,
  serverCommand,
  serverCommands,
  serverRequest,
} from '../../points.ts';
import { advertise } from '../advertise.ts';
import type { Feature } from '../feature.ts';

const info = 'http://jabber.org/protocol/disco#info';
const items = 'http://jabber.org/protocol/disco#items';

export const commands: Feature = {
  specs: [
    {
      id: 'XEP-0050',
      name: 'Ad-Hoc Commands',
      version: '1.3.0',
      scope: 'the server’s own, for its accounts: one form, one answer',
      namespaces: [xmlns],
    },
  ],
  taps: (host) => [
    own(serverRequest, requestKey('set', xmlns, 'command'), (request) => run(host, request)),
    judge(discoOfServer, 'commands', (asked) => describe(host, asked)),
    advertise('server', xmlns),
  ],
};

/** §2.2, §2.3: which there are, and what each is. To strangers there are none. */
const describe = (host: Host, { request, wants, node }: ServerDisco): Answer => {
  const all = host.hooks.gather(serverCommands, [], undefined);
  const found = all.find((command) => command.node === node);
  if (node !== xmlns && !found) return undefined;
  const { stanza, session } = request;
  if (!session) return stanza.error('forbidden');
  if (wants === 'items')
    return stanza.result(
      el(
        'query',
        { xmlns: items, node },
        node === xmlns && all.map((one) => el('item', { jid: host.domain.toString(), node: one.node, name: one.name })),
      ),
    );
  const type = found ? 'command-node' : 'command-list';
  return stanza.result(
    el(
      'query',
      { xmlns: info, node },
      el('identity', { category: 'automation', type, name: found?.name ?? 'Commands' }),
      [xmlns, formNs].map((namespace) => el('feature', { var: namespace })),
    ),
  );
};

/** §2.4, §3. A form may come with the first request: whoever knows the command need not ask for it. */
const run = async (host: Host, request: Request): Promise<Stanza> => {
  const { stanza, payload, session } = request;
  if (!session) return stanza.error('forbidden');
  const { node = '', action = 'execute', sessionid = host.random.id(8) } = payload.attrs;
  const owner = host.hooks.owner(serverCommand, node);
  if (!owner) return stanza.error('item-not-found', { text: 'there is no such command' });
  const answer = (status: string, ...content: Element[]): Stanza =>
    stanza.result(el('command', { xmlns, node, sessionid, status }, content));
  const form = child(payload, 'x', formNs);
  if (action === 'cancel' || form?.attrs.type === 'cancel') return answer('canceled');
  if (action !== 'execute' && action !== 'complete' && action !== 'next')
    return stanza.error('bad-request', {
      text: 'there is no way back',
      extra: el(action === 'prev' ? 'bad-action' : 'malformed-action', { xmlns }),
    });
  const values = form?.attrs.type === 'submit' ? formValues(form) : undefined;
  const step = await owner({ request, account: session.jid.bare, values });
  switch (step.status) {
    case 'executing':
      return answer('executing', el('actions', { execute: 'complete' }, el('complete')), step.form);
    case 'completed':
      return answer('completed', el('note', { type: 'info' }, step.text));
    case 'refused':
      return stanza.error(step.condition, { text: step.text });
    default:
      return step satisfies never;
  }
};
