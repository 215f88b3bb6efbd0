// What the programs of bench/log share: the time of every commit, and the line that each prints at its end.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOPICS 1000
#define WARM_UP 1.0
#define MOST_COMMITS (4 * 1000 * 1000)

static double commits[MOST_COMMITS]; // Milliseconds.
static size_t committed;
static double began, ends;
static int is_warm;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// Begins a time in which commits are counted, or none yet.
static void begin(double seconds) {
  committed = 0;
  began = now();
  ends = began + seconds;
}

// Whether to make one more commit. The warm-up's are forgotten.
static int goes_on(double seconds) {
  if (now() < ends && committed < MOST_COMMITS) return 1;
  if (is_warm) return 0;
  is_warm = 1;
  begin(seconds);
  return 1;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print_commits(long events, long bytes) {
  double seconds = now() - began;
  qsort(commits, committed, sizeof *commits, compare);
  printf("{\"events\":%ld,\"bytes\":%ld,\"seconds\":%.3f,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f}\n", events * (long)committed, bytes * (long)committed,
         seconds, commits[committed / 2], commits[committed * 99 / 100], commits[committed - 1]);
}
