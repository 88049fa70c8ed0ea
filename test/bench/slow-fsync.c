/* A disk whose every fsync takes 5 ms longer. cc -shared -fPIC -o slow-fsync.so slow-fsync.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

int fsync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
  usleep(5000);
  return real(fd);
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  usleep(5000);
  return real(fd);
}
