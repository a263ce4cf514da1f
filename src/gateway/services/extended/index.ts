// CSP 1.2, 1.3 "Extended-Request": what a vendor adds in a namespace of its own (the Movistar clients have
// ColibriaExtensions). An extension that nobody here knows is a service that is not supported (405), named in the answer.
//
// One is known, of our own: the server's time, for a phone or a handset in a browser whose clock cannot be believed.

import { cspDate } from '../../../imps/date.ts';
import type { Extension } from '../../../imps/primitives.ts';
import { statusOf } from '../../result.ts';
import type { Handler, Service } from '../../service.ts';
import type { SessionView } from '../../session-view.ts';

export const ownExtensions = 'urn:onesoup:csp';

type Answer = (asked: Extension, session: SessionView) => Extension;
const known: ReadonlyMap<string, Answer> = new Map([
  ['ServerTime', ({ name }, { clock }) => ({ name, xmlns: ownExtensions, children: [], text: cspDate(clock.wall()) })],
]);

/** Extensions in one request. */
const askedMax = 8;

const extended: Handler<'Extended-Request'> = ({ content = [] }, session) => {
  if (content.length === 0) return statusOf(402, 'no extension is named');
  if (content.length > askedMax) return statusOf(402, `at most ${askedMax} extensions at a time`);
  const strange = content.filter(({ name, xmlns }) => xmlns !== ownExtensions || !known.has(name));
  if (strange.length > 0) return statusOf(405, strange.map(({ name }) => name.slice(0, 40)).join(' '));
  return {
    name: 'Extended-Response',
    content: content.flatMap((asked) => known.get(asked.name)?.(asked, session) ?? []),
  };
};

export const extensions: Service = {
  name: 'extensions',
  specs: ['CSP 1.2, 1.3: Extended-Request'],
  leaves: [],
  primitives: { 'Extended-Request': extended },
};
