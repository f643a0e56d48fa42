/* The one place that speaks HTTP to the bench: paths, the bearer token, and problems in words.

   The bearer token lives in this tab's session storage and goes nowhere but into the
   Authorization header of requests to the page's own origin. */

const BASE = "/api/v1/";
const BEARER = "galh-bearer";

/** An answer that is no success, with the problem's own words. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
  }
}

/** Keep the bearer token for this tab; an empty one forgets it. */
export function setBearer(token) {
  if (token) sessionStorage.setItem(BEARER, token);
  else sessionStorage.removeItem(BEARER);
}

/** Headers that every request carries. */
export function authorisation() {
  const token = sessionStorage.getItem(BEARER);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** The address of an API path, with the parameters that have a value. */
export function address(path, parameters = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of [value].flat()) {
      if (one !== null && one !== undefined && one !== "") query.append(name, one);
    }
  }
  const text = query.toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** The path of a token, or of something of it. */
export function tokenPath(serial, tail = "") {
  return `tokens/${encodeURIComponent(serial)}${tail && `/${tail}`}`;
}

export const get = (path, parameters, options) =>
  request("GET", address(path, parameters), undefined, options);
export const post = (path, body = {}, options) => request("POST", address(path), body, options);
export const put = (path, body, options) => request("PUT", address(path), body, options);
export const patch = (path, body, options) => request("PATCH", address(path), body, options);
export const remove = (path, options) => request("DELETE", address(path), undefined, options);

async function request(method, url, body, { signal = null, last = false } = {}) {
  const headers = { Accept: "application/json", ...authorisation() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, {
      method,
      headers,
      signal,
      cache: "no-store",
      keepalive: last, // a release must arrive even if the page is going away
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    if (cause.name === "AbortError") throw cause;
    throw new ApiError(0, "The bench does not answer. Is galh serve still running?");
  }
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? null : response.json();
}

/** What went wrong, from problem+json where the answer has it. */
export async function problemOf(response) {
  let problem = null;
  try {
    problem = await response.json();
  } catch {
    // A proxy's page, or nothing: the status is all there is.
  }
  const words = problem && (typeof problem.detail === "string" ? problem.detail : problem.title);
  return new ApiError(response.status, sentence(words || fallback(response.status)));
}

function fallback(status) {
  if (status === 401) return "The bench wants its bearer token";
  if (status === 403) return "The bench does not allow this";
  if (status === 404) return "The bench has no such thing";
  if (status === 429) return "Too many requests; wait a moment";
  return `The bench answered with status ${status}`;
}

function sentence(words) {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
