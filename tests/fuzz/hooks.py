"""What schemathesis knows of Salama: who asks, which ids there are, and that nothing of one site is told at another.

SALAMA_LOGINS are who asks, in turn, SALAMA_TWINS the same of the other site, SALAMA_OWNERS who fills the house (technician,
officer, admin of one site). With SALAMA_FOREIGN=1 who asks is of the other site: what the owners made is not there for them.
"""

import hashlib
import itertools
import os
import re
import uuid

import requests
import schemathesis

SERVER = os.environ["SALAMA_SERVER"]
PASSWORD = os.environ["SALAMA_PASSWORD"]
FOREIGN = os.environ.get("SALAMA_FOREIGN") == "1"
PHOTO = open(os.path.join(os.path.dirname(__file__), "../../demo/photo.jpg"), "rb").read()
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)


class Person:
    def __init__(self, login):
        device = {"id": str(uuid.uuid4()), "name": "fuzz"}
        body = {"login": login, "password": PASSWORD, "device": device}
        self.token = requests.post(f"{SERVER}/v1/sessions", json=body, timeout=30).json()["access_token"]

    def ask(self, method, path, **rest):
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, SERVER + path, headers=headers, timeout=30, **rest)

    def must(self, method, path, **rest):
        answer = self.ask(method, path, **rest)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


def fill():
    """Reports with a photo, a comment and an action each, in several states. Gives the ids there are, by what they are of."""
    technician, officer, admin = (Person(login) for login in os.environ["SALAMA_OWNERS"].split())
    me = technician.must("GET", "/v1/me")
    site = me["roles"][0]["site_id"]
    categories = technician.must("GET", "/v1/categories")["items"]
    category = next(category["code"] for category in categories if not category["retired"])
    ids = {name: [] for name in ("report", "action", "photo", "comment")}
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    for n in range(3):
        report, photo, comment, action = (str(uuid.uuid4()) for _ in range(4))
        announced = {"id": photo, "sha256": sha256, "bytes": len(PHOTO), "media_type": "image/jpeg"}
        draft = {"kind": "hazard", "aspects": ["safety"], "category": category, "site_id": site,
                 "narrative": f"Open manhole {n}", "potential_severity": 2, "photos": [announced]}
        technician.must("PUT", f"/v1/reports/{report}", json=draft)
        technician.must("PUT", f"/v1/reports/{report}/photos/{photo}", data=PHOTO)
        technician.must("PUT", f"/v1/reports/{report}/comments/{comment}", json={"text": "It is still open."})
        if n > 0:
            officer.must("POST", f"/v1/reports/{report}/acknowledge", json={})
            owners = [me["id"], officer.must("GET", "/v1/me")["id"]]
            assigned = {"title": "Close it", "kind": "corrective", "control": "engineering", "owner_id": owners[0],
                        "verifier_id": owners[1]}
            officer.must("PUT", f"/v1/reports/{report}/actions/{action}", json=assigned)
            ids["action"].append(action)
        ids["report"].append(report)
        ids["photo"].append(photo)
        ids["comment"].append(comment)
    ids["member"] = [member["id"] for member in admin.must("GET", "/v1/members")["items"]]
    ids["site"] = [site] + [site["id"] for site in admin.must("GET", "/v1/sites")["items"]][:3]
    ids["category"] = [category]
    return ids


THERE_IS = fill()
OF_OWNERS = {one for name in ("report", "action", "photo", "comment") for one in THERE_IS[name]}
ASKING = [(Person(login), twin) for login, twin in zip(os.environ["SALAMA_LOGINS"].split(), os.environ["SALAMA_TWINS"].split())]
TURNS = itertools.cycle(ASKING)
# What ends sessions, also all others of the same person, is asked by their twin at the other site.
ENDS_SESSIONS = ("/v1/sessions/current", "/v1/devices")


@schemathesis.serializer("application/offset+octet-stream")
def bytes_of_uploads(context, value):
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.auth(refresh_interval=None)
class Token:
    def get(self, case, context):
        person, twin = next(TURNS)
        ends = case.method.upper() == "DELETE" and case.operation.path.startswith(ENDS_SESSIONS)
        return Person(twin).token if ends else person.token

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


def kind_of(name, path):
    """Which ids a name means, in a path or in a body."""
    of_path = {"/v1/reports": "report", "/v1/actions": "action", "/v1/photos": "photo", "/v1/members": "member", "/v1/sites": "site"}
    if name == "id":
        return next((kind for start, kind in of_path.items() if path.startswith(start)), None)
    if name in ("owner_id", "verifier_id", "member_id", "officer_id", "to_id", "by_id", "manager_id", "hand_over_to", "assigned_to"):
        return "member"
    if name == "of_id":
        return "report"
    found = name.removesuffix("_id")
    return found if found in THERE_IS else None


def one_that_there_is(kind, drawn):
    """One of the ids there are, chosen by what was drawn; now and then what was drawn itself."""
    choice = int(hashlib.sha256(str(drawn).encode()).hexdigest(), 16)
    known = THERE_IS[kind]
    return drawn if choice % 5 == 0 or not known else known[choice // 5 % len(known)]


def known(value, path, name=None):
    """The same value, with ids and codes that there are in the place of drawn ones."""
    if isinstance(value, dict):
        return {key: known(inner, path, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [known(inner, path, name) for inner in value]
    if isinstance(value, str) and name == "category":
        return one_that_there_is("category", value)
    kind = kind_of(name, path) if isinstance(value, str) and name and UUID.match(value) else None
    return one_that_there_is(kind, value) if kind else value


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.operation.path
    if case.path_parameters:
        case.path_parameters = known(case.path_parameters, path)
    mode = getattr(getattr(getattr(case, "meta", None), "generation", None), "mode", None)
    if mode is not None and mode.is_positive:
        # A version or an instant that was drawn is hardly ever one that fits, and nothing more would be asked.
        for name in ("If-Match", "Said-At"):
            if case.headers and name in case.headers and hash(str(case.body)) % 4:
                del case.headers[name]
        if isinstance(case.body, dict):
            case.body = known(case.body, path)
        if case.query:
            case.query = known(case.query, path)


if FOREIGN:

    @schemathesis.check
    def nothing_of_another_site(ctx, response, case):
        """What is of another site is not there: no success with its id, and no answer that names it unasked."""
        asked = f"{case.path_parameters} {case.query} {case.body}"
        named = {one for one in OF_OWNERS if one in asked}
        # Words that wait for a report are answered 202 whether it never was or is not to be known.
        waits = response.status_code == 202 and response.json().get("held") is True
        if 200 <= response.status_code < 300 and not waits and named & set(map(str, (case.path_parameters or {}).values())):
            raise AssertionError(f"{case.method} {case.operation.path} answered {response.status_code} for what is of another site")
        told = {one for one in OF_OWNERS - named if one in response.text}
        if told:
            raise AssertionError(f"{case.method} {case.operation.path} tells of {told}, which is of another site")
