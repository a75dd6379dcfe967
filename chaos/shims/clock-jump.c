// A wall's clock that is wrong by as much as a file says, for one process: LD_PRELOAD=clock-jump.so, CLOCK_JUMP=FILE with the number of
// nanoseconds as 8 bytes, little-endian. Changed while the process runs, the clock jumps. Only the time of day: the monotonic clock, and all waiting by
// it, is left alone, as by a clock that an operator or a time server sets. (libfaketime touches waiting too, and the runtime's timers go astray.)
#define _GNU_SOURCE
#include "shim.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>

static volatile const int64_t *ahead;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CLOCK_JUMP");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return;
  void *map = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (map != MAP_FAILED) ahead = map;
}

static void jump(struct timespec *time) {
  if (!ahead) return;
  int64_t nanoseconds = time->tv_nsec + *ahead % 1000000000;
  time->tv_sec += *ahead / 1000000000;
  if (nanoseconds < 0) { nanoseconds += 1000000000; time->tv_sec--; }
  if (nanoseconds >= 1000000000) { nanoseconds -= 1000000000; time->tv_sec++; }
  time->tv_nsec = nanoseconds;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = REAL(clock_gettime)(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) jump(time);
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  struct timespec now;
  int result = REAL(gettimeofday)(time, zone);
  if (result == 0) {
    now = (struct timespec){time->tv_sec, time->tv_usec * 1000};
    jump(&now);
    *time = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  }
  return result;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
