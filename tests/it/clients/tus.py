"""A phone that sends photos by tuspy, as it comes. Arguments: the folder of its modules, the address of uploads, a token,
then report, photo and file of each."""

import sys
import time

modules, endpoint, token, *rest = sys.argv[1:]
sys.path.insert(0, modules)

from tusclient.client import TusClient  # noqa: E402
from tusclient.exceptions import TusCommunicationError  # noqa: E402

client = TusClient(endpoint, headers={"Authorization": f"Bearer {token}"})


def begin(uploader):
    """Its own retries begin only with the first bytes."""
    for _ in range(500):
        try:
            return uploader.set_url(uploader.create_url())
        except TusCommunicationError:
            time.sleep(0.02)
    sys.exit("the upload never began")


for report, photo, file in zip(rest[::3], rest[1::3], rest[2::3]):
    uploader = client.uploader(
        file,
        # Every second photo in pieces with a checksum each, as small as the contract advises: such a piece is lost whole.
        chunk_size=64 * 1024 if file.endswith("odd") else sys.maxsize,
        upload_checksum=file.endswith("odd"),
        metadata={"report_id": report, "photo_id": photo, "filetype": "image/jpeg", "filename": "photo.jpg"},
        retries=500,
        retry_delay=0.02,
    )
    begin(uploader)
    uploader.upload()
