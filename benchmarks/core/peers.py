"""CPython's asyncio on the same workloads: `peers.py WORKLOAD UNITS SIZE` prints one line of JSON, or nothing."""
import asyncio
import gc
import json
import math
import os
import resource
import sys
import time
import tracemalloc


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


async def memory(count):
    tasks = [asyncio.create_task(asyncio.sleep(60)) for _ in range(count)]
    await asyncio.sleep(0.3 + count / 200_000)
    return tasks


def far(i):
    """Deadlines between one and two minutes from now, in no order."""
    return 60 + (i * 7919) % 60_000 / 1000


def growth(size):
    async def job(units):
        for _ in range(units // size):
            await gather(size)

    return job


def timers(size):
    loop = asyncio.get_running_loop()
    for i in range(size):
        loop.call_later(far(i), int)

    async def job(units):
        for i in range(units):
            async with asyncio.timeout(far(i)):
                await asyncio.sleep(0)

    return job


def compute():
    end = time.perf_counter() + 20e-6
    while time.perf_counter() < end:
        pass


async def latency(count):
    """How late sleeps of 10 ms end, in ms, while a hundred tasks compute and give way every 20 us."""
    left = count
    late = []

    async def busy():
        while left > 0:
            compute()
            await asyncio.sleep(0)

    async def sleeper():
        nonlocal left
        while left > 0:
            left -= 1
            start = time.perf_counter()
            await asyncio.sleep(0.01)
            late.append((time.perf_counter() - start) * 1000 - 10)

    await asyncio.gather(*(busy() for _ in range(100)), *(sleeper() for _ in range(20)))
    return late


def percentiles(values):
    values.sort()
    return [values[math.ceil(percent / 100 * len(values)) - 1] for percent in PERCENTILES]


PERCENTILES = [50, 75, 90, 95, 99, 99.9, 100]

JOBS = {
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
    "million": sleeps,
    "memory": memory,
    "memory-growth": memory,
    "latency": latency,
}
# What these need is made before the measurement begins.
LOADS = {"growth": growth, "timers": timers}


async def measure(name, units, size):
    job = LOADS[name](size) if name in LOADS else JOBS[name]
    counted = name.startswith("memory")
    if counted:
        tracemalloc.start()
    cpu, start = time.process_time_ns(), time.perf_counter_ns()
    kept = await job(units)
    wall, used = time.perf_counter_ns() - start, time.process_time_ns() - cpu
    gc.collect()
    heap = tracemalloc.get_traced_memory()[0] if counted else 0
    # Tracing takes memory itself.
    rss = 0 if counted else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sample = {"wall": wall / units, "cpu": used / units, "heap": heap / units, "rss": rss}
    if name == "latency":
        sample["late"] = percentiles(kept)
    print(json.dumps(sample), flush=True)
    if counted:
        # Tasks that sleep need not be waited for.
        os._exit(0)


if sys.argv[1] in JOBS or sys.argv[1] in LOADS:
    asyncio.run(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
