/* The bench's events as they happen, none left out.

   EventSource can't send a bearer token, so the stream is read by fetch. After a break it
   asks for what came after the last record it had, and waits longer each time that fails. */

import { address, authorisation, problemOf } from "./api.js";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;
/** The bench sends something every 15 s; a line that is silent for longer is dead. */
const SILENCE_MS = 40_000;

/**
 * @param on.hello(): the stream is open; called at each reconnection too.
 * @param on.records(records): in order, each once.
 * @param on.gap(): records were lost, or the bench began anew: load everything again.
 * @param on.state(state): "live", "reconnecting" or "refused".
 */
export class EventStream {
  #on;
  #abort = null;
  #cursor = null;
  #run = null;
  #wake = () => {};

  constructor(on) {
    this.#on = on;
    addEventListener("online", () => this.#wake());
    document.addEventListener("visibilitychange", () => this.#wake());
  }

  /** Follow all that happens after the record numbered `after`. */
  watch(after) {
    this.#cursor = after;
    this.stop();
    this.#abort = new AbortController();
    this.#keepGoing(this.#abort.signal);
  }

  /** Follow nothing. */
  stop() {
    this.#abort?.abort();
  }

  async #keepGoing(signal) {
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await this.#read(signal, () => {
          pause = FIRST_PAUSE_MS;
        });
      } catch (problem) {
        if (problem.status === 401) {
          if (!signal.aborted) this.#on.state("refused");
          return;
        }
      }
      if (signal.aborted) return;
      this.#on.state("reconnecting");
      await this.#rest(pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  #rest(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #read(signal, opened) {
    const line = new AbortController();
    const stop = () => line.abort();
    signal.addEventListener("abort", stop, { once: true });
    let silence = setTimeout(stop, SILENCE_MS);
    try {
      const response = await fetch(address("events"), {
        headers: {
          Accept: "text/event-stream",
          "Last-Event-ID": String(this.#cursor),
          ...authorisation(),
        },
        signal: line.signal,
        cache: "no-store",
      });
      if (!response.ok) throw await problemOf(response);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const parse = lines();
      for (;;) {
        const { value, done } = await reader.read();
        if (done || signal.aborted) return;
        clearTimeout(silence);
        silence = setTimeout(stop, SILENCE_MS);
        opened();
        this.#deliver(parse(value));
      }
    } finally {
      clearTimeout(silence);
      signal.removeEventListener("abort", stop);
      line.abort();
    }
  }

  #deliver(messages) {
    const records = [];
    for (const { event, data } of messages) {
      if (event === "record") {
        const record = JSON.parse(data);
        this.#cursor = record.sequence;
        records.push(record);
        continue;
      }
      if (event === "hello") {
        const { run } = JSON.parse(data);
        const anew = this.#run !== null && this.#run !== run;
        this.#run = run;
        this.#on.state("live");
        if (anew) return this.#on.gap(); // it may count its records from the beginning
        this.#on.hello();
      }
      if (event === "gap") return this.#on.gap();
    }
    if (records.length) this.#on.records(records);
  }
}

/** A parser of server-sent events: text in, complete messages out. */
function lines() {
  let rest = "";
  let message = { event: "message", data: [] };
  return (text) => {
    const complete = [];
    const parts = (rest + text).split("\n");
    rest = parts.pop();
    for (const part of parts) {
      const line = part.endsWith("\r") ? part.slice(0, -1) : part;
      if (line === "") {
        if (message.data.length) complete.push({ ...message, data: message.data.join("\n") });
        message = { event: "message", data: [] };
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue; // a heartbeat
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "event") message.event = value;
      else if (name === "data") message.data.push(value);
    }
    return complete;
  };
}
