"""Programs with the wall clock of a Raspberry Pi that has just been switched on and has heard no time: it is 1970.

Not a fake of the program's own clock: a library that answers for the C library's, so that OpenSSL believes it as well.
The monotonic clock is left alone, as it is right on a Pi too.
"""

import subprocess
from pathlib import Path

LIBRARY = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t switched_on;

static time_t in_truth(void) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    return now.tv_sec;
}

__attribute__((constructor)) static void switch_on(void) { switched_on = in_truth() - 30; }

time_t time(time_t *at) {
    time_t now = in_truth() - switched_on;
    if (at) *at = now;
    return now;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    (void)zone;
    at->tv_sec = in_truth() - switched_on;
    at->tv_usec = 0;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    int outcome = (int)syscall(SYS_clock_gettime, clock, at);
    if (clock == CLOCK_REALTIME) at->tv_sec -= switched_on;
    return outcome;
}
"""


def in_1970(folder: Path) -> list[str]:
    """What goes before a command to run it in 1970."""
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(LIBRARY)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return ["env", f"LD_PRELOAD={library}"]
