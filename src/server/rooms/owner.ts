// What owners do (XEP-0045 §10, muc#owner): configure the room, first of all a new one, and destroy it.

import { child, type Element, el } from '../../xml/element.ts';
import { Jid } from '../../xmpp/jid.ts';
import { Stanza } from '../../xmpp/stanza.ts';
import { type Field, formNs, formValues, writeForm } from '../forms.ts';
import { type AffiliationChange, applyAffiliations, hide, showRole } from './affiliate.ts';
import { type Change, sessionsIn, sessionsOf } from './change.ts';
import { destroy, removeOccupant } from './leave.ts';
import { shortText } from './message.ts';
import { type Code, code, ns } from './names.ts';
import type { RoomSettings } from './settings.ts';
import { settingsFields, settingsFrom } from './settings-form.ts';
import { showOneTo, showOthersTo, statusElements } from './show.ts';
import { type Affiliation, affiliationMay, roleMay } from './standing.ts';
import { affiliationOf, type Occupant, type Room, seesAddresses } from './state.ts';

const adminsField = 'muc#roomconfig_roomadmins';
const ownersField = 'muc#roomconfig_roomowners';

export const answerOwner = (change: Change, stanza: Stanza, from: Jid, query: Element): void => {
  const { room } = change;
  const affiliation = affiliationOf(room, from);
  const demolition = child(query, 'destroy');
  if (!affiliationMay(affiliation, demolition ? 'destroy' : 'configure'))
    return change.refuse(stanza, 'forbidden', { text: 'only an owner may do that' });
  if (stanza.type === 'get') return change.send(stanza.result(el('query', { xmlns: ns.owner }, form(change))));
  if (demolition) return demolish(change, stanza, demolition);
  const x = child(query, 'x', formNs);
  if (x?.attrs.type === 'cancel') {
    // §10.1.3: a room that is given up before it was configured never was.
    if (room.isLocked) destroy(change, el('destroy'));
    return change.send(stanza.result());
  }
  if (x?.attrs.type !== 'submit') return change.refuse(stanza, 'bad-request', { text: 'a form is needed' });
  configure(change, stanza, from, formValues(x));
};

const form = ({ room, circumstances }: Change): Element =>
  writeForm(
    ns.roomConfig,
    [
      ...settingsFields(room.settings, circumstances.limits),
      listField(room, adminsField, 'admin', 'Admins'),
      listField(room, ownersField, 'owner', 'Owners'),
    ],
    `Configuration of ${room.jid}`,
  );

const listField = (room: Room, name: string, wanted: Affiliation, label: string): Field => ({
  name,
  type: 'jid-multi',
  label,
  values: [...room.affiliations.values()].filter(({ affiliation }) => affiliation === wanted).map(({ jid }) => jid),
});

/** §10.9. */
const demolish = (change: Change, stanza: Stanza, demolition: Element): void => {
  const { jid } = demolition.attrs;
  const alternate = jid === undefined || jid === '' ? undefined : Jid.parse(jid);
  if (alternate && !alternate.ok) return change.refuse(stanza, 'jid-malformed', { text: 'not an address' });
  const [reason, password] = ['reason', 'password'].map((name) => shortText(change, demolition, name));
  destroy(
    change,
    el(
      'destroy',
      { jid: alternate?.value.toString() },
      reason !== undefined && el('reason', null, reason),
      password !== undefined && el('password', null, password),
    ),
  );
  change.send(stanza.result());
};

/** §10.1.2, §10.1.3, §10.2. An empty form accepts what is: that makes an instant room. */
const configure = (change: Change, stanza: Stanza, from: Jid, values: ReadonlyMap<string, readonly string[]>): void => {
  const formType = values.get('FORM_TYPE')?.[0];
  if (formType !== undefined && formType !== ns.roomConfig)
    return change.refuse(stanza, 'bad-request', { text: 'another form is needed' });
  const before = change.room;
  const settings = settingsFrom(values, before.settings, change.circumstances.limits);
  if (!settings.ok) return change.refuse(stanza, 'not-acceptable', { text: settings.fault });
  const people = readPeople(before, values, change.circumstances.limits.affiliationsMax);
  if (people === 'malformed') return change.refuse(stanza, 'jid-malformed', { text: 'an address is none' });
  if (people === 'ownerless') return change.refuse(stanza, 'conflict', { text: 'a room needs an owner' });
  if (people === 'full') return change.refuse(stanza, 'resource-constraint', { text: 'the lists are full' });

  // Whoever has to go, or gets another role, is seen doing so by those who saw him until now.
  const { presenceBroadcast, whois } = before.settings;
  change.set({
    settings: { ...settings.value, presenceBroadcast, whois },
    isLocked: false,
    history: before.history.slice(Math.max(0, before.history.length - settings.value.historyMax)),
  });
  const actor = { nick: before.nicks.get(from.toString()), account: from.bare };
  applyAffiliations(change, people, { actor, removal: code.nowMembersOnly });
  followSettings(change, before);
  change.set({ settings: settings.value });
  followVisibility(change, before);
  const codes = codesFor(before.settings, settings.value);
  if (codes.length > 0 && !before.isLocked)
    change.spread(
      Stanza.make(
        { kind: 'message', type: 'groupchat', from: before.jid },
        el('x', { xmlns: ns.user }, statusElements(codes)),
      ),
      sessionsIn(change.room),
    );
  if (change.room.occupants.size === 0 && !settings.value.isPersistent) change.isOver = true;
  change.send(stanza.result());
};

