#!/usr/bin/python3
"""A person in rooms on an ordinary XMPP client (slixmpp), driven by JSON lines.

Usage: slixmpp-laptop.py JID PASSWORD PORT [HOST]        stdin: {"do": …} lines, stdout: {"event": …} lines.
"""
import asyncio
import json
import ssl
import sys
import threading

import slixmpp
from slixmpp.xmlstream.handler import Callback
from slixmpp.xmlstream.matcher import StanzaPath


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Laptop(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in ("xep_0030", "xep_0045", "xep_0198", "xep_0199"):
            self.register_plugin(plugin)
        self.ssl_context = ssl.create_default_context()
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.auto_authorize = True
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("message", self.message)
        self.add_event_handler("message_error", self.error)
        self.add_event_handler("groupchat_subject", lambda m: tell("subject", room=m["from"].bare, text=m["subject"]))
        self.add_event_handler("roster_update", self.roster_changed)
        self.add_event_handler("groupchat_presence", self.occupant)
        self.register_handler(Callback("every presence", StanzaPath("presence"), self.presence))
        self.add_event_handler("presence_error", self.error)

    def get_ssl_context(self):
        return self.ssl_context

    async def started(self, _):
        await self.get_roster()
        self.send_presence()
        tell("online", jid=str(self.boundjid))

    def message(self, m):
        tell("message", type=m["type"], body=m["body"], **{"from": str(m["from"])})

    def error(self, stanza):
        tell("error", kind=stanza.name, condition=stanza["error"]["condition"], type=stanza["error"]["type"], **{"from": str(stanza["from"])})

    def presence(self, p):
        tell("presence", type=p["type"], status=p["status"], **{"from": str(p["from"])})

    def roster_changed(self, iq):
        for jid, item in iq["roster"]["items"].items():
            tell("item", jid=str(jid), name=item["name"], subscription=item["subscription"], groups=list(item["groups"]))

    def occupant(self, p):
        tell("occupant", room=p["from"].bare, nick=p["from"].resource, type=p["type"], role=p["muc"]["role"], codes=sorted(p["muc"]["status_codes"]))

    async def perform(self, order):
        do, to = order["do"], order.get("to")
        if do == "join":
            self["xep_0045"].join_muc(slixmpp.JID(to), order["nick"])
        elif do == "leave":
            self["xep_0045"].leave_muc(slixmpp.JID(to), order["nick"])
        elif do == "rename":
            self.send_presence(pto=f"{to}/{order['nick']}")
        elif do == "subject":
            self["xep_0045"].set_subject(slixmpp.JID(to), order["body"])
        elif do == "message":
            self.send_message(mto=to, mbody=order["body"], mtype=order.get("type", "chat"))
        elif do in ("subscribe", "subscribed"):
            self.send_presence(pto=to, ptype=do)
        elif do == "services":
            answer = await self["xep_0030"].get_items(jid=to)
            tell("services", items=[[str(i[0]), i[2]] for i in answer["disco_items"]["items"]])
        elif do == "identity":
            answer = await self["xep_0030"].get_info(jid=to)
            tell("identity", identities=[f"{i[0]}/{i[1]}" for i in answer["disco_info"]["identities"]], features=sorted(answer["disco_info"]["features"]))
        elif do == "ping":
            tell("pong", seconds=await self["xep_0199"].ping(slixmpp.JID(to)))
        elif do == "quit":
            await self.disconnect()
            tell("quit")
            self.loop.stop()
        tell("done", do=do)

    async def order(self, line):
        try:
            await self.perform(json.loads(line))
        except Exception as error:  # the test reads what went wrong
            tell("failed", error=repr(error), order=line)

    def read_orders(self):
        """Runs in a thread of its own."""
        for line in sys.stdin:
            asyncio.run_coroutine_threadsafe(self.order(line), self.loop)


def main():
    jid, password, port = sys.argv[1:4]
    host = sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1"
    laptop = Laptop(jid, password)
    laptop.connect((host, int(port)))
    threading.Thread(target=laptop.read_orders, daemon=True).start()
    laptop.loop.run_forever()


main()
