// The bare disk: the bytes of one commit are written behind those of the last one and synced, then the next.
// usage: write DIR SECONDS BYTES-PER-COMMIT
#include <fcntl.h>
#include <unistd.h>
#include "commits.h"

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: write DIR SECONDS BYTES-PER-COMMIT\n");
    return 2;
  }
  double seconds = atof(arguments[2]);
  size_t length = strtoul(arguments[3], NULL, 10);
  char path[4096];
  snprintf(path, sizeof path, "%s/bytes", arguments[1]);
  int file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
  char *bytes = malloc(length);
  if (file < 0 || bytes == NULL) fail(path);
  for (size_t i = 0; i < length; i++) bytes[i] = (char)(i * 31);

  for (begin(WARM_UP); goes_on(seconds);) {
    double from = now();
    for (size_t done = 0; done < length;) {
      ssize_t written = write(file, bytes + done, length - done);
      if (written < 0) fail("write");
      done += written;
    }
    if (fdatasync(file) != 0) fail("fdatasync");
    commits[committed++] = (now() - from) * 1e3;
  }
  print_commits(0, (long)length);
  return 0;
}
