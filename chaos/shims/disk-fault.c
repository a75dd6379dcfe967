// A disk that fails on demand, for one process: LD_PRELOAD=disk-fault.so, DISK_FAULT_ROOT=FOLDER DISK_FAULT_CONTROL=FILE.
// While FILE exists, its one line says what goes wrong with the files under FOLDER:
//
//   full              no block is to be had: what lies in a hole or behind the end can't be written, nothing can be created (ENOSPC)
//   read-only         as a file system that was remounted after an error: nothing can be changed (EROFS)
//   fail-write [PART] writes fail with EIO; with PART only to files whose path contains it
//   fail-sync [PART]  fsync fails with EIO, and so do synchronous writes after they have reached the page cache
//   fail-read [PART]  reads fail with EIO
//   slow MS           fsync and synchronous writes take so much longer
//   hang [PART]       fsync and synchronous writes do not return while this lasts
//
// A fault begins and ends with FILE, without a restart. Seen by whatever finds libc's functions through the global scope, as .NET's own
// runtime does; a P/Invoke of "libc" is not.
#define _GNU_SOURCE
#include "shim.h"
#include <sys/stat.h>
#include <sys/uio.h>

enum fault { NONE, FULL, READ_ONLY, FAIL_WRITE, FAIL_SYNC, FAIL_READ, SLOW, HANG };

struct order { enum fault fault; char part[256]; };

static struct order current(void) {
  static const char *names[] = {"", "full", "read-only", "fail-write", "fail-sync", "fail-read", "slow", "hang"};
  struct order order = {NONE, ""};
  char text[512], name[32] = "";
  if (!read_text(getenv("DISK_FAULT_CONTROL"), text, sizeof text)) return order;
  sscanf(text, "%31s %255s", name, order.part);
  for (int fault = FULL; fault <= HANG; fault++)
    if (strcmp(name, names[fault]) == 0) order.fault = fault;
  return order;
}

static int hits(const struct order *order, enum fault fault, const char *path) {
  return order->fault == fault && (fault == SLOW || strstr(path, order->part));
}

static int fail(int error) { errno = error; return -1; }

// Whether all of a range is on disk already, so that a full disk has room to overwrite it.
static int has_blocks(int fd, off_t offset, size_t length) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int own = REAL(open64)(path, O_RDONLY | O_CLOEXEC);
  if (own < 0) return 0;
  off_t hole = lseek(own, offset, SEEK_HOLE);
  close(own);
  return hole >= 0 && hole >= offset + (off_t)length;
}

// What a write is told before it happens; 0 for go on.
static int before_write(int fd, off_t offset, size_t length) {
  char path[PATH_MAX];
  if (!path_within(fd, "DISK_FAULT_ROOT", path)) return 0;
  struct order order = current();
  if (hits(&order, FAIL_WRITE, path)) return EIO;
  if (hits(&order, READ_ONLY, path)) return EROFS;
  if (hits(&order, FULL, path) && !has_blocks(fd, offset, length)) return ENOSPC;
  return 0;
}

// What happens to a flush, asked for or implied; 0 for go on.
static int at_sync(int fd) {
  char path[PATH_MAX];
  if (!path_within(fd, "DISK_FAULT_ROOT", path)) return 0;
  struct order order = current();
  if (hits(&order, SLOW, path)) sleep_ms(atoi(order.part));
  for (; hits(&order, HANG, path); order = current()) sleep_ms(20);
  return hits(&order, FAIL_SYNC, path) ? EIO : 0;
}

static int before_read(int fd) {
  char path[PATH_MAX];
  if (!path_within(fd, "DISK_FAULT_ROOT", path)) return 0;
  struct order order = current();
  return hits(&order, FAIL_READ, path) ? EIO : 0;
}

// What a change of a folder is told; the names that exist can be opened as before.
static int before_change(const char *path, int needs_room) {
  if (!name_within(path, "DISK_FAULT_ROOT")) return 0;
  struct order order = current();
  if (hits(&order, READ_ONLY, path)) return EROFS;
  return needs_room && hits(&order, FULL, path) ? ENOSPC : 0;
}

static ssize_t after_write(int fd, ssize_t written) {
  int error = written >= 0 && is_synchronous(fd) ? at_sync(fd) : 0;
  return error ? fail(error) : written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  int error = before_write(fd, offset, length);
  return error ? fail(error) : after_write(fd, REAL(pwrite64)(fd, bytes, length, offset));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  int error = before_write(fd, offset, length);
  return error ? fail(error) : after_write(fd, REAL(pwritev64)(fd, parts, count, offset));
}

ssize_t write(int fd, const void *bytes, size_t length) {
  off_t offset = lseek(fd, 0, SEEK_CUR);
  int error = offset < 0 ? 0 : before_write(fd, offset, length);
  return error ? fail(error) : after_write(fd, REAL(write)(fd, bytes, length));
}

ssize_t pread64(int fd, void *bytes, size_t length, off_t offset) {
  int error = before_read(fd);
  return error ? fail(error) : REAL(pread64)(fd, bytes, length, offset);
}

ssize_t read(int fd, void *bytes, size_t length) {
  int error = before_read(fd);
  return error ? fail(error) : REAL(read)(fd, bytes, length);
}

int fsync(int fd) {
  int error = at_sync(fd);
  return error ? fail(error) : REAL(fsync)(fd);
}

int fdatasync(int fd) {
  int error = at_sync(fd);
  return error ? fail(error) : REAL(fdatasync)(fd);
}

int ftruncate64(int fd, off_t length) {
  char path[PATH_MAX];
  int error = path_within(fd, "DISK_FAULT_ROOT", path) ? before_change(path, 0) : 0;
  return error ? fail(error) : REAL(ftruncate64)(fd, length);
}

int fallocate64(int fd, int mode, off_t offset, off_t length) {
  int error = before_write(fd, offset, length);
  return error ? fail(error) : REAL(fallocate64)(fd, mode, offset, length);
}

int open64(const char *path, int flags, ...) {
  mode_t mode = MODE_OF(flags);
  int error = 0;
  if (flags & O_CREAT && access(path, F_OK) != 0) error = before_change(path, 1);
  else if ((flags & O_ACCMODE) != O_RDONLY) error = before_change(path, 0);
  return error ? fail(error) : REAL(open64)(path, flags, mode);
}

int mkdir(const char *path, mode_t mode) {
  int error = access(path, F_OK) == 0 ? 0 : before_change(path, 1);
  return error ? fail(error) : REAL(mkdir)(path, mode);
}

int rename(const char *from, const char *to) {
  int error = before_change(to, 0);
  return error ? fail(error) : REAL(rename)(from, to);
}

int unlink(const char *path) {
  int error = before_change(path, 0);
  return error ? fail(error) : REAL(unlink)(path);
}
