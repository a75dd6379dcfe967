// Keeps a second copy of a folder that holds what is durable and nothing else, for one process: LD_PRELOAD=power-cut.so,
// POWER_CUT_ROOT=FOLDER POWER_CUT_DURABLE=COPY. kill -9 keeps what was written and not flushed; after a power cut the machine finds what is in
// COPY (all but its .inodes), whenever the process was killed.
//
//   - a write becomes durable when fsync, fdatasync or a synchronous write of it returns, not before;
//   - a name (made, replaced, gone) when its folder is flushed; the name of a new file also when the file is, as ext4, XFS and Btrfs have it;
//   - POWER_CUT_DELAY names a file with a number of ms: flushes take that long, give or take a half, before anything of them is durable.
//
// The copy outlives the process: killed and started again, it finds its files, and what was not flushed is still not durable.
//
//   COPY/.inodes/INODE   durable contents of a file of FOLDER, whatever its names; COPY/... are hard links to these
#define _GNU_SOURCE
#include "shim.h"
#include <dirent.h>
#include <ftw.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/uio.h>

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static const char *copy_root(void) { return getenv("POWER_CUT_DURABLE"); }

static void contents_path(ino_t inode, char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%s/.inodes/%lu", copy_root(), (unsigned long)inode);
}

// Where a path of the folder lies in the copy.
static void copy_path(const char *path, char copy[PATH_MAX]) {
  snprintf(copy, PATH_MAX, "%s%s", copy_root(), path + strlen(getenv("POWER_CUT_ROOT")));
}

static void make_folders(const char *path) {
  char part[PATH_MAX];
  snprintf(part, sizeof part, "%s", path);
  for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    REAL(mkdir)(part, 0755);
    *slash = '/';
  }
}

static int open_contents(ino_t inode) {
  char path[PATH_MAX];
  contents_path(inode, path);
  make_folders(path);
  return REAL(open64)(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
}

// The copy's name of a path from now on stands for these contents.
static void link_contents(ino_t inode, const char *copy, int replace) {
  char contents[PATH_MAX], beside[PATH_MAX + 8];
  struct stat named, wanted;
  contents_path(inode, contents);
  make_folders(copy);
  if (stat(copy, &named) != 0) {
    if (link(contents, copy) != 0) perror("power-cut: link");
  } else if (replace && stat(contents, &wanted) == 0 && named.st_ino != wanted.st_ino) {
    snprintf(beside, sizeof beside, "%s.~link", copy);
    REAL(unlink)(beside);
    if (link(contents, beside) != 0 || REAL(rename)(beside, copy) != 0) perror("power-cut: replace");
  }
}

static void copy_all(int from, int to) {
  char buffer[1 << 16];
  off_t at = 0;
  ssize_t length;
  while ((length = REAL(pread64)(from, buffer, sizeof buffer, at)) > 0) {
    if (REAL(pwrite64)(to, buffer, length, at) != length) perror("power-cut: copy");
    at += length;
  }
  if (REAL(ftruncate64)(to, at) != 0) perror("power-cut: size");
}

static void flush_file(const char *path, ino_t inode) {
  char copy[PATH_MAX];
  int from = REAL(open64)(path, O_RDONLY | O_CLOEXEC);
  if (from < 0) return; // nameless by now: lost in any case
  int to = open_contents(inode);
  copy_all(from, to);
  close(to);
  close(from);
  copy_path(path, copy);
  link_contents(inode, copy, 0);
}

static void flush_folder(const char *path) {
  char copy[PATH_MAX], child[PATH_MAX * 2];
  struct dirent *entry;
  struct stat found;
  copy_path(path, copy);
  make_folders(copy);
  REAL(mkdir)(copy, 0755);
  DIR *folder = opendir(path);
  while (folder && (entry = readdir(folder))) {
    snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] == '.' || lstat(child, &found) != 0) continue;
    snprintf(child, sizeof child, "%s/%s", copy, entry->d_name);
    if (S_ISDIR(found.st_mode)) {
      REAL(mkdir)(child, 0755);
    } else if (S_ISREG(found.st_mode)) {
      close(open_contents(found.st_ino)); // empty, if nothing of it is durable
      link_contents(found.st_ino, child, 1);
    }
  }
  if (folder) closedir(folder);
  DIR *durable = opendir(copy);
  while (durable && (entry = readdir(durable))) {
    snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] == '.' || lstat(child, &found) == 0) continue;
    snprintf(child, sizeof child, "%s/%s", copy, entry->d_name);
    if (REAL(unlink)(child) != 0) rmdir(child);
  }
  if (durable) closedir(durable);
}

