#!/usr/bin/python3
"""A person on an ordinary XMPP client (slixmpp), driven by JSON lines.

Usage: slixmpp-friend.py JID PASSWORD HOST PORT [pep]        stdin: {"do": …} lines, stdout: {"event": …} lines.
"""
import asyncio
import json
import os
import ssl
import sys
import threading
import urllib.request

import slixmpp


def tell(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Friend(slixmpp.ClientXMPP):
    def __init__(self, jid, password, pep=False):
        super().__init__(jid, password)
        for plugin in ("xep_0030", "xep_0115", "xep_0184", "xep_0191", "xep_0198", "xep_0199", "xep_0203"):
            self.register_plugin(plugin)
        if pep:
            self.want_events()
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
        self.add_event_handler("message_error", self.refused)
        self.add_event_handler("presence", self.saw)

    def want_events(self):
        for plugin in ("xep_0004", "xep_0060", "xep_0084", "xep_0107", "xep_0163", "xep_0172", "xep_0223"):
            self.register_plugin(plugin)
        for name in ("user_mood_publish", "avatar_metadata_publish", "user_nick_publish"):
            self.add_event_handler(name, lambda m, name=name: self.event_came(name, m))

    def event_came(self, name, m):
        item = m["pubsub_event"]["items"]["item"]
        shown = item["id"]
        if name == "user_mood_publish":
            shown = item["mood"]["value"]
        elif name == "user_nick_publish":
            shown = item["nick"]["nick"]
        tell(name, value=shown, delayed=m.xml.find("{urn:xmpp:delay}delay") is not None, **{"from": str(m["from"])})

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
            link=m.xml.findtext("{jabber:x:oob}x/{jabber:x:oob}url"),
            delayed=m.xml.find("{urn:xmpp:delay}delay") is not None,
            **{"from": str(m["from"])},
        )

    def presence(self, p):
        tell("presence", type=p["type"], show=p["show"], status=p["status"], priority=p["priority"], **{"from": str(p["from"])})

    def refused(self, m):
        # Read from the element itself: the library does not know all conditions of RFC 6120 §8.3.3.
        spaces = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
        names = [child.tag for child in m["error"].xml if child.tag.startswith(spaces)]
        condition = next((name[len(spaces):] for name in names if not name.endswith("}text")), "")
        tell("refused", id=m["id"], condition=condition, type=m["error"]["type"], **{"from": str(m["from"])})

    def saw(self, p):
        """Every presence stanza, whether or not it is news; `room` says what a chat room adds to it (XEP-0045)."""
        room = p.xml.find("{http://jabber.org/protocol/muc#user}x")
        codes = [] if room is None else sorted(s.get("code") for s in room.findall("{http://jabber.org/protocol/muc#user}status"))
        condition = p["error"]["condition"] if p["type"] == "error" else ""
        tell("saw", type=p.xml.get("type", "available"), room=room is not None, codes=codes, condition=condition, **{"from": str(p["from"])})

    def roster_changed(self, iq):
        items = {str(j): {"name": i["name"], "subscription": i["subscription"], "groups": list(i["groups"])} for j, i in iq["roster"]["items"].items()}
        tell("roster", items=items)

    async def upload(self, path, kind):
        """XEP-0363 by hand: Debian's library has it only with aiohttp. Returns the link."""
        space = "{urn:xmpp:http:upload:0}"
        services = await self["xep_0030"].get_items(jid=self.boundjid.domain)
        for jid, _, _ in services["disco_items"]["items"]:
            info = await self["xep_0030"].get_info(jid=jid, cached=False)
            if space[1:-1] in info["disco_info"]["features"]:
                break
        else:
            raise LookupError("no upload service")
        with open(path, "rb") as file:
            octets = file.read()
        iq = self.make_iq_get(ito=jid)
        request = slixmpp.xmlstream.ET.Element(space + "request", {"filename": os.path.basename(path), "size": str(len(octets)), "content-type": kind})
        iq.append(request)
        slot = (await iq.send()).xml.find(space + "slot")
        put = slot.find(space + "put")
        headers = {header.get("name"): header.text for header in put.findall(space + "header")}
        upload = urllib.request.Request(put.get("url"), data=octets, method="PUT", headers={**headers, "Content-Type": kind})
        await self.loop.run_in_executor(None, urllib.request.urlopen, upload)
        return slot.find(space + "get").get("url")

    async def perform(self, order):
        do, to = order["do"], order.get("to")
        if do == "message":
            m = self.make_message(mto=to, mbody=order["body"], mtype=order.get("type", "chat"))
            m["id"] = order.get("id", self.new_id())
            if order.get("receipt"):
                m["request_receipt"] = True
            m.send()
        elif do == "share":
            link = await self.upload(order["path"], order["type"])
            m = self.make_message(mto=to, mbody=link, mtype="chat")
            m.append(slixmpp.xmlstream.ET.fromstring(f"<x xmlns='jabber:x:oob'><url>{link}</url></x>"))
            m.send()
            tell("shared", link=link)
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
        elif do == "join":
            p = self.make_presence(pto=f"{to}/{order['nick']}")
            p.append(slixmpp.xmlstream.ET.fromstring("<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x>"))
            p.send()
        elif do == "leave":
            self.send_presence(pto=f"{to}/{order['nick']}", ptype="unavailable")
        elif do == "unlock":
            # A new room is closed until its owner accepts its configuration (XEP-0045 §10.1.2).
            iq = self.make_iq_set(ito=to)
            iq.append(slixmpp.xmlstream.ET.fromstring("<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>"))
            await iq.send()
        elif do == "ping":
            await self["xep_0199"].send_ping(slixmpp.JID(to), timeout=15)
        elif do == "features":
            answer = await self["xep_0030"].get_info(jid=to, cached=False, timeout=15)
            tell("features", features=sorted(answer["disco_info"]["features"]), **{"from": to})
        elif do == "nick":
            await self["xep_0172"].publish_nick(order["value"])
        elif do == "mood":
            await self["xep_0107"].publish_mood(order["value"], "")
        elif do == "avatar":
            data = bytes(order["value"], "ascii")
            await self["xep_0084"].publish_avatar(data)
            picture = {"id": self["xep_0084"].generate_id(data), "type": "image/png", "bytes": len(data)}
            await self["xep_0084"].publish_avatar_metadata([picture])
        elif do == "get-avatar":
            answer = await self["xep_0084"].retrieve_avatar(slixmpp.JID(to), order["id"])
            tell("avatar", value=str(answer["pubsub"]["items"]["item"]["avatar_data"]["value"], "ascii"))
        elif do == "store":
            form = self["xep_0004"].make_form(ftype="submit")
            form.add_field(var="FORM_TYPE", ftype="hidden", value="http://jabber.org/protocol/pubsub#publish-options")
            for name, value in (("persist_items", "true"), ("access_model", "whitelist"), ("max_items", "max")):
                form.add_field(var="pubsub#" + name, value=value)
            payload = slixmpp.xmlstream.ET.fromstring(f"<note xmlns='urn:note'>{order['value']}</note>")
            await self["xep_0060"].publish(None, "urn:note", id=order["id"], payload=payload, options=form)
        elif do == "stored":
            answer = await self["xep_0060"].get_items(slixmpp.JID(to) if to else None, "urn:note")
            items = {item["id"]: item["payload"].text for item in answer["pubsub"]["items"]}
            tell("stored", items=items)
        elif do == "nodes":
            answer = await self["xep_0060"].get_nodes(slixmpp.JID(to))
            tell("nodes", nodes=sorted(node for _, node, _ in answer["disco_items"]["items"]))
        elif do == "configuration":
            answer = await self["xep_0060"].get_node_config(None, order["node"])
            tell("configuration", values={k: v for k, v in answer["pubsub_owner"]["configure"]["form"]["values"].items()})
        elif do == "identities":
            answer = await self["xep_0030"].get_info(jid=self.boundjid.bare, cached=False)
            tell("identities", identities=[f"{i[0]}/{i[1]}" for i in answer["disco_info"]["identities"]])
        elif do == "vcard":
            self.register_plugin("xep_0054")
            card = self["xep_0054"].make_vcard()
            card["FN"], card["NICKNAME"] = order["name"], order["nick"]
            await self["xep_0054"].publish_vcard(card)
        elif do == "commands":
            self.register_plugin("xep_0050")
            answer = await self["xep_0050"].get_commands(jid=to)
            tell("commands", nodes=[node for _, node, _ in answer["disco_items"]["items"]])
        elif do == "command":
            # As a person would: the command, its form, the form filled in.
            self.register_plugin("xep_0004")
            self.register_plugin("xep_0050")
            first = await self["xep_0050"].send_command(to, order["node"])
            form = first["command"]["form"]
            form.reply()
            form["type"] = "submit"
            for name, value in order["values"].items():
                form.get_fields()[name]["value"] = value
            last = await self["xep_0050"].send_command(
                to, order["node"], action="complete", payload=form, sessionid=first["command"]["sessionid"]
            )
            tell("command", status=last["command"]["status"])
        elif do == "search":
            self.register_plugin("xep_0004")
            self.register_plugin("xep_0055", {"provide_search": False})
            iq = self.make_iq_get(ito=to)
            iq["search"]
            iq.enable("search")
            form = (await iq.send())["search"]["form"]
            fields = sorted(form.get_fields())
            query = self.make_iq_set(ito=to)
            query["search"]["form"]["type"] = "submit"
            query["search"]["form"].add_field(var="FORM_TYPE", ftype="hidden", value="jabber:iq:search")
            for name, value in order["values"].items():
                query["search"]["form"].add_field(var=name, value=value)
            found = (await query.send())["search"]["form"]
            tell("found", fields=fields, items=[dict(item) for item in found.get_items()])
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
    friend = Friend(jid, password, pep="pep" in sys.argv[5:])
    friend.connect((host, int(port)))
    threading.Thread(target=friend.read_orders, daemon=True).start()
    friend.loop.run_forever()


main()
