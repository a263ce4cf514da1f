#!/usr/bin/python3
"""A component on slixmpp's ComponentXMPP, driven by JSON lines: an echo that accepts every subscription, shows itself
available to whoever subscribed, and has the privileges of XEP-0356.

Usage: slixmpp-gateway.py DOMAIN SECRET PORT SERVER        stdin: {"do": …} lines, stdout: {"event": …} lines.
"""
import asyncio
import json
import sys
import threading

import slixmpp
from slixmpp.componentxmpp import ComponentXMPP


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Gateway(ComponentXMPP):
    def __init__(self, domain, secret, port, server):
        # XEP-0356 messages go to `server_host`, so it has to be the server's domain.
        super().__init__(domain, secret, server, port)
        for plugin in ("xep_0030", "xep_0199", "xep_0356"):
            self.register_plugin(plugin)
        self["xep_0030"].add_identity(category="gateway", itype="sms", name="Echo")
        self.auto_authorize = True
        self.auto_subscribe = True
        self.add_event_handler("session_start", lambda _: tell("online"))
        self.add_event_handler("message", self.message)
        self.add_event_handler("privileges_advertised", lambda _=None: tell("privileges", **self["xep_0356"].granted_privileges))
        self.add_event_handler("roster_update", self.roster)
        self.add_event_handler("disconnected", lambda reason: tell("disconnected"))
        self.add_event_handler("presence_subscribe", lambda p: tell("subscribe", **self.who(p)))
        self.add_event_handler("presence_probe", lambda p: tell("probe", **self.who(p)))
        for kind in ("available", "unavailable"):
            self.add_event_handler(f"presence_{kind}", lambda p, kind=kind: tell(kind, show=p["show"], status=p["status"], **self.who(p)))

    @staticmethod
    def who(stanza):
        return {"from": str(stanza["from"]), "to": str(stanza["to"])}

    def message(self, m):
        if m["type"] not in ("chat", "normal") or not m["body"]:
            return
        tell("message", body=m["body"], **self.who(m))
        m.reply(f"echo: {m['body']}").send()

    def roster(self, iq):
        tell("roster-push", items={str(j): i["subscription"] for j, i in iq["roster"]["items"].items()}, **self.who(iq))

    async def perform(self, order):
        do = order["do"]
        if do == "presence":
            self.send_presence(pfrom=order["from"], pto=order["to"], ptype=order.get("type"), pshow=order.get("show"), pstatus=order.get("status"))
        elif do == "message":
            self.send_message(mfrom=order["from"], mto=order["to"], mbody=order["body"], mtype="chat")
        elif do == "get-roster":
            answer = await self["xep_0356"].get_roster(order["to"])
            tell("roster", items={str(j): {"name": i["name"], "subscription": i["subscription"]} for j, i in answer["roster"]["items"].items()})
        elif do == "set-roster":
            await self["xep_0356"].set_roster(order["to"], order["items"])
        elif do == "speak-for":
            self["xep_0356"].send_privileged_message(self.make_message(mfrom=order["from"], mto=order["to"], mbody=order["body"], mtype="chat"))
        elif do == "spoof":
            self.send_raw(f"<message from='{order['from']}' to='{order['to']}'><body>x</body></message>")
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
    domain, secret, port, server = sys.argv[1:5]
    gateway = Gateway(domain, secret, int(port), server)
    gateway.connect("127.0.0.1", int(port))
    threading.Thread(target=gateway.read_orders, daemon=True).start()
    gateway.loop.run_forever()


main()
