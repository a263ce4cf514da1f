// Every primitive of the Client-Server Protocol 1.1, 1.2 and 1.3, as the protocol has it: kept apart from the content model,
// so that a primitive forgotten there is missed here. Names; who sends it; in which versions.

import type { CspVersion } from '../../imps/version.ts';

export type Direction = 'phone' | 'server';

export interface ReferencePrimitive {
  readonly name: string;
  readonly chapter: string;
  /** Who sends it. */
  readonly from: readonly Direction[];
  readonly versions: readonly CspVersion[];
}

// NAME DIRECTIONS VERSIONS; p: the phone sends it, s: the server does.
const text = `
  == Session and fundamental primitives
  Login-Request                       p  123
  Login-Response                      s  123
  Logout-Request                      p  123
  Disconnect                          s  123
  KeepAlive-Request                   p  123
  KeepAlive-Response                  s  123
  ClientCapability-Request            p  123
  ClientCapability-Response           s  123
  Service-Request                     p  123
  Service-Response                    s  123
  GetSPInfo-Request                   p  123
  GetSPInfo-Response                  s  123
  Polling-Request                     p  123
  Status                              ps 123
  Search-Request                      p  123
  Search-Response                     s  123
  StopSearch-Request                  p  123
  Invite-Request                      p  123
  InviteUser-Request                  s  123
  InviteUser-Response                 p  123
  Invite-Response                     s  123
  CancelInvite-Request                p  123
  CancelInviteUser-Request            s  123
  VerifyID-Request                    p  23
  WV-CSP-VersionDiscovery-Request     p  23
  WV-CSP-VersionDiscovery-Response    s  23
  Extended-Request                    ps 23
  Extended-Response                   ps 23
  GetMap-Request                      p  3
  GetMap-Response                     s  3
  GetSegment-Request                  p  3
  GetSegment-Response                 s  3
  DropSegment-Request                 p  3
  SystemMessage-Request               s  3
  SystemMessage-User                  p  3
  Notification-Request                s  3
  SubscribeNotification-Request       p  3
  UnsubscribeNotification-Request     p  3
  GetPublicProfile-Request            p  3
  GetPublicProfile-Response           s  3
  UpdatePublicProfile-Request         p  3

  == Contact lists
  GetList-Request                     p  123
  GetList-Response                    s  123
  CreateList-Request                  p  123
  CreateList-Response                 s  3
  DeleteList-Request                  p  123
  ListManage-Request                  p  123
  ListManage-Response                 s  123

  == Presence
  CreateAttributeList-Request         p  123
  DeleteAttributeList-Request         p  123
  GetAttributeList-Request            p  123
  GetAttributeList-Response           s  123
  SubscribePresence-Request           p  123
  UnsubscribePresence-Request         p  123
  PresenceNotification-Request        s  123
  GetPresence-Request                 p  123
  GetPresence-Response                s  123
  UpdatePresence-Request              p  123
  PresenceAuth-Request                s  12
  PresenceAuth-User                   p  12
  CancelAuth-Request                  p  12
  GetReactiveAuthStatus-Request       p  2
  GetReactiveAuthStatus-Response      s  2
  GetWatcherList-Request              p  123
  GetWatcherList-Response             s  123

  == Instant messages
  SendMessage-Request                 p  123
  SendMessage-Response                s  123
  SetDeliveryMethod-Request           p  123
  GetMessageList-Request              p  123
  GetMessageList-Response             s  123
  GetMessage-Request                  p  123
  GetMessage-Response                 s  123
  MessageDelivered                    p  123
  RejectMessage-Request               p  123
  MessageNotification                 s  123
  NewMessage                          s  123
  DeliveryReport-Request              s  123
  ForwardMessage-Request              p  123
  ForwardMessage-Response             s  3
  BlockEntity-Request                 p  123
  GetBlockedList-Request              p  123
  GetBlockedList-Response             s  123

  == Groups
  CreateGroup-Request                 p  123
  DeleteGroup-Request                 p  123
  JoinGroup-Request                   p  123
  JoinGroup-Response                  s  123
  LeaveGroup-Request                  p  123
  LeaveGroup-Response                 s  123
  GetGroupMembers-Request             p  123
  GetGroupMembers-Response            s  123
  AddGroupMembers-Request             p  123
  RemoveGroupMembers-Request          p  123
  MemberAccess-Request                p  123
  GetJoinedUsers-Request              p  23
  GetJoinedUsers-Response             s  23
  GetGroupProps-Request               p  123
  GetGroupProps-Response              s  123
  SetGroupProps-Request               p  123
  RejectList-Request                  p  123
  RejectList-Response                 s  123
  SubscribeGroupNotice-Request        p  123
  SubscribeGroupNotice-Response       s  123
  GroupChangeNotice                   s  123
  ExtendConversation-Request          p  3
  ExtendConversation-Response         s  3
`;

const read = (): readonly ReferencePrimitive[] => {
  const found: ReferencePrimitive[] = [];
  let chapter = '';
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line.startsWith('== ')) chapter = line.slice(3);
    else if (line !== '') {
      const [name = '', from = '', versions = ''] = line.split(/ +/);
      found.push({
        name,
        chapter,
        from: [...from].map((letter) => (letter === 'p' ? 'phone' : 'server')),
        versions: [...versions].map((digit) => `1.${digit}` as CspVersion),
      });
    }
  }
  return found;
};

export const referencePrimitives = read();
