"""WebSocket clients that nobody here wrote: Debian's python3-websockets, used as it should be, and python3-wsproto, which judges every byte of the hub.

Started by ForeignClientTests: web_socket_clients.py http://127.0.0.1:PORT. Ends with 0 and a last line "N checks".
"""

import asyncio
import json
import socket
import struct
import sys
import traceback
import urllib.request

import websockets
from wsproto import WSConnection
from wsproto.connection import ConnectionType
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Message, Ping, Pong, RejectConnection, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

HUB = sys.argv[1]
HOST, PORT = HUB.split("//")[1].rstrip("/").split(":")
MASK = b"\x11\xf2\xa3\x44"


def publish(topic, body):
    request = urllib.request.Request(f"{HUB}/topics/{topic}", data=body, headers={"Content-Type": "application/octet-stream"})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 200


class Wire:
    """A socket whose every byte from the hub wsproto has to understand."""

    def __init__(self, **more):
        self.socket = socket.create_connection((HOST, int(PORT)), timeout=30)
        self.protocol = WSConnection(ConnectionType.CLIENT)
        self.coming = []
        self.send(Request(host=f"{HOST}:{PORT}", target="/events?topic=py", **more))

    def send(self, *events):
        self.socket.sendall(b"".join(self.protocol.send(event) for event in events))

    def next(self):
        """The next event; text in one piece; None at the end of the connection."""
        text = ""
        while True:
            while not self.coming:
                data = self.socket.recv(4096)
                self.protocol.receive_data(data or None)
                self.coming.extend(self.protocol.events())
                if not data and not self.coming:
                    return None
            event = self.coming.pop(0)
            if not isinstance(event, Message):
                return event
            text += event.data if isinstance(event, TextMessage) else ""
            if event.message_finished:
                return event if isinstance(event, BytesMessage) else json.loads(text)

    def opened(self):
        accepted = self.next()
        assert isinstance(accepted, AcceptConnection), accepted
        assert not accepted.extensions, accepted
        signal = self.next()
        assert signal["signal"] == "open", signal
        return self

    def close_code(self):
        while True:
            event = self.next()
            if isinstance(event, CloseConnection):
                self.socket.sendall(frame(8, struct.pack("!H", event.code)))
                while self.socket.recv(4096):
                    raise AssertionError("bytes behind the close frame")
                return event.code


def frame(opcode, payload=b"", final=True, reserved=0, mask=MASK, form=None, told=None):
    """A frame by hand: nothing is checked."""
    length = len(payload) if told is None else told
    form = form or (7 if length < 126 else 16 if length < 65536 else 64)
    bit = 0x80 if mask else 0
    head = bytes([(0x80 if final else 0) | reserved | opcode])
    head += bytes([bit | length]) if form == 7 else bytes([bit | 126]) + struct.pack("!H", length) if form == 16 else bytes([bit | 127]) + struct.pack("!Q", length)
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
    return head + (mask or b"") + masked


FAULTS = [
    ("reserved bit", frame(1, b"{}", reserved=0x20), 1002),
    ("not masked", frame(1, b"{}", mask=None), 1002),
    ("reserved opcode", frame(3), 1002),
    ("fragmented close", frame(8, final=False), 1002),
    ("long pong", frame(10, bytes(200)), 1002),
    ("length in 16 bits", frame(1, b"{}", form=16), 1002),
    ("length in 64 bits", frame(1, b"{}", form=64), 1002),
    ("length with its top bit", frame(1, b"{}", told=1 << 63), 1002),
    ("message within another", frame(1, b"{", final=False) + frame(1, b"}"), 1002),
    ("close code 1006", frame(8, struct.pack("!H", 1006)), 1002),
    ("close code 5000", frame(8, struct.pack("!H", 5000)), 1002),
    ("binary", frame(2, b"x"), 1003),
    ("not UTF-8, in fragments", frame(1, b"\xe2", final=False) + frame(9, b"p") + frame(0, b"\x28\xa1"), 1007),
    ("too long", frame(1, bytes(90_000)), 1009),
    ("too long, as is told", frame(1, b"x", told=1 << 40), 1009),
]


def faulty(data, code):
    for size in (len(data), 1) if len(data) < 1000 else (len(data),):
        wire = Wire(extensions=[PerMessageDeflate()]).opened()
        for at in range(0, len(data), size):
            wire.socket.sendall(data[at : at + size])
        found = wire.close_code()
        assert found == code, found


def talk():
    wire = Wire(extensions=[PerMessageDeflate()], subprotocols=["spillway.v1.json"]).opened()
    wire.send(TextMessage('{"command":"pi', message_finished=False), Ping(b"x" * 125), TextMessage('ng","ref":"€"}'))
    pong = wire.next()
    assert isinstance(pong, Pong) and pong.payload == b"x" * 125, pong
    assert wire.next() == {"reply": "€"}
    publish("py", b"payload")
    assert wire.next()["topic"] == "py"
    wire.send(CloseConnection(code=3456, reason="enough"))
    closed = wire.next()
    assert isinstance(closed, CloseConnection) and closed.code == 3456, closed
    assert not wire.socket.recv(4096)


def refused():
    for more in ({"subprotocols": ["mqtt"]}, {"extra_headers": [(b"Upgrade", b"websocket"), (b"Sec-WebSocket-Key", b"short")]}):
        rejected = Wire(**more).next()
        assert isinstance(rejected, RejectConnection) and rejected.status_code == 400, rejected


async def library():
    url = HUB.replace("http", "ws") + "/events?topic=py"
    async with websockets.connect(url, subprotocols=["spillway.v1.binary"]) as client:
        assert client.subprotocol == "spillway.v1.binary" and not client.extensions
        assert json.loads(await client.recv())["signal"] == "open"
        payload = bytes(range(256)) * 300
        await asyncio.get_running_loop().run_in_executor(None, publish, "py", payload)
        message = await client.recv()
        assert message[struct.unpack_from("<H", message, 2)[0] :] == payload
        await client.send(part for part in ('{"command"', "", ':"ping"', ',"ref":1}'))
        assert json.loads(await client.recv()) == {"reply": 1}
        await asyncio.wait_for(await client.ping(b"here"), 30)
    assert client.close_code == 1000
    for data, code in ((b"binary", 1003), ("x" * 100_000, 1009)):
        async with websockets.connect(url) as client:
            await client.recv()
            await client.send(data)
            try:
                await client.recv()
                raise AssertionError("it goes on")
            except websockets.ConnectionClosed:
                assert client.close_code == code, client.close_code


def main():
    checks = failures = 0
    tests = [(what, lambda data=data, code=code: faulty(data, code)) for what, data, code in FAULTS]
    tests += [("talk", talk), ("refused", refused), ("library", lambda: asyncio.run(asyncio.wait_for(library(), 60)))]
    for what, test in tests:
        try:
            test()
            checks += 1
        except Exception:
            failures += 1
            print(f"{what}:\n{traceback.format_exc()}", file=sys.stderr)
    print(f"{checks} checks")
    sys.exit(1 if failures else 0)


main()
