#!/usr/bin/python3
"""A person in rooms on an ordinary XMPP client (slixmpp and its xep_0045), driven by JSON lines.

Usage: person.py JID PASSWORD PORT        stdin: {"do": …} lines, stdout: {"event": …} lines.
"""
import asyncio
import json
import ssl
import sys
import threading

import slixmpp
from slixmpp.exceptions import IqError, PresenceError
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Person(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in ("xep_0004", "xep_0030", "xep_0045", "xep_0059", "xep_0198", "xep_0199", "xep_0203", "xep_0249", "xep_0359", "xep_0421"):
            self.register_plugin(plugin)
        self.ssl_context = ssl.create_default_context()
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.muc = self["xep_0045"]
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("groupchat_message", self.said)
        self.add_event_handler("groupchat_subject", lambda m: tell("subject", text=m["subject"], **{"from": str(m["from"])}))
        self.add_event_handler("groupchat_presence", self.occupant)
        self.add_event_handler("groupchat_invite", self.invited)
        self.add_event_handler("groupchat_direct_invite", self.invited_directly)
        self.add_event_handler("groupchat_config_status", self.configured)
        self.add_event_handler("groupchat_message_error", self.refused)
        self.register_handler(Callback("private", StanzaPath("message@type=chat"), self.private))
        self.register_handler(Callback("declined", StanzaPath("message/muc/decline"), self.declined))

    def get_ssl_context(self):
        return self.ssl_context

    async def started(self, _):
        self.send_presence()
        tell("online")

    def said(self, m):
        tell("said", id=m["id"], body=m["body"], delayed=bool(m["delay"]["stamp"]), stable=bool(m["stanza_id"]["id"]),
             occupant=m["occupant-id"]["id"], **{"from": str(m["from"])})

    def private(self, m):
        tell("private", body=m["body"], **{"from": str(m["from"])})

    def occupant(self, p):
        muc = p["muc"]
        tell("occupant", type=p["type"], nick=muc["nick"], role=muc["role"], affiliation=muc["affiliation"],
             jid=str(muc["jid"]), codes=sorted(muc["status_codes"]), occupant=p["occupant-id"]["id"])

    def invited(self, m):
        tell("invited", room=str(m["from"]), by=str(m["muc"]["invite"]["from"]), reason=m["muc"]["invite"]["reason"])

    def invited_directly(self, m):
        invitation = m["groupchat_invite"]
        tell("invited", room=str(invitation["jid"]), by=str(m["from"].bare), reason=invitation["reason"])

    def declined(self, m):
        tell("declined", by=str(m["muc"]["decline"]["from"]), reason=m["muc"]["decline"]["reason"])

    def configured(self, m):
        tell("configured", codes=sorted(m["muc"]["status_codes"]))

    def refused(self, m):
        tell("refused", id=m["id"], condition=m["error"]["condition"])

    async def perform(self, order):
        do, muc = order["do"], self.muc
        room = slixmpp.JID(order["room"]) if "room" in order else None
        if do == "enter":
            wishes = {key: order[key] for key in ("password", "maxstanzas", "seconds") if key in order}
            try:
                presence, subject, occupants, history = await muc.join_muc_wait(room, order["nick"], timeout=15, **wishes)
            except PresenceError:
                # The plugin believes to be in the room all the same, and would hear no invitation.
                muc.rooms.pop(room, None)
                raise
            tell("entered", codes=sorted(presence["muc"]["status_codes"]), subject=subject["subject"],
                 occupants=sorted(p["from"].resource for p in occupants), history=[m["body"] for m in history])
        elif do == "configure":
            form = await muc.get_room_config(room)
            form["type"] = "submit"
            form.set_values(order["values"])
            await muc.set_room_config(room, form)
        elif do == "config":
            tell("config", values={k: v for k, v in (await muc.get_room_config(room)).get_values().items()})
        elif do == "say":
            m = self.make_message(mto=room, mbody=order["body"], mtype="groupchat")
            m["id"] = order.get("id", self.new_id())
            m.send()
        elif do == "whisper":
            self.send_message(mto=f"{room}/{order['nick']}", mbody=order["body"], mtype="chat")
        elif do == "subject":
            muc.set_subject(room, order["text"])
        elif do == "nick":
            self.send_presence(pto=f"{room}/{order['nick']}")
        elif do == "role":
            await muc.set_role(room, order["nick"], order["role"], reason=order.get("reason", ""))
        elif do == "affiliation":
            await muc.set_affiliation(room, order["affiliation"], jid=slixmpp.JID(order["jid"]), reason=order.get("reason", ""))
        elif do == "affiliations":
            tell("affiliations", list=[str(jid) for jid in await muc.get_affiliation_list(room, order["affiliation"])])
        elif do == "roles":
            tell("roles", list=[str(nick) for nick in await muc.get_roles_list(room, order["role"])])
        elif do == "invite":
            muc.invite(room, slixmpp.JID(order["jid"]), order["reason"])
        elif do == "decline":
            muc.decline(room, slixmpp.JID(order["jid"]), order["reason"])
        elif do == "leave":
            muc.leave_muc(room, order["nick"], order.get("text", ""))
        elif do == "destroy":
            await muc.destroy(room, reason=order["reason"])
        elif do == "ping":
            await self["xep_0199"].send_ping(slixmpp.JID(f"{room}/{order['nick']}"), timeout=15)
        elif do == "features":
            info = await self["xep_0030"].get_info(jid=room, cached=False)
            tell("features", features=sorted(info["disco_info"]["features"]), names=[i[3] for i in info["disco_info"]["identities"]])
        elif do == "rooms":
            answer = await self["xep_0030"].get_items(jid=slixmpp.JID(order["service"]))
            tell("rooms", rooms=sorted([str(jid), name] for jid, _, name in answer["disco_items"]["items"]))
        elif do == "quit":
            await self.disconnect()
            self.loop.stop()
        tell("done", do=do)

    async def order(self, line):
        try:
            await self.perform(json.loads(line))
        except (IqError, PresenceError) as error:
            tell("failed", condition=f"{error.condition} {error.text}")
        except Exception as error:  # the test reads what went wrong
            tell("failed", condition=repr(error))

    def read_orders(self):
        """Runs in a thread of its own."""
        for line in sys.stdin:
            asyncio.run_coroutine_threadsafe(self.order(line), self.loop)


def main():
    jid, password, port = sys.argv[1:4]
    person = Person(jid, password)
    person.connect(("127.0.0.1", int(port)))
    threading.Thread(target=person.read_orders, daemon=True).start()
    person.loop.run_forever()


main()
