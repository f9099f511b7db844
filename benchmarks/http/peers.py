"""aiohttp on the same workloads: `peers.py WORKLOAD UNITS SIZE LOOP` prints one line of JSON."""
import asyncio
import json
import os
import resource
import sys
import time

import aiohttp

ORIGIN = os.environ["COLOOP_BENCH_SERVER"]
KILOBYTE = ("/kilobyte.json", 1024)
WORKLOADS = {
    "get-50": (KILOBYTE, 50, None),
    "get-1000": (KILOBYTE, 1000, None),
    "get-timeout": (KILOBYTE, 50, 10),
    "download": (("/ten-mebibytes.bin", 10 * 1024 * 1024), 1, None),
}


async def measure(name, count):
    (path, size), connections, total = WORKLOADS[name]
    connector = aiohttp.TCPConnector(limit=connections)
    timeout = aiohttp.ClientTimeout(total=total)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def get():
            async with session.get(ORIGIN + path) as response:
                if size <= 65536:
                    got = len(await response.read())
                else:
                    got = 0
                    async for chunk in response.content.iter_any():
                        got += len(chunk)
                assert got == size and response.status == 200

        async def clients(times):
            left = times

            async def client():
                nonlocal left
                while left > 0:
                    left -= 1
                    await get()

            await asyncio.gather(*(client() for _ in range(connections)))

        await clients(min(count, max(1000, count // 10)))
        cpu, start = time.process_time_ns(), time.perf_counter_ns()
        await clients(count)
        wall, used = time.perf_counter_ns() - start, time.process_time_ns() - cpu
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall / count, "cpu": used / count, "heap": 0, "rss": rss}))


if sys.argv[4] == "uvloop":
    import uvloop

    uvloop.install()
asyncio.run(measure(sys.argv[1], int(sys.argv[2])))
