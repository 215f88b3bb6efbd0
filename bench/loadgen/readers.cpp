// readers: SSE subscribers that read at a fixed pace, and a publisher of keyed values. It tells how old the values are that they show.
//
// Events carry "@<key>:<time, CLOCK_MONOTONIC nanoseconds>@"; each key is written once in keys/rate seconds, in one NDJSON request, by default in another order each time. The time is the one
// at which the event should have been sent. Two ages are kept, in histograms over all subscribers and the counted time:
//   arrival  of every value, when it was read
//   shown    of the newest value of each key that a subscriber has read, looked at for all keys some times a second, whether or not a newer one was published
// One thread reads, one publishes. Linux, loopback only. See --help, and README.md for the generator that checks deliveries.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

const char* kUsage =
    "usage: readers --port P --connections N --keys K --rate R [options]\n"
    "  --query Q          of GET /events, default topic=values\n"
    "  --topic T          where values are published, default values\n"
    "  --in-turn 0|1    whether keys are written in the same order each time, default 0\n"
    "  --hot N          every Nth event is one more of key 0, whose age is told apart; default 0: none\n"
    "  --size BYTES       of a payload, default 200\n"
    "  --read BYTES       a subscriber reads so many bytes a second, default 0: as fast as they come\n"
    "  --rcvbuf BYTES     SO_RCVBUF of every subscriber, default: the system's\n"
    "  --warmup S, --duration S   defaults 5 and 10; only the duration is counted\n"
    "  --server-pid PID   whose processor time is told\n"
    "prints JSON; exit status: 0 done, 1 the run could not be made, 2 usage\n";

struct Options {
  int port = 0, connections = 0, keys = 0, size = 200, rcvbuf = 0, pid = 0, inTurn = 0, hot = 0;
  double rate = 0, read = 0, warmup = 5, duration = 10;
  std::string query = "topic=values", topic = "values";
} opt;

uint64_t nowNs() {
  timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return uint64_t(ts.tv_sec) * 1000000000ull + uint64_t(ts.tv_nsec);
}

void sleepNs(uint64_t ns) {
  timespec ts{time_t(ns / 1000000000ull), long(ns % 1000000000ull)};
  nanosleep(&ts, nullptr);
}

[[noreturn]] void die(int code, const std::string& why) {
  fprintf(stderr, "readers: %s\n", why.c_str());
  _exit(code);
}

class Ages {  // milliseconds; a minute and more is one bucket
 public:
  void add(uint64_t ns) { ++bucket_[std::min<uint64_t>(ns / 1000000, kLast)]; ++count_; }
  double quantile(double q) const {
    uint64_t rank = std::max<uint64_t>(1, uint64_t(q * double(count_) + 0.5)), seen = 0;
    for (size_t i = 0; i <= kLast; ++i)
      if ((seen += bucket_[i]) >= rank) return double(i) + 1;
    return 0;
  }
  uint64_t count() const { return count_; }
  std::string json() const {
    std::ostringstream s;
    s << "{\"count\":" << count_ << ",\"p50\":" << quantile(0.5) << ",\"p99\":" << quantile(0.99) << ",\"max\":" << quantile(1) << "}";
    return s.str();
  }

 private:
  static constexpr size_t kLast = 60000;
  std::vector<uint64_t> bucket_ = std::vector<uint64_t>(kLast + 1);
  uint64_t count_ = 0;
};

int dial() {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  if (opt.rcvbuf) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &opt.rcvbuf, sizeof opt.rcvbuf);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(uint16_t(opt.port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to)) die(1, std::string("connect: ") + strerror(errno));
  return fd;
}

void sendAll(int fd, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t n = send(fd, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (n <= 0) die(1, std::string("send: ") + strerror(errno));
    done += size_t(n);
  }
}

std::atomic<bool> stop{false};
std::atomic<uint64_t> worstLag{0}, published{0};

