"""What the Python witnesses share: a printed check, and the simulator's own word to check against.

A witness is a client that others wrote, pointed at the simulator unmodified. It prints one line a
check, `ok …` or `FAIL …`, and ends 1 when any failed. Where the simulator is comes from the
environment; `cargo xtask test --only witnesses` starts one and sets it:

HIVE_WITNESS_URL     https://127.0.0.1:PORT
HIVE_WITNESS_CA      the certificate to trust, a PEM file
REQUESTS_CA_BUNDLE   the same file, which is how the clients are told
"""

import base64
import json
import os
import ssl
import sys
import traceback
import urllib.parse
import urllib.request

URL = os.environ["HIVE_WITNESS_URL"]
COMPANY = "northwind"
PUBLIC_KEY = "PUBLICKEY0000001"
PRIVATE_KEY = "PRIVATEKEY000001"
CLIENT_ID = "5f0e1c52-7a44-4d0e-9a53-3c0a7b6f2d11"

_tls = ssl.create_default_context(cafile=os.environ["HIVE_WITNESS_CA"])
_failed = 0


def check(what, seen, expected):
    global _failed
    if seen == expected:
        print(f"ok {what}: {_short(seen)}", flush=True)
    else:
        _failed += 1
        print(f"FAIL {what}: expected {_short(expected)}, saw {_short(seen)}", flush=True)


def main(story):
    """Runs a witness's story; whatever it raises is a failed check, with its words."""
    global _failed
    try:
        story()
    except Exception as error:  # a foreign client may raise anything
        traceback.print_exc()
        _failed += 1
        print(f"FAIL {os.path.basename(sys.argv[0])}: {type(error).__name__}: {error}", flush=True)
    sys.exit(1 if _failed else 0)


def sim(path):
    """What the simulator says it holds, around the API."""
    return _get(f"{URL}/_sim/{path}", {})


def count(path, conditions=""):
    """A collection's own /count, asked without the client."""
    keys = f"{COMPANY}+{PUBLIC_KEY}:{PRIVATE_KEY}".encode()
    headers = {"Authorization": "Basic " + base64.b64encode(keys).decode(), "clientId": CLIENT_ID}
    query = f"?conditions={urllib.parse.quote(conditions)}" if conditions else ""
    return _get(f"{URL}/v4_6_release/apis/3.0/{path}/count{query}", headers)["count"]


def additions_by_agreement():
    """Agreement id -> {addition id: quantity}, the agreements with most additions first."""
    found = {}
    for row in sim("additions"):
        found.setdefault(row["agreementId"], {})[row["id"]] = row["quantity"]
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _get(url, headers):
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, context=_tls, timeout=30) as answer:
        return json.loads(answer.read())


def _short(value):
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"
