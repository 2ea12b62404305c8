"""What both renditions of a photo cost here and with libvips, in turn, both warm: the ratio of CPU times, median.

First `cargo bench --bench photos` (with or without `--features turbo`), which also makes the photos; then
`pip install pyvips-binary pyvips` somewhere, and `python3 benches/photos_peer.py [FILE...]`.
"""

import glob
import os
import statistics
import subprocess
import sys
import time

os.environ["VIPS_CONCURRENCY"] = "1"
import pyvips  # noqa: E402

ROUNDS = 9


def libvips(data):
    """Display at 1600 and thumbnail at 320 made of it, both JPEG of quality 80, upright, as libvips does it."""
    begun = time.process_time()
    display = pyvips.Image.thumbnail_buffer(data, 1600, height=1600).copy_memory()
    display.jpegsave_buffer(Q=80)
    display.thumbnail_image(320, height=320).jpegsave_buffer(Q=80)
    return (time.process_time() - begun) * 1000


def ours(worker, file):
    worker.stdin.write(file + "\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def main():
    pyvips.cache_set_max(0)
    programs = [path for path in glob.glob("target/release/deps/photos-*") if os.access(path, os.X_OK)]
    program = max(programs, key=os.path.getmtime)
    worker = subprocess.Popen([program, "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    files = sys.argv[1:] or sorted(glob.glob("target/tmp/*-megapixel*"))
    print(f"libvips {pyvips.version(0)}.{pyvips.version(1)}.{pyvips.version(2)}, {program}")
    for file in files:
        data = open(file, "rb").read()
        libvips(data)
        ours(worker, file)
        pairs = [(ours(worker, file), libvips(data)) for _ in range(ROUNDS)]
        ratio = statistics.median(mine / peer for mine, peer in pairs)
        mine, peer = (statistics.median(column) for column in zip(*pairs))
        size = f"{len(data) / 1e6:.1f} MB"
        print(f"{os.path.basename(file):<30} {size:>8} {mine:8.1f} ms, libvips {peer:8.1f} ms, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
