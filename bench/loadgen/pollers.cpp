// Long polls: many subscribers on connections of their own, each of which asks again as soon as it has its answer; events published on a fixed schedule; every delivery checked.
// One file, Linux only, loopback only. `bench/polling` runs it.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr int64_t second = 1'000'000'000;
constexpr int64_t tick = 5'000'000;  // Events that were due within it are published as one batch.

struct Options {
  int port = 0, pollers = 5000, warmup = 3, seconds = 10, size = 100, serverPid = 0;
  double rate = 1;  // Events per second for each poller.
  bool shared = false;
};

struct Connection {
  int fd = -1;
  std::string out, in, cursor;
  size_t sent = 0;
  int64_t next = 0;  // The sequence number that it expects.
  bool ready = false, waits = false;  // Has a cursor; for room to send.
};

struct Counts {
  int64_t published = 0, expected = 0, received = 0, missing = 0, repeated = 0, polls = 0, empty = 0, failed = 0;
};

[[noreturn]] void fail(const std::string& what) {
  fprintf(stderr, "pollers: %s\n", what.c_str());
  exit(1);
}

int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

double cpuOf(int pid) {
  char name[64], text[1024];
  snprintf(name, sizeof name, "/proc/%d/stat", pid);
  FILE* file = fopen(name, "r");
  if (!file) return 0;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  unsigned long user = 0, system = 0;
  const char* rest = strrchr(text, ')');
  if (!rest || sscanf(rest + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2) return 0;
  return double(user + system) / sysconf(_SC_CLK_TCK);
}

double ownCpu() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

class Pollers {
 public:
  explicit Pollers(const Options& options) : options_(options), epoll_(epoll_create1(0)), connections_(options.pollers + 1), sequence_(options.shared ? 1 : options.pollers) {}

  void run() {
    openAll();
    const int64_t begin = now() + second / 2;
    const int64_t counted = begin + options_.warmup * second;
    const int64_t end = counted + options_.seconds * second;
    counted_ = counted;
    double server = 0, own = 0;
    Counts before;
    while (now() < end + 60 * second) {  // What is late is no loss: it is waited for, and its latency says so.
      const int64_t at = now();
      if (server == 0 && at >= counted) {
        server = cpuOf(options_.serverPid), own = ownCpu(), before = counts_;
      }
      if (at >= end && serverCores_ == 0) {
        serverCores_ = (cpuOf(options_.serverPid) - server) / options_.seconds;
        ownCores_ = (ownCpu() - own) / options_.seconds;
        polls_ = counts_.polls - before.polls;
      }
      publishDue(begin, std::min(at, end));
      if (at > end && counts_.received >= counts_.expected) break;
      take(int(std::clamp<int64_t>((next_ - at) / 1'000'000, 0, 5)));
    }
    report();
  }

 private:
  Connection& publisher() { return connections_.back(); }

  void openAll() {
    for (size_t i = 0; i < connections_.size(); i++) {
      open(i);
      if (i % 256 == 255) settle(i + 1);
    }
    settle(connections_.size() - 1);
  }

  // Until the first n pollers have the cursor at which they begin, and wait.
  void settle(size_t n) {
    const int64_t limit = now() + 60 * second;
    auto isReady = [](const Connection& one) { return one.ready; };
    while (!std::all_of(connections_.begin(), connections_.begin() + std::min(n, connections_.size() - 1), isReady)) {
      if (now() > limit) fail("the pollers did not begin within 60 s");
      take(10);
    }
  }

  void open(size_t i) {
    Connection& one = connections_[i];
    one.fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(uint16_t(options_.port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (one.fd < 0 || connect(one.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) fail(std::string("connect: ") + strerror(errno));
    int on = 1;
    setsockopt(one.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(one.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &event);
    if (i + 1 < connections_.size()) ask(i);
  }

  void ask(size_t i) {
    Connection& one = connections_[i];
    char head[512];
    const int length = snprintf(head, sizeof head, "GET /events?topic=%s%s%s HTTP/1.1\r\nHost: localhost:%d\r\nAccept: application/json\r\n\r\n", topic(i).c_str(),
                                one.ready ? "&wait=25&cursor=" : "", one.cursor.c_str(), options_.port);
    send(i, std::string(head, size_t(length)));
  }

  std::string topic(size_t i) const { return options_.shared ? "all" : "own/" + std::to_string(i); }

  void send(size_t i, std::string bytes) {
    Connection& one = connections_[i];
    one.out += bytes;
    flush(i);
  }

  void flush(size_t i) {
    Connection& one = connections_[i];
    while (one.sent < one.out.size()) {
      const ssize_t written = ::send(one.fd, one.out.data() + one.sent, one.out.size() - one.sent, MSG_NOSIGNAL);
      if (written < 0 && errno == EAGAIN) break;
      if (written < 0) fail(std::string("send: ") + strerror(errno));
      one.sent += size_t(written);
    }
    const bool rest = one.sent < one.out.size();
    if (!rest) one.out.clear(), one.sent = 0;
    if (rest != one.waits) {
      epoll_event event{};
      event.events = EPOLLIN | (rest ? EPOLLOUT : 0u);
      event.data.u64 = i;
      epoll_ctl(epoll_, EPOLL_CTL_MOD, one.fd, &event);
      one.waits = rest;
    }
  }

  // Events are due evenly over each second, one poller after the other; a batch holds those of a tick.
  void publishDue(int64_t begin, int64_t until) {
    const double perSecond = options_.shared ? options_.rate : options_.rate * options_.pollers;
    if (until < next_ && next_ != 0) return;
    next_ = until + tick;
    std::string body;
    while (true) {
      const int64_t due = begin + int64_t(double(number_) / perSecond * second);
      if (due > until || due >= counted_ + options_.seconds * second) break;
      const size_t i = options_.shared ? 0 : size_t(number_ % options_.pollers);
      char mark[64];
      snprintf(mark, sizeof mark, "@%" PRId64 ":%" PRId64 "@", sequence_[i]++, due);
      std::string payload = mark;
      payload.resize(std::max(payload.size(), size_t(options_.size)), 'x');
      body += "{\"topic\":\"" + topic(i) + "\",\"payload\":\"" + payload + "\"}\n";
      number_++;
      counts_.published++;
      if (due >= counted_) counts_.expected += options_.shared ? options_.pollers : 1;
    }
    if (body.empty()) return;
    send(connections_.size() - 1, "POST /events HTTP/1.1\r\nHost: localhost:" + std::to_string(options_.port) +
                                      "\r\nContent-Type: application/x-ndjson\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  void take(int milliseconds) {
    epoll_event events[512];
    const int count = epoll_wait(epoll_, events, 512, milliseconds);
    for (int e = 0; e < count; e++) {
      const size_t i = events[e].data.u64;
      if (events[e].events & EPOLLOUT) flush(i);
      if (events[e].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read(i);
    }
  }

  void read(size_t i) {
    Connection& one = connections_[i];
    char buffer[65536];
    while (true) {
      const ssize_t length = recv(one.fd, buffer, sizeof buffer, 0);
      if (length < 0 && errno == EAGAIN) break;
      if (length <= 0) fail("the server closed a connection");
      one.in.append(buffer, size_t(length));
      if (length < ssize_t(sizeof buffer)) break;
    }
    const int64_t at = now();
    while (takeAnswer(i, at)) {
    }
  }

  bool takeAnswer(size_t i, int64_t at) {
    Connection& one = connections_[i];
    const size_t head = one.in.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const size_t field = one.in.find("Content-Length: ");
    if (field == std::string::npos || field > head) fail("an answer without a length: " + one.in.substr(0, 300));
    const size_t length = strtoul(one.in.c_str() + field + 16, nullptr, 10);
    if (one.in.size() < head + 4 + length) return false;
    const std::string body = one.in.substr(head + 4, length);
    const bool good = one.in.compare(9, 3, "200") == 0;
    one.in.erase(0, head + 4 + length);
    if (!good) fail("not 200: " + body.substr(0, 300));
    if (&one != &publisher()) takeEntries(i, body, at);
    return true;
  }

  void takeEntries(size_t i, const std::string& body, int64_t at) {
    Connection& one = connections_[i];
    bool any = false;
    for (size_t mark = body.find('@'); mark != std::string::npos; mark = body.find('@', body.find('@', mark + 1) + 1)) {
      char* rest;
      const int64_t sequence = strtoll(body.c_str() + mark + 1, &rest, 10);
      const int64_t due = strtoll(rest + 1, nullptr, 10);
      any = true;
      counts_.repeated += sequence < one.next;
      counts_.missing += sequence > one.next ? sequence - one.next : 0;
      one.next = std::max(one.next, sequence + 1);
      if (due >= counted_) counts_.received++, latencies_.push_back(at - due);
    }
    if (body.find("\"signal\"") != std::string::npos) fail("a signal: " + body.substr(0, 300));
    const size_t cursor = body.rfind("],\"cursor\":\"");
    if (cursor == std::string::npos) fail("no cursor: " + body.substr(0, 300));
    const size_t from = cursor + 12;
    one.cursor = body.substr(from, body.find('"', from) - from);
    counts_.polls += one.ready;
    counts_.empty += one.ready && !any;
    one.ready = true;
    ask(i);
  }

  void report() {
    std::sort(latencies_.begin(), latencies_.end());
    auto percentile = [this](double share) { return latencies_.empty() ? 0.0 : double(latencies_[size_t(share * double(latencies_.size() - 1))]) / 1e6; };
    const int64_t lost = std::max<int64_t>(0, counts_.expected - counts_.received);
    printf("{\"published\":%" PRId64 ",\"expected\":%" PRId64 ",\"received\":%" PRId64 ",\"missing\":%" PRId64 ",\"repeated\":%" PRId64 ",\"polls_per_second\":%.1f,\"empty\":%" PRId64
           ",\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"server_cores\":%.3f,\"own_cores\":%.3f}\n",
           counts_.published, counts_.expected, counts_.received, std::max(counts_.missing, lost), counts_.repeated, double(polls_) / options_.seconds, counts_.empty, percentile(0.5), percentile(0.99),
           percentile(1), serverCores_, ownCores_);
  }

  Options options_;
  int epoll_;
  std::vector<Connection> connections_;
  std::vector<int64_t> sequence_, latencies_;
  Counts counts_;
  int64_t number_ = 0, next_ = 0, counted_ = INT64_MAX / 2, polls_ = 0;
  double serverCores_ = 0, ownCores_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; i++) {
    const std::string name = arguments[i];
    if (name == "--shared") {
      options.shared = true;
      continue;
    }
    if (i + 1 == count) fail(name + " has no value");
    const char* value = arguments[++i];
    if (name == "--port") options.port = atoi(value);
    else if (name == "--pollers") options.pollers = atoi(value);
    else if (name == "--rate") options.rate = atof(value);
    else if (name == "--warmup") options.warmup = atoi(value);
    else if (name == "--seconds") options.seconds = atoi(value);
    else if (name == "--size") options.size = atoi(value);
    else if (name == "--server-pid") options.serverPid = atoi(value);
    else fail("unknown option " + name + "; there are --port --pollers --rate --warmup --seconds --size --server-pid --shared");
  }
  if (options.port == 0 || options.pollers < 1 || options.rate <= 0) fail("--port, --pollers and --rate are needed");
  Pollers(options).run();
}
