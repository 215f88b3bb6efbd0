// Subscribes to a Mercure hub with a client that nobody here wrote, and tells what it is told: a line of JSON each.
//   node mercureClients.js CLIENT URL [TOKEN]
// CLIENT: eventsource, fetch-event-source or eventsource-client. It ends when its input does.
import { fetchEventSource } from "@microsoft/fetch-event-source";
import { EventSource } from "eventsource";
import { createEventSource } from "eventsource-client";

const [client, url, token] = process.argv.slice(2);
const headers = token ? { Authorization: `Bearer ${token}` } : {};
const tell = (what, more = {}) => console.log(JSON.stringify({ what, ...more }));

const clients = {
  eventsource() {
    const source = new EventSource(url, { fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...headers } }) });
    source.onopen = () => tell("open");
    source.onmessage = event => tell("event", { id: event.lastEventId, data: event.data });
    source.onerror = event => tell(source.readyState === EventSource.CLOSED ? "closed" : "retrying", { status: event.code });
  },

  "fetch-event-source"() {
    // It was made for browsers, and looks at these.
    globalThis.window = { setTimeout, clearTimeout, fetch };
    globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
    let status;
    fetchEventSource(url, {
      headers,
      openWhenHidden: true,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        status = response.status;
        return response;
      },
      async onopen(response) {
        if (!response.ok || !response.headers.get("content-type")?.startsWith("text/event-stream")) {
          throw new Error(`status ${response.status}`);
        }
        tell("open");
      },
      onmessage(event) {
        if (event.data !== "") { // It calls this at every blank line: the opening's, too, which has an id and no data.
          tell("event", { id: event.id, data: event.data });
        }
      },
      onclose() {
        throw new Error("the stream ended"); // As its documentation has it, to come back.
      },
      onerror(error) {
        if (/^status/.test(error.message)) {
          tell("closed", { status });
          throw error; // Which is how it is told not to come back.
        }
        tell("retrying");
      },
    }).catch(() => {});
  },

  "eventsource-client"() {
    const source = createEventSource({
      url,
      headers,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        tell("answer", { status: response.status });
        return response;
      },
      onConnect: () => tell("open"),
      onMessage: ({ id, data }) => tell("event", { id, data }),
      onDisconnect: () => setImmediate(() => tell(source.readyState === "closed" ? "closed" : "disconnected")), // It closes itself behind this call.
      onScheduleReconnect: () => tell("retrying"),
    });
  },
};

process.stdin.on("end", () => process.exit(0)).resume();
clients[client]();
