# `measure.py ADDRESS BROKEN PAGES COMMAND...` runs a checker of links and prints one sample: what it and its children used.
import json
import resource
import subprocess
import sys
import tempfile
import time

address, broken, pages = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
began = time.monotonic()
# Into files: a program that ends with `process.exit` loses what stands in a pipe.
with tempfile.TemporaryFile('w+') as out:
    done = subprocess.run(sys.argv[4:], stdout=out, stderr=subprocess.PIPE, text=True)
    out.seek(0)
    told = out.read()
wall = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
found = {part.split('"')[0] for part in told.split(address + '/missing-')[1:]}
if len(found) != broken:
    sys.exit(f'{len(found)} of {broken} broken links were found:\n{told[:500]}\n{done.stderr[:2000]}')
print(json.dumps({
    'wall': wall * 1e9 / pages,
    'cpu': (used.ru_utime + used.ru_stime) * 1e9 / pages,
    'heap': 0,
    'rss': used.ru_maxrss / 1024,
}))
