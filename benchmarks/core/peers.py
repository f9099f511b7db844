"""CPython's asyncio on the same workloads: `peers.py WORKLOAD COUNT` prints one line of JSON, or nothing."""
import asyncio
import json
import resource
import sys
import time


async def switch(count):
    async def work(times):
        for _ in range(times):
            await asyncio.sleep(0)

    await asyncio.gather(*(work(count // 10) for _ in range(10)))


async def spawn_join(count):
    async def work():
        return 1

    for _ in range(count):
        await asyncio.create_task(work())


async def gather(count):
    async def work(i):
        await asyncio.sleep(0)
        return i

    await asyncio.gather(*(work(i) for i in range(count)))


async def depth(count):
    async def work(level, times):
        if level > 0:
            return await work(level - 1, times)
        for _ in range(times):
            await asyncio.sleep(0)

    await work(100, count)


async def ping_pong(count):
    there, back = asyncio.Queue(1), asyncio.Queue(1)

    async def echo():
        for _ in range(count):
            await back.put(await there.get())

    task = asyncio.create_task(echo())
    for i in range(count):
        await there.put(i)
        await back.get()
    await task


async def queue(count):
    items = asyncio.Queue(100)

    async def produce():
        for i in range(count):
            await items.put(i)

    task = asyncio.create_task(produce())
    for _ in range(count):
        await items.get()
    await task


async def cancel(count):
    cleaned = 0

    async def work():
        nonlocal cleaned
        try:
            await asyncio.Future()
        finally:
            cleaned += 1

    tasks = [asyncio.create_task(work()) for _ in range(count)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def mutex(count):
    lock = asyncio.Lock()

    async def work(times):
        for _ in range(times):
            async with lock:
                await asyncio.sleep(0)

    await asyncio.gather(*(work(count // 10) for _ in range(10)))


async def timeout(count):
    for _ in range(count):
        async with asyncio.timeout(1):
            await asyncio.sleep(0)


async def sleeps(count):
    await asyncio.gather(*(asyncio.sleep((i * 7919) % 1000 / 1000) for i in range(count)))


WORKLOADS = {
    "switch": switch,
    "spawn-join": spawn_join,
    "gather": gather,
    "depth": depth,
    "ping-pong": ping_pong,
    "queue": queue,
    "cancel": cancel,
    "mutex": mutex,
    "timeout": timeout,
    "sleeps": sleeps,
}


async def measure(job, count):
    cpu, start = time.process_time_ns(), time.perf_counter_ns()
    await job(count)
    wall, used = time.perf_counter_ns() - start, time.process_time_ns() - cpu
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall / count, "cpu": used / count, "heap": 0, "rss": rss}))


if sys.argv[1] in WORKLOADS:
    asyncio.run(measure(WORKLOADS[sys.argv[1]], int(sys.argv[2])))
