# A phone that knows nothing of this server but its contract: sends reports, each with a photo, over a line that breaks and
# through a portal that answers 200 to everything. It counts as sent only what a receipt with its own id says.
# python3 phone.py URL TOKEN SITE PHOTO COUNT
import base64
import hashlib
import json
import sys
import urllib.error
import urllib.request
import uuid

url, token, site, photo_file, count = sys.argv[1:6]
photo = open(photo_file, "rb").read()


def put(path, body, headers):
    """Until a receipt comes; whatever is none, or breaks off, is sent again."""
    for _ in range(200):
        request = urllib.request.Request(url + path, data=body, method="PUT")
        for name, value in {"Authorization": f"Bearer {token}", **headers}.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                is_json = answer.headers.get_content_type() == "application/json"
                receipt = json.loads(answer.read()) if is_json and answer.status in (200, 201) else {}
        except urllib.error.HTTPError as refused:
            sys.exit(f"{path} is refused: {refused.status} {refused.read()[:500]}")
        except (OSError, ValueError, urllib.error.URLError, EOFError):
            continue
        except Exception as broken:  # http.client has exceptions of its own for lines that break
            if not type(broken).__module__.startswith("http"):
                raise
            continue
        if receipt.get("id") == path.rsplit("/", 1)[1]:
            return receipt
    sys.exit(f"{path} never arrived")


for n in range(int(count)):
    report, picture = str(uuid.uuid4()), str(uuid.uuid4())
    # Each photo is another one: what follows the end of a JPEG belongs to its file.
    mine = photo + n.to_bytes(4, "big")
    draft = {
        "kind": "hazard", "aspects": ["safety"], "category": "ELEC", "site_id": site, "narrative": f"Câble nu, {n}",
        "photos": [{"id": picture, "sha256": hashlib.sha256(mine).hexdigest(), "bytes": len(mine), "media_type": "image/jpeg"}],
    }
    receipt = put(f"/v1/reports/{report}", json.dumps(draft).encode(), {"Content-Type": "application/json"})
    digest = base64.b64encode(hashlib.sha256(mine).digest()).decode()
    put(f"/v1/reports/{report}/photos/{picture}", mine, {"Content-Type": "image/jpeg", "Content-Digest": f"sha-256=:{digest}:"})
    print(report, receipt["content_sha256"], flush=True)
