// floor: what a delivery costs if nothing is done but send(). One thread, one list of sockets, no queue, no topic, no timer, no resume.
//
// GET  (any path)  answers with an SSE head; the connection is a subscriber from then on.
// POST (any path)  sends the body as one event to every subscriber in turn, by one non-blocking send() each, then answers 200.
// A subscriber that does not take an event whole at once is closed: there is nothing that would keep the rest for it.
//
// Linux, loopback only. It says "listening on URL" when it is ready, and runs until SIGTERM.

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    MOST_REQUEST = 1 << 16, // Head and body of a publish request; a longer one ends its connection.
    FRAMING = 128,          // Chunk head, id, field name, line ends.
    EVENTS = 256,
};

struct peer {
    char *request; // What has come of a request; null once it is a subscriber, which sends nothing.
    size_t length;
    int place;     // Among the subscribers; -1: it is none.
    bool known;
};

static struct peer *peers; // By descriptor.
static int *subscribers;   // Descriptors.
static int count;
static int poller;
static uint64_t last_id;

static void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

static void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "floor: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

static void forget(int descriptor)
{
    struct peer *peer = &peers[descriptor];
    if (peer->place >= 0) {
        int moved = subscribers[--count];
        subscribers[peer->place] = moved;
        peers[moved].place = peer->place;
    }
    free(peer->request);
    *peer = (struct peer){.place = -1};
    close(descriptor); // Leaves the epoll set, too: nothing else refers to it.
}

// Small answers on a connection that has nothing queued fit, or the peer is not worth waiting for.
static bool answer(int descriptor, const char *text)
{
    size_t length = strlen(text);
    return send(descriptor, text, length, MSG_NOSIGNAL) == (ssize_t)length;
}

// What is measured.
static void deliver(const char *event, size_t length)
{
    for (int i = count - 1; i >= 0; i--) { // Backwards: one that is closed is replaced by the last, which has it already.
        if (send(subscribers[i], event, length, MSG_NOSIGNAL) != (ssize_t)length) {
            forget(subscribers[i]);
        }
    }
}

static bool publish(int descriptor, const char *body, size_t length)
{
    if (memchr(body, '\n', length) || memchr(body, '\r', length)) {
        return answer(descriptor, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    }

    static char event[MOST_REQUEST + FRAMING], head[FRAMING];
    int prefix = snprintf(head, sizeof head, "id: %lu\ndata: ", (unsigned long)++last_id);
    int begin = snprintf(event, FRAMING, "%zx\r\n%s", (size_t)prefix + length + 2, head);
    memcpy(event + begin, body, length);
    memcpy(event + begin + length, "\n\n\r\n", 4);
    deliver(event, (size_t)begin + length + 4);
    return answer(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static bool subscribe(int descriptor)
{
    struct peer *peer = &peers[descriptor];
    free(peer->request);
    peer->request = NULL;
    peer->length = 0;
    peer->place = count;
    subscribers[count++] = descriptor;
    struct epoll_event interest = {.events = EPOLLRDHUP, .data.fd = descriptor};
    return epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &interest) == 0
        && answer(descriptor, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n");
}

// Takes whole requests off what has come. False: the connection is to be closed.
static bool take(int descriptor)
{
    struct peer *peer = &peers[descriptor];
    for (;;) {
        peer->request[peer->length] = 0;
        char *end = strstr(peer->request, "\r\n\r\n");
        if (!end) {
            return true;
        }
        if (!strncmp(peer->request, "GET ", 4)) {
            return subscribe(descriptor);
        }

        char *field = strcasestr(peer->request, "\r\nContent-Length:");
        size_t body = field && field < end ? strtoul(field + 17, NULL, 10) : 0, head = (size_t)(end + 4 - peer->request);
        if (strncmp(peer->request, "POST ", 5) || body > MOST_REQUEST - head) {
            return false;
        }
        if (peer->length < head + body) {
            return true;
        }
        if (!publish(descriptor, peer->request + head, body)) {
            return false;
        }
        peer->length -= head + body;
        memmove(peer->request, peer->request + head + body, peer->length);
    }
}

static bool readable(int descriptor)
{
    struct peer *peer = &peers[descriptor];
    if (peer->place >= 0) {
        return false; // A subscriber that says something has gone.
    }
    ssize_t read = recv(descriptor, peer->request + peer->length, MOST_REQUEST - peer->length, 0);
    if (read <= 0) {
        return read < 0 && (errno == EAGAIN || errno == EINTR) && peer->length < MOST_REQUEST;
    }
    peer->length += (size_t)read;
    return take(descriptor);
}

static void accept_all(int listener)
{
    for (;;) {
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return;
        }
        if (descriptor < 0 && (errno == EINTR || errno == ECONNABORTED)) {
            continue;
        }
        if (descriptor < 0) {
            fail("accept: %s", strerror(errno)); // A floor with too few descriptors measures nothing.
        }

        peers[descriptor] = (struct peer){.request = malloc(MOST_REQUEST + 1), .place = -1};
        struct epoll_event interest = {.events = EPOLLIN | EPOLLRDHUP, .data.fd = descriptor};
        if (!peers[descriptor].request || epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &interest)) {
            fail("no room for another connection: %s", strerror(errno));
        }
    }
}

static int listen_at(uint16_t port)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) || setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one)
        || bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, BACKLOG)) {
        fail("cannot listen at 127.0.0.1:%u: %s", port, strerror(errno));
    }
    socklen_t length = sizeof address;
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on http://127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static uint16_t port_of(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'}, {"help", no_argument, NULL, 'h'}, {0}};
    unsigned long port = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        char *end = NULL;
        if (option == 'p') {
            port = strtoul(optarg, &end, 10);
        }
        if (option == 'p' && *optarg && !*end && port <= UINT16_MAX) {
            continue;
        }
        fprintf(option == 'h' ? stdout : stderr, "usage: floor [--port P]    default 0: the system chooses\n");
        exit(option == 'h' ? 0 : 2);
    }
    return (uint16_t)port;
}

int main(int argc, char **argv)
{
    uint16_t port = port_of(argc, argv);
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) {
        fail("getrlimit: %s", strerror(errno));
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    size_t most = limit.rlim_cur < 1 << 20 ? limit.rlim_cur : 1 << 20;
    peers = calloc(most, sizeof *peers);
    subscribers = calloc(most, sizeof *subscribers);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!peers || !subscribers || poller < 0) {
        fail("cannot begin: %s", strerror(errno));
    }
    limit.rlim_cur = most; // No descriptor beyond the arrays.
    setrlimit(RLIMIT_NOFILE, &limit);

    int listener = listen_at(port);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = listener}, ready[EVENTS];
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &interest)) {
        fail("epoll_ctl: %s", strerror(errno));
    }
    for (;;) {
        bool arriving = false;
        int found = epoll_wait(poller, ready, EVENTS, -1);
        if (found < 0 && errno != EINTR) {
            fail("epoll_wait: %s", strerror(errno));
        }
        for (int i = 0; i < found; i++) {
            int descriptor = ready[i].data.fd;
            if (descriptor == listener) {
                arriving = true;
            } else if (peers[descriptor].request == NULL && peers[descriptor].place < 0) {
                continue; // Closed in this round: its send() failed. Its number is nobody else's yet, since accepting comes last.
            } else if (ready[i].events & (EPOLLERR | EPOLLHUP) || !readable(descriptor)) {
                forget(descriptor);
            }
        }
        if (arriving) {
            accept_all(listener);
        }
    }
}