static void wait_for_disk(void) {
  char text[32];
  int ms = read_text(getenv("POWER_CUT_DELAY"), text, sizeof text) ? atoi(text) : 0;
  if (ms > 0) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sleep_ms(ms / 2 + now.tv_nsec / 1000 % (ms + 1));
  }
}

static void on_sync(int fd) {
  char path[PATH_MAX];
  struct stat found;
  if (!path_within(fd, "POWER_CUT_ROOT", path) || fstat(fd, &found) != 0) return;
  wait_for_disk();
  pthread_mutex_lock(&gate);
  if (S_ISDIR(found.st_mode)) flush_folder(path);
  else flush_file(path, found.st_ino);
  pthread_mutex_unlock(&gate);
}

static void on_synchronous_write(int fd, const void *bytes, size_t length, off_t offset) {
  char path[PATH_MAX], copy[PATH_MAX];
  struct stat found;
  if (!is_synchronous(fd) || !path_within(fd, "POWER_CUT_ROOT", path)) return;
  wait_for_disk();
  pthread_mutex_lock(&gate);
  if (fstat(fd, &found) == 0 && found.st_nlink > 0) {
    int to = open_contents(found.st_ino);
    if (REAL(pwrite64)(to, bytes, length, offset) != (ssize_t)length || REAL(ftruncate64)(to, found.st_size) != 0) perror("power-cut: write");
    close(to);
    copy_path(path, copy);
    link_contents(found.st_ino, copy, 0);
  }
  pthread_mutex_unlock(&gate);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  ssize_t written = REAL(pwrite64)(fd, bytes, length, offset);
  if (written > 0) on_synchronous_write(fd, bytes, written, offset);
  return written;
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) {
  ssize_t written = 0;
  for (int i = 0; i < count; i++) {
    ssize_t part = pwrite64(fd, parts[i].iov_base, parts[i].iov_len, offset + written);
    if (part < 0) return written > 0 ? written : part;
    written += part;
    if ((size_t)part < parts[i].iov_len) break;
  }
  return written;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  off_t offset = lseek(fd, 0, SEEK_CUR);
  ssize_t written = REAL(write)(fd, bytes, length);
  if (written > 0 && offset >= 0) on_synchronous_write(fd, bytes, written, offset);
  return written;
}

int fsync(int fd) {
  int result = REAL(fsync)(fd);
  if (result == 0) on_sync(fd);
  return result;
}

int fdatasync(int fd) {
  int result = REAL(fdatasync)(fd);
  if (result == 0) on_sync(fd);
  return result;
}

// Numbers of inodes are used again: what was durable of a deleted file is not of the new one.
int open64(const char *path, int flags, ...) {
  mode_t mode = MODE_OF(flags);
  int is_new = flags & O_CREAT && name_within(path, "POWER_CUT_ROOT") && access(path, F_OK) != 0;
  int fd = REAL(open64)(path, flags, mode);
  struct stat made;
  if (is_new && fd >= 0 && fstat(fd, &made) == 0) {
    char contents[PATH_MAX];
    contents_path(made.st_ino, contents);
    pthread_mutex_lock(&gate);
    REAL(unlink)(contents);
    pthread_mutex_unlock(&gate);
  }
  return fd;
}

// What is there before the first start is durable.
static int take_in(const char *path, const struct stat *found, int kind, struct FTW *place) {
  char copy[PATH_MAX];
  (void)place;
  copy_path(path, copy);
  if (kind == FTW_D) {
    make_folders(copy);
    REAL(mkdir)(copy, 0755);
  } else if (kind == FTW_F) {
    flush_file(path, found->st_ino);
  }
  return 0;
}

__attribute__((constructor)) static void begin(void) {
  char inodes[PATH_MAX];
  if (!getenv("POWER_CUT_ROOT") || !copy_root()) return;
  snprintf(inodes, sizeof inodes, "%s/.inodes", copy_root());
  if (access(inodes, F_OK) == 0) return;
  make_folders(inodes);
  REAL(mkdir)(inodes, 0755);
  nftw(getenv("POWER_CUT_ROOT"), take_in, 16, FTW_PHYS);
}
