// What the shims share: the real functions behind the ones they stand before, and which files are theirs.
#pragma once
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ({ \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
  real; })

// The mode argument of an open, which is there only if a file may be made.
#define MODE_OF(flags) ({ \
  mode_t mode = 0; \
  if ((flags) & O_CREAT) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } \
  mode; })

// Whether a path lies in the folder that an environment variable names.
static inline int name_within(const char *path, const char *variable) {
  const char *root = getenv(variable);
  size_t length = root ? strlen(root) : 0;
  return length > 0 && strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0);
}

// The path of an open file, if it lies in that folder.
static inline int path_within(int fd, const char *variable, char path[PATH_MAX]) {
  char link[64];
  int error = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  errno = error;
  if (length < 0) return 0;
  path[length] = 0;
  return name_within(path, variable);
}

static inline int is_synchronous(int fd) { return (fcntl(fd, F_GETFL) & O_DSYNC) != 0; }

static inline void sleep_ms(int ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
  while (nanosleep(&time, &time) != 0 && errno == EINTR) {}
}

// Reads a small file, if it is there.
static inline int read_text(const char *path, char *text, size_t size) {
  int error = errno;
  int fd = path ? (int)REAL(open64)(path, O_RDONLY | O_CLOEXEC) : -1;
  ssize_t length = fd < 0 ? -1 : REAL(read)(fd, text, size - 1);
  if (fd >= 0) close(fd);
  errno = error;
  if (length < 0) return 0;
  text[length] = 0;
  return 1;
}
