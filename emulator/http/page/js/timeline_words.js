// What the timeline calls the things that the journal records, and on which lane they stand.
//
// One row per kind (emulator/journalform.py). A kind that is not listed is still shown, under
// its own name: a page that is older than its server leaves nothing out.

export const LANES = Object.freeze([
  { id: "press", title: "Presses" },
  { id: "code", title: "Codes shown" },
  { id: "server", title: "Server" },
  { id: "world", title: "Faults, environment" },
  { id: "clock", title: "Clock" },
  { id: "ports", title: "Ports", collapsible: true },
  { id: "inside", title: "Inside the token", collapsible: true },
]);

const yes = (value) => (value ? "accepted" : "refused");

// Kind: [lane, shape, tone, short label, words]. Shapes differ where tones do.
export const KINDS = {
  edge: ["press", "bar", "quiet", () => "", (r) => (r.closed ? "button down" : "button up")],
  accepted: ["press", "up", "good", (r) => `#${r.factor}`, (r) => `press accepted, for #${r.factor}`],
  refused: ["press", "cross", "bad", (r) => r.reason, (r) => `press refused: ${r.reason}`],
  lit: ["code", "bar", "accent", (r) => `#${r.factor}`, (r) => `code #${r.factor} shown`],
  extended: ["code", "up", "accent", () => "", (r) => `code #${r.factor} stays on`],
  shown: ["code", "bar", "quiet", () => "no code", () => "something that is no code shown"],
  dark: ["code", "end", "quiet", () => "", () => "display went dark"],
  submitted: [
    "server",
    (r) => (r.accepted ? "disc" : "cross"),
    (r) => (r.accepted ? "good" : "bad"),
    (r) => r.verb,
    (r) => `${r.verb} at ${r.server}: ${yes(r.accepted)}${r.reason ? `, ${r.reason}` : ""}`,
  ],
  server_seen: ["server", "diamond", "quiet", () => "", (r) => viewWords(r.view)],
  server_placed: ["server", "diamond", "quiet", () => "", (r) => `${r.server} told all it keeps`],
  fired: ["world", "bolt", "bad", (r) => r.name, (r) => r.text ?? `fault ${r.name}: ${r.what}`],
  brown_out: ["world", "bolt", "bad", () => "brown-out", (r) => `brown-out at ${r.millivolts} mV`],
  power_lost: ["world", "bolt", "bad", () => "power lost", () => "power lost"],
  exhausted: ["world", "bolt", "bad", () => "battery empty", () => "battery empty"],
  commit_failed: ["world", "bolt", "bad", () => "memory failed", () => "memory failed a write"],
  erased: ["world", "bolt", "bad", () => "erased", () => "secret erased"],
  battery_out: ["world", "box", "warn", () => "battery out", () => "battery pulled"],
  battery_in: ["world", "box", "quiet", () => "battery in", () => "battery put in"],
  supply_dip: ["world", "box", "warn", () => "supply dip", () => "supply dipped"],
  drain: ["world", "box", "warn", () => "drained", () => "battery drained"],
  case_opened: ["world", "box", "warn", () => "case opened", () => "case opened"],
  bit_rot: ["world", "box", "warn", () => "bit rot", () => "bits of the memory flipped"],
  harm: ["world", "box", "warn", () => "damage", () => "damage changed"],
  ambient: ["world", "box", "quiet", () => "temperature", () => "temperature changed"],
  retune: ["world", "box", "quiet", () => "crystal", () => "crystal retuned"],
  set_counter: ["world", "box", "warn", (r) => `counter ${r.counter}`, (r) => `counter set to ${r.counter}`],
  note: ["world", "box", "quiet", () => "", (r) => r.text],
  stopped: ["world", "box", "bad", () => "stopped", (r) => `stopped: ${r.text}`],
  placed: ["world", "box", "quiet", () => "", (r) => `on the bench: ${r.why}`],
  removed: ["world", "box", "quiet", () => "removed", () => "taken off the bench"],
  advanced: ["clock", "bar", "accent", () => "advanced", () => "clock advanced"],
  rate_set: ["clock", "box", "quiet", (r) => `×${r.rate}`, (r) => `clock's rate set to ${r.rate}`],
  shift_time: ["clock", "box", "warn", () => "clock set", () => "bench's clock set"],
  set_clock: ["clock", "box", "warn", () => "token's clock set", () => "token's clock set"],
  clock_jump: ["clock", "bolt", "bad", () => "jump", () => "token's clock jumped"],
  connected: ["ports", "disc", "good", () => "", (r) => `connected: ${r.port}`],
  disconnected: ["ports", "disc", "quiet", () => "", (r) => `disconnected: ${r.port}`],
  traffic: [
    "ports",
    (r) => (r.answer ? "up" : "down"),
    "quiet",
    () => "",
    (r) => `${r.port} ${r.answer ? "answers" : "asks"}: ${r.line}`,
  ],
  asked: ["ports", "down", "quiet", () => "", () => "presses asked for, with a key"],
  answered: ["ports", "up", "quiet", () => "", () => "presses answered, with a key"],
  nvm_write: ["inside", "box", "quiet", () => "", () => "memory written"],
  bars: ["inside", "box", "quiet", () => "", (r) => `time bars: ${r.bars}`],
  booted: ["inside", "up", "quiet", () => "", (r) => `firmware started${r.repaired ? ", repaired" : ""}`],
};

const PRESSES = new Set(["edge", "accepted", "refused"]);

function viewWords(view) {
  if (!view) return "server seen";
  const expects =
    view.next_counter == null ? `a drift of ${view.step_offset} steps` : `#${view.next_counter}`;
  return `${view.name} expects ${expects}${view.locked ? ", locked" : ""}`;
}

/** How a record is drawn: {lane, shape, tone, label}. */
export function lookOf(record) {
  const known = KINDS[record.kind];
  if (!known) return { lane: "world", shape: "box", tone: "quiet", label: nameOf(record.kind) };
  const [lane, shape, tone, label] = known;
  const pick = (choice) => (typeof choice === "function" ? choice(record) : choice);
  return { lane, shape: pick(shape), tone: pick(tone), label: String(label(record) ?? "") };
}

/** A record in a few words, without its time. Never a code: the journal has none. */
export function wordsOf(record) {
  return String(KINDS[record.kind]?.[4](record) ?? nameOf(record.kind));
}

/** A kind as people read it. */
export function nameOf(kind) {
  return String(kind).replaceAll("_", " ");
}

/** Whether "what if this press had not been" makes sense for a record. */
export function isPress(record) {
  return PRESSES.has(record.kind);
}

// Told elsewhere, of no use to people, or (should a journal ever hold one) a code.
const LEFT_OUT = new Set(["sequence", "kind", "at_ns", "state", "data", "code"]);

/** What else a record says, for its details: [[name, text], …]. */
export function fieldsOf(record) {
  return Object.entries(record)
    .filter(([name, value]) => !LEFT_OUT.has(name) && value !== null && value !== "")
    .map(([name, value]) =>
      name.endsWith("_ns") && value > 1e17
        ? [nameOf(name.slice(0, -3)), timeWords(value / 1e6)]
        : [nameOf(name), typeof value === "object" ? JSON.stringify(value) : String(value)],
    );
}

/** Milliseconds since 1970 as date and time, UTC; out of range as they are. */
export function timeWords(ms) {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return `${ms} ms`;
  return date.toISOString().replace("T", " ").replace("Z", " UTC");
}
