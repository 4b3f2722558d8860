"""Jobs that run side by side, as many at once as there are lanes."""

import os
from concurrent.futures import ThreadPoolExecutor, wait

import console

#: How many jobs or test processes run at once: two keep two cores busy, more take memory rather than time.
LANES = min(4, max(2, len(os.sched_getaffinity(0)))) if hasattr(os, "sched_getaffinity") else 2


def together(*jobs):
    """Run jobs (functions without arguments), started in their order, and return what each returned.

    :raises console.Failure: with what every failed job said, when all have ended
    """
    with ThreadPoolExecutor(LANES) as pool:
        running = [pool.submit(job) for job in jobs]
        try:
            wait(running)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            console.stop_all()
            raise
    failures = [str(error) for job in running if isinstance(error := job.exception(), console.Failure)]
    if failures:
        raise console.Failure("\n\n".join(failures))
    return [job.result() for job in running]
