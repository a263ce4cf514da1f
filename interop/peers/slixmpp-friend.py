#!/usr/bin/python3
"""A person on an ordinary XMPP client (slixmpp), driven by JSON lines.

Usage: slixmpp-friend.py JID PASSWORD HOST PORT        stdin: {"do": …} lines, stdout: {"event": …} lines.
"""
import asyncio
import json
import ssl
import sys
import threading

import slixmpp


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Friend(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        for plugin in ("xep_0030", "xep_0115", "xep_0184", "xep_0191", "xep_0198", "xep_0199", "xep_0203"):
            self.register_plugin(plugin)
        self.auto_authorize = None  # asked for by {"do": "authorize"}
        self.auto_subscribe = False
        self["xep_0184"].auto_ack = True
        # The peers of a test have certificates of their own making.
        self.ssl_context = ssl.create_default_context()
        self.ssl_context.check_hostname = False
        self.ssl_context.verify_mode = ssl.CERT_NONE
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("message", self.message)
        self.add_event_handler("receipt_received", lambda m: tell("receipt", id=m["receipt"], **{"from": str(m["from"])}))
        self.add_event_handler("failed_auth", lambda _: tell("failed_auth"))
        self.add_event_handler("disconnected", lambda reason: tell("disconnected", reason=str(reason)))
        self.add_event_handler("changed_status", self.presence)
        self.add_event_handler("presence_unavailable", self.presence)
        for kind in ("subscribe", "subscribed", "unsubscribe", "unsubscribed", "error"):
            self.add_event_handler(f"presence_{kind}", lambda p, kind=kind: tell(kind, **{"from": str(p["from"])}))
        self.add_event_handler("roster_update", self.roster_changed)

    def get_ssl_context(self):
        return self.ssl_context

    async def started(self, _):
        await self.get_roster()
        self.send_presence()
        tell("online", jid=str(self.boundjid))

    def message(self, m):
        tell(
            "message",
            id=m["id"],
            type=m["type"],
            body=m["body"],
            delayed=bool(m["delay"]["stamp"]) if "delay" in m else False,
            **{"from": str(m["from"])},
        )

    def presence(self, p):
        tell("presence", type=p["type"], show=p["show"], status=p["status"], priority=p["priority"], **{"from": str(p["from"])})

    def roster_changed(self, iq):
        items = {str(j): {"name": i["name"], "subscription": i["subscription"], "groups": list(i["groups"])} for j, i in iq["roster"]["items"].items()}
        tell("roster", items=items)

    async def perform(self, order):
        do, to = order["do"], order.get("to")
        if do == "message":
            m = self.make_message(mto=to, mbody=order["body"], mtype=order.get("type", "chat"))
            m["id"] = order.get("id", self.new_id())
            if order.get("receipt"):
                m["request_receipt"] = True
            m.send()
        elif do == "presence":
            self.send_presence(pshow=order.get("show"), pstatus=order.get("status"), ppriority=order.get("priority"), ptype=order.get("type"))
        elif do in ("subscribe", "subscribed", "unsubscribe", "unsubscribed"):
            self.send_presence(pto=to, ptype=do)
        elif do == "roster-set":
            await self.update_roster(to, name=order.get("name"), groups=order.get("groups", []))
        elif do == "roster-remove":
            await self.del_roster_item(to)
        elif do == "block":
            await self["xep_0191"].block(to)
        elif do == "unblock":
            await self["xep_0191"].unblock(to)
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
    jid, password, host, port = sys.argv[1:5]
    friend = Friend(jid, password)
    friend.connect((host, int(port)))
    threading.Thread(target=friend.read_orders, daemon=True).start()
    friend.loop.run_forever()


main()
