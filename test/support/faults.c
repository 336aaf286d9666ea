/*
 * Loaded before the C library (LD_PRELOAD), this lets a chosen call fail as a system does that is in trouble, and writes down the calls that
 * were made. Both look at calls alone whose path holds a given text.
 *
 *   OVERWINTER_FAULT=CALL:ERRNO:FROM:TIMES:TEXT   the calls FROM, FROM+1 … fail; TIMES 0: all from there on
 *                                                 ERRNO 0: they never come back, as of a share that is gone
 *                                                 ERRNO -1: the process is killed there and then
 *                                                 CALL change: any that changes something, or tells somebody; no TEXT: of whatever path
 *   OVERWINTER_FAULT_LOG=FILE:TEXT                a line "CALL PATH" for each call, and "FAULT CALL PATH" for each that failed
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static char call_[16], text_[512], log_text_[512];
static int errno_, active_, log_ = -1;
static long from_, times_, count_;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *log = getenv("OVERWINTER_FAULT_LOG");
  if (log) {
    char file[512];
    if (sscanf(log, "%511[^:]:%511s", file, log_text_) >= 1)
      log_ = REAL(open64)(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }
  const char *fault = getenv("OVERWINTER_FAULT");
  active_ = fault && sscanf(fault, "%15[^:]:%d:%ld:%ld:%511s", call_, &errno_, &from_, &times_, text_) >= 4;
}

static void note(const char *what, const char *call, const char *path) {
  char line[1400];
  int length = snprintf(line, sizeof line, "%s%s %s\n", what, call, path);
  if (log_ >= 0 && REAL(write)(log_, line, length) < 0) return;
}

static int is_meant(const char *call, const char *path) {
  if (strcmp(call_, "change")) return !strcmp(call, call_);
  if (!strcmp(call, "write")) return *path == '/' || !strncmp(path, "socket:", 7);
  return !strcmp(call, "create") || !strcmp(call, "fsync") || !strcmp(call, "mkdir") || !strcmp(call, "rename") || !strcmp(call, "unlink");
}

/* Whether this call is to fail; then errno is set. */
static int fails(const char *call, const char *path) {
  if (!path) return 0;
  int saved = errno;
  if (log_ >= 0 && strstr(path, log_text_)) note("", call, path);
  errno = saved;
  if (!active_ || !is_meant(call, path) || !strstr(path, text_)) return 0;
  long nth = __atomic_add_fetch(&count_, 1, __ATOMIC_SEQ_CST);
  if (nth < from_ || (times_ > 0 && nth >= from_ + times_)) return 0;
  note("FAULT ", call, path);
  while (errno_ == 0) pause();
  if (errno_ == -1) kill(getpid(), SIGKILL);
  errno = errno_;
  return 1;
}

static int fails_fd(const char *call, int fd) {
  char link[64], path[512];
  if (!active_ && log_ < 0) return 0;
  if (fd == log_) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return fails(call, path);
}

static const char *opening(int flags) { return flags & O_CREAT ? "create" : "open"; }

#define OPEN(name)                                        \
  int name(const char *path, int flags, ...) {            \
    va_list more;                                         \
    va_start(more, flags);                                \
    mode_t mode = va_arg(more, mode_t);                   \
    va_end(more);                                         \
    if (fails(opening(flags), path)) return -1;           \
    return REAL(name)(path, flags, mode);                 \
  }
OPEN(open)
OPEN(open64)

ssize_t read(int fd, void *to, size_t most) { return fails_fd("read", fd) ? -1 : REAL(read)(fd, to, most); }
ssize_t pread64(int fd, void *to, size_t most, off64_t at) { return fails_fd("read", fd) ? -1 : REAL(pread64)(fd, to, most, at); }
ssize_t write(int fd, const void *of, size_t most) { return fails_fd("write", fd) ? -1 : REAL(write)(fd, of, most); }
ssize_t pwrite64(int fd, const void *of, size_t most, off64_t at) { return fails_fd("write", fd) ? -1 : REAL(pwrite64)(fd, of, most, at); }
int fsync(int fd) { return fails_fd("fsync", fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails_fd("fsync", fd) ? -1 : REAL(fdatasync)(fd); }
int unlink(const char *path) { return fails("unlink", path) ? -1 : REAL(unlink)(path); }
int mkdir(const char *path, mode_t mode) { return fails("mkdir", path) ? -1 : REAL(mkdir)(path, mode); }
int access(const char *path, int mode) { return fails("stat", path) ? -1 : REAL(access)(path, mode); }
int stat64(const char *path, struct stat64 *to) { return fails("stat", path) ? -1 : REAL(stat64)(path, to); }
int lstat64(const char *path, struct stat64 *to) { return fails("stat", path) ? -1 : REAL(lstat64)(path, to); }

int rename(const char *from, const char *to) { return fails("rename", to) ? -1 : REAL(rename)(from, to); }

DIR *opendir(const char *path) { return fails("list", path) ? NULL : REAL(opendir)(path); }
int scandir64(const char *path, struct dirent64 ***to, int (*filter)(const struct dirent64 *),
              int (*compare)(const struct dirent64 **, const struct dirent64 **)) {
  return fails("list", path) ? -1 : REAL(scandir64)(path, to, filter, compare);
}

/* What node looks at files with. */
long syscall(long number, ...) {
  va_list more;
  va_start(more, number);
  long a = va_arg(more, long), b = va_arg(more, long), c = va_arg(more, long);
  long d = va_arg(more, long), e = va_arg(more, long), f = va_arg(more, long);
  va_end(more);
  if (number == SYS_statx && fails("stat", (const char *)b)) return -1;
  return REAL(syscall)(number, a, b, c, d, e, f);
}