/** Admins and owners that one form may name or drop. */
const peopleMax = 500;

/** The form's lists are whole, not what is to change (§10.5 note): whoever is not on them any more is a member at most. */
const readPeople = (
  room: Room,
  values: ReadonlyMap<string, readonly string[]>,
  max: number,
): readonly AffiliationChange[] | 'malformed' | 'ownerless' | 'full' => {
  const lists = [
    ['admin', values.get(adminsField)],
    ['owner', values.get(ownersField)],
  ] as const;
  const wanted = new Map<string, AffiliationChange>();
  // Whom a list names no longer comes first, so that the other list may name them.
  for (const [affiliation, jids] of lists)
    if (jids)
      for (const one of room.affiliations.values())
        if (one.affiliation === affiliation) wanted.set(one.jid, { jid: Jid.from(one.jid), affiliation: 'member' });
  for (const [affiliation, jids = []] of lists)
    for (const text of jids.slice(0, peopleMax + 1)) {
      if (text.trim() === '') continue;
      const jid = Jid.parse(text.trim());
      // A domain is nobody, unless it is one that has made the room (a component).
      if (!jid.ok || (jid.value.local === undefined && !room.affiliations.has(jid.value.bare.toString())))
        return 'malformed';
      wanted.set(jid.value.bare.toString(), { jid: jid.value.bare, affiliation });
    }
  if (wanted.size > peopleMax) return 'full';
  const after = new Map([...room.affiliations].map(([jid, one]) => [jid, one.affiliation as Affiliation]));
  for (const [jid, { affiliation }] of wanted) after.set(jid, affiliation);
  if (after.size > max && after.size > room.affiliations.size) return 'full';
  return [...after.values()].includes('owner') ? [...wanted.values()] : 'ownerless';
};

/** Those in the room who are not what the new settings want: out, or with voice where nobody needs it any more. */
const followSettings = (change: Change, before: Room): void => {
  const { settings } = change.room;
  if (settings.isMembersOnly && !before.settings.isMembersOnly)
    for (const occupant of [...change.room.occupants.values()])
      if (!affiliationMay(affiliationOf(change.room, occupant.account), 'enter members-only'))
        removeOccupant(change, occupant, { codes: [code.nowMembersOnly] });
  if (before.settings.isModerated && !settings.isModerated)
    for (const occupant of [...change.room.occupants.values()])
      if (occupant.role === 'visitor') showRole(change, occupant, 'participant');
};

/** Who is seen now and was not, and the other way round; and addresses, for those who may see them now. */
const followVisibility = (change: Change, before: Room): void => {
  const { room } = change;
  const isShown = ({ settings }: Room, { role }: Occupant): boolean => roleMay(settings, role, 'show presence');
  const occupants = [...room.occupants.values()];
  for (const occupant of occupants) if (isShown(before, occupant) && !isShown(room, occupant)) hide(change, occupant);
  for (const viewer of occupants) {
    const sawAddresses = seesAddresses({ ...room, settings: before.settings }, viewer);
    if (seesAddresses(room, viewer) && !sawAddresses) showOthersTo(change, viewer, sessionsOf(viewer));
    else
      for (const other of occupants)
        if (other.nick !== viewer.nick && !isShown(before, other)) showOneTo(change, other, viewer, sessionsOf(viewer));
  }
};

/** §10.2.1: privacy first; for anything else that occupants may want to look at, 104. */
const codesFor = (before: RoomSettings, after: RoomSettings): Code[] => {
  const codes: Code[] = [];
  if (before.isLogged !== after.isLogged) codes.push(after.isLogged ? code.logged : code.notLogged);
  if (before.whois !== after.whois) codes.push(after.whois === 'anyone' ? code.nowNonAnonymous : code.nowSemiAnonymous);
  const rest = ({ isLogged: _, whois: __, ...others }: RoomSettings): string => JSON.stringify(others);
  if (rest(before) !== rest(after)) codes.push(code.configurationChanged);
  return codes;
};
