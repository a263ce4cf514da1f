// docs/presence-mapping.md, made from the table.

import { codeOfCondition } from './error-codes.ts';
import { cspMoods, moodToCsp, moodToXmpp, xmppMoods } from './moods.ts';
import { presenceTable } from './presence-table.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

export const presenceDocument = (): string => `# Presence: CSP attributes and XMPP

<!-- Made from src/gateway/mapping by \`node scripts/generate-presence-mapping.ts\`. Change the table there, not this file. -->

What a phone shows of a contact who uses any XMPP client, and what contacts see of a phone's user. The order is that of CSP's
PresenceSubList. "Kept for the user" means: what the phone published comes back to the user's own phones, after a restart too.

| CSP attribute | lives in | a contact, on the phone | the phone's user, to others |
|---|---|---|---|
${presenceTable
  .map(
    ({ attribute, xmpp, contact, own }) =>
      `| ${attribute} | ${cell(xmpp)} | ${cell(contact.says)} | ${cell(own.says)} |`,
  )
  .join('\n')}

- A contact with several clients is shown as the one of the highest priority; among equals the liveliest (chat, plain, busy,
  away, extended away), then the one heard last. What a personal event (PEP) says counts over what a client's presence says.
- A notification always carries all that is known of the attributes the phone asked for. An attribute it asked for that has no
  value goes out with Qualifier F, which clears what the phone may still show.
- Only the latest presence of each contact waits for a phone, and nothing it has been told is told again. After a restart of
  onesoup everything is told once more.
- Contacts that have said nothing three seconds after the phone's user became available are told as offline.

## Moods

| StatusMood | XEP-0107, as published | XEP-0107, shown as this |
|---|---|---|
${cspMoods
  .map(
    (mood) =>
      `| ${mood} | \`${moodToXmpp(mood)}\` | ${xmppMoods
        .filter((word) => moodToCsp(word) === mood)
        .map((word) => `\`${word}\``)
        .join(' ')} |`,
  )
  .join('\n')}

## Who may see what

A phone's attribute lists say who may see what. An entry for a user goes before those for contact lists (together), those before
the default; whoever changes lists sees by the new one at once.

- An entry with attributes in it lets those it holds for subscribe, without a question. One without attributes, for a single user,
  refuses them, and ends a subscription there was.
- Where no list decides, the phone is asked: PresenceAuth-Request in CSP 1.1 and 1.2 if it agreed to REACT, a
  Notification-Request ANU in 1.3 (unless the default list says not to). A question nobody answers stays with the server, which
  puts it again at the next sign-in, and to the user's other clients.
- OnlineStatus, UserAvailability and CommCap go to all who were let subscribe: that is what a subscription is.
- What XMPP broadcasts is what *every* entry shows: the server repeats it to whoever comes new. Contacts who may see more get it
  in presence sent to them alone, again when one of their clients comes. The server shows a contact the broadcast first, and
  for good one whom the phone's user does not watch: less than they may see, never more.
- What goes by personal events (PEP) is for all who see the user when every entry shows it, else for those who may see it, by a
  whitelist of the node. Where the server refuses that, nobody sees it.
- Whom no entry holds for sees everything, once let in. An entry for a contact list, or the default, without attributes lets nobody
  in; who is in already sees whether the user is there. CancelAuth (1.1, 1.2), an entry of their own, and blocking end that.

## What became of a message

XMPP error conditions (RFC 6120 §8.3.3) as codes of a DeliveryReport-Request:

| condition | code |
|---|---|
${Object.entries(codeOfCondition)
  .map(([condition, code]) => `| ${condition} | ${code} |`)
  .join('\n')}
`;
