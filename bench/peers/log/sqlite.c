// SQLite as a log: one transaction of events is inserted and committed, then the next. WAL, synchronous FULL: a commit is on the disk when it returns.
// usage: sqlite DIR SECONDS EVENTS-PER-COMMIT [index]; with "index" a topic's events can be found without reading the others. Without arguments: prints SQLite's version
#include <sqlite3.h>
#include "commits.h"

static sqlite3 *database;

static void check(int result) {
  if (result == SQLITE_OK || result == SQLITE_DONE) return;
  fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(database));
  exit(1);
}

static void run(const char *sql) {
  check(sqlite3_exec(database, sql, NULL, NULL, NULL));
}

static int is(const char *pragma, const char *wanted) {
  sqlite3_stmt *statement;
  check(sqlite3_prepare_v2(database, pragma, -1, &statement, NULL));
  int same = sqlite3_step(statement) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), wanted) == 0;
  check(sqlite3_finalize(statement));
  return same;
}

int main(int count, char **arguments) {
  if (count == 1) {
    puts(sqlite3_libversion());
    return 0;
  }
  if (count < 4) {
    fprintf(stderr, "usage: sqlite DIR SECONDS EVENTS-PER-COMMIT [index]\n");
    return 2;
  }
  double seconds = atof(arguments[2]);
  long events = strtol(arguments[3], NULL, 10);
  char path[4096];
  snprintf(path, sizeof path, "%s/events.db", arguments[1]);
  check(sqlite3_open(path, &database));
  run("PRAGMA journal_mode = WAL");
  run("PRAGMA synchronous = FULL");
  if (!is("PRAGMA journal_mode", "wal") || !is("PRAGMA synchronous", "2")) {
    fprintf(stderr, "sqlite: this file system takes no WAL, or synchronous is not FULL.\n");
    return 1;
  }
  run("CREATE TABLE events (offset INTEGER PRIMARY KEY, time INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL)");
  if (count > 4) run("CREATE INDEX topics ON events (topic, offset)");

  char topics[TOPICS][32], payload[200];
  for (int i = 0; i < TOPICS; i++) snprintf(topics[i], sizeof topics[i], "sites/%d/sensors/%d", i % 10, i);
  memset(payload, 0, sizeof payload);
  sqlite3_stmt *insert;
  check(sqlite3_prepare_v2(database, "INSERT INTO events VALUES (?, ?, ?, ?)", -1, &insert, NULL));
  sqlite3_int64 offset = 0;

  for (begin(WARM_UP); goes_on(seconds);) {
    double from = now();
    run("BEGIN");
    for (long i = 0; i < events; i++) {
      check(sqlite3_bind_int64(insert, 1, ++offset));
      check(sqlite3_bind_int64(insert, 2, (sqlite3_int64)time(NULL) * 1000));
      check(sqlite3_bind_text(insert, 3, topics[i % TOPICS], -1, SQLITE_STATIC));
      check(sqlite3_bind_blob(insert, 4, payload, sizeof payload, SQLITE_STATIC));
      check(sqlite3_step(insert));
      check(sqlite3_reset(insert));
    }
    run("COMMIT");
    commits[committed++] = (now() - from) * 1e3;
  }
  print_commits(events, 0);
  check(sqlite3_finalize(insert));
  check(sqlite3_close(database));
  return 0;
}