// One request for the whole run; a chunk is what is due.
void publish(uint64_t start) {
  int fd = dial();
  sendAll(fd, "POST /events?commit=memory HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(opt.port) +
                  "\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::vector<int> order(size_t(opt.keys));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 random(1);
  uint64_t turns = 0;  // without the hot key's
  for (uint64_t next = 0; !stop;) {
    uint64_t now = nowNs();
    std::string lines;
    for (; lines.size() < 256 * 1024; ++next) {
      uint64_t due = start + uint64_t(double(next) * 1e9 / opt.rate);
      if (due > now) break;
      worstLag = std::max(worstLag.load(), now - due);
      bool isHot = opt.hot && next % uint64_t(opt.hot) == 0;
      size_t at = size_t(turns % uint64_t(opt.keys));
      if (!isHot && turns++ % uint64_t(opt.keys) == 0 && !opt.inTurn) std::shuffle(order.begin(), order.end(), random);
      std::string key = std::to_string(isHot ? 0 : order[at]), payload = "@" + key + ":" + std::to_string(due) + "@";
      payload.append(size_t(std::max(0, opt.size - int(payload.size()))), 'x');
      lines += "{\"topic\":\"" + opt.topic + "\",\"key\":\"" + key + "\",\"payload\":\"" + payload + "\"}\n";
    }
    published = next;
    if (lines.empty()) { sleepNs(1000000); continue; }
    char size[32];
    snprintf(size, sizeof size, "%zx\r\n", lines.size());
    sendAll(fd, size + lines + "\r\n");
  }
  sendAll(fd, "0\r\n\r\n");
  char answer[4096];
  ssize_t n = recv(fd, answer, sizeof answer - 1, 0);
  if (n < 12 || answer[9] != '2') die(1, "publishing was answered: " + std::string(answer, size_t(std::max<ssize_t>(0, n))));
  close(fd);
}

struct Reader {
  int fd = -1;
  double allowance = 0;
  uint8_t state = 0;
  uint64_t number[2] = {};
  std::vector<uint64_t> shown;  // by key: the time of the newest value read
};

uint64_t bytesRead = 0, eventsRead = 0, stale = 0;

void scan(Reader& r, const char* p, size_t n, uint64_t now, bool counted, Ages& arrival) {
  for (const char* end = p + n; p < end; ++p) {
    if (r.state == 0) {
      p = static_cast<const char*>(memchr(p, '@', size_t(end - p)));
      if (!p) return;
      r.state = 1;
      r.number[0] = r.number[1] = 0;
    } else if (*p >= '0' && *p <= '9') r.number[r.state - 1] = r.number[r.state - 1] * 10 + uint64_t(*p - '0');
    else if (*p == ':' && r.state == 1) r.state = 2;
    else if (*p == '@' && r.state == 2 && r.number[0] < r.shown.size()) {
      r.state = 0;
      uint64_t& shown = r.shown[r.number[0]];
      if (r.number[1] < shown) ++stale;  // an older value after a newer one
      shown = std::max(shown, r.number[1]);
      if (counted) { arrival.add(now - r.number[1]); ++eventsRead; }
    } else r.state = 0;
  }
}

double cpuSeconds() {
  std::ifstream file("/proc/" + std::to_string(opt.pid) + "/stat");
  std::stringstream all;
  all << file.rdbuf();
  std::string text = all.str();
  size_t at = text.rfind(')');
  if (!opt.pid || at == std::string::npos) return 0;
  std::istringstream fields(text.substr(at + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user, system;
  fields >> user >> system;
  return (user + system) / double(sysconf(_SC_CLK_TCK));
}

void parse(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--help" || a == "-h") { fputs(kUsage, stdout); _exit((fflush(stdout), 0)); }
    if (i + 1 >= argc) die(2, a + " needs a value\n" + kUsage);
    std::string v = argv[++i];
    if (a == "--query") opt.query = v;
    else if (a == "--topic") opt.topic = v;
    else if (a == "--port") opt.port = atoi(v.c_str());
    else if (a == "--connections") opt.connections = atoi(v.c_str());
    else if (a == "--keys") opt.keys = atoi(v.c_str());
    else if (a == "--size") opt.size = atoi(v.c_str());
    else if (a == "--rcvbuf") opt.rcvbuf = atoi(v.c_str());
    else if (a == "--server-pid") opt.pid = atoi(v.c_str());
    else if (a == "--hot") opt.hot = atoi(v.c_str());
    else if (a == "--in-turn") opt.inTurn = atoi(v.c_str());
    else if (a == "--rate") opt.rate = atof(v.c_str());
    else if (a == "--read") opt.read = atof(v.c_str());
    else if (a == "--warmup") opt.warmup = atof(v.c_str());
    else if (a == "--duration") opt.duration = atof(v.c_str());
    else die(2, "unknown option " + a + "\n" + kUsage);
  }
  if (opt.port <= 0 || opt.connections <= 0 || opt.keys <= 0 || opt.rate <= 0 || opt.duration <= 0) die(2, std::string("--port, --connections, --keys, --rate and --duration are above 0\n") + kUsage);
}

}  // namespace

int main(int argc, char** argv) {
  parse(argc, argv);
  std::vector<Reader> readers(size_t(opt.connections));
  for (Reader& r : readers) {
    r.fd = dial();
    r.shown.assign(size_t(opt.keys), 0);
    sendAll(r.fd, "GET /events?" + opt.query + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(opt.port) + "\r\nAccept: text/event-stream\r\n\r\n");
  }
  std::vector<char> buffer(256 * 1024);
  for (Reader& r : readers) {  // the head, and with it the subscription
    if (recv(r.fd, buffer.data(), 4096, 0) < 12 || strncmp(buffer.data() + 9, "200", 3)) die(1, "a subscription was refused: " + std::string(buffer.data(), 64));
  }
  uint64_t start = nowNs() + 100000000, from = start + uint64_t(opt.warmup * 1e9), until = from + uint64_t(opt.duration * 1e9);
  std::thread publisher(publish, start);
  Ages arrival, shown, hot;
  std::vector<pollfd> waits;
  for (Reader& r : readers) waits.push_back({r.fd, POLLIN, 0});
  double cpu = 0;
  uint64_t before = nowNs(), look = from, first = 0;
  for (uint64_t now = before; now < until; before = now, now = nowNs()) {
    bool counted = now >= from;
    if (counted && cpu == 0) { cpu = cpuSeconds(); first = published; }
    for (size_t i = 0; opt.read > 0 && i < readers.size(); ++i) {  // at most 20 ms of it at once: a pace, not bursts
      readers[i].allowance = std::min(readers[i].allowance + opt.read * double(now - before) / 1e9, std::max(4096.0, opt.read / 50));
      waits[i].fd = readers[i].allowance >= 1024 ? readers[i].fd : -1;
    }
    poll(waits.data(), waits.size(), 2);
    uint64_t readAt = nowNs();
    for (size_t i = 0; i < readers.size(); ++i) {
      if (waits[i].fd < 0 || !(waits[i].revents & (POLLIN | POLLERR | POLLHUP))) continue;
      Reader& r = readers[i];
      ssize_t n = recv(r.fd, buffer.data(), opt.read > 0 ? std::min(buffer.size(), size_t(r.allowance)) : buffer.size(), MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
      if (n <= 0) die(1, "the server closed a subscription");
      r.allowance -= double(n);
      if (counted) bytesRead += uint64_t(n);
      scan(r, buffer.data(), size_t(n), readAt, counted, arrival);
    }
    if (readAt < look) continue;
    look += 250000000;
    for (Reader& r : readers) {
      for (uint64_t time : r.shown) shown.add(readAt - (time ? time : start));
      hot.add(readAt - (r.shown[0] ? r.shown[0] : start));
    }
  }
  double used = cpuSeconds() - cpu;
  uint64_t last = published;
  stop = true;
  publisher.join();
  printf("{\"published_per_second\":%.1f,\"worst_lag_ms\":%.1f,\"events_read\":%lu,\"events_per_second_each\":%.1f,\"bytes_per_event\":%.1f,\"older_after_newer\":%lu,\"server_cores\":%.4f,\"arrival\":%s,\"shown\":%s,\"hot\":%s}\n",
         double(last - first) / opt.duration, double(worstLag) / 1e6, (unsigned long)eventsRead, double(eventsRead) / opt.duration / opt.connections,
         eventsRead ? double(bytesRead) / double(eventsRead) : 0, (unsigned long)stale, used / opt.duration, arrival.json().c_str(), shown.json().c_str(), hot.json().c_str());
  return 0;
}
