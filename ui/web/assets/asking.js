// What tabs ask the server for: pieces of HTML, and jobs, which are followed until they end.
const LOOK_MS = 250;
const MOST_MISSED = 8;

export class Refused extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

// Throws Refused with the server's own words, and its status; 0 where there is no server.
export async function ask(path, options = {}) {
  let reply;
  try {
    reply = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("The server does not answer: it may have been stopped.");
  }
  if (reply.ok) return reply;
  const body = await reply.json().catch(() => ({}));
  throw new Refused(body.error?.message ?? `The server answered ${reply.status}.`, reply.status);
}

export async function piece(path, options) {
  return (await ask(path, options)).text();
}

// A place for the piece that a path has for what is asked last: one that comes or fails late is let go of.
export class Shown {
  constructor(place, path) {
    this.place = place;
    this.path = path;
    // Whether something is there, or on its way; what failed is asked for again.
    this.has = false;
  }

  async ask(body) {
    this.flying?.abort();
    const { signal } = (this.flying = new AbortController());
    this.has = true;
    this.place.setAttribute("aria-busy", "true");
    const headers = { "Content-Type": "application/json" };
    let html;
    try {
      html = await piece(this.path, { method: "POST", headers, body: JSON.stringify(body), signal });
    } catch (error) {
      if (signal.aborted) return;
      this.has = false;
      html = quiet(error.message).outerHTML;
    }
    if (signal.aborted) return;
    this.place.innerHTML = html;
    this.place.removeAttribute("aria-busy");
  }
}

export async function json(path, method, body) {
  const options = { method, headers: { "Content-Type": "application/json" } };
  if (body !== undefined) options.body = JSON.stringify(body);
  return (await ask(path, options)).json();
}

export async function follow(job, told) {
  let now = job;
  let missed = 0;
  while (now.status === "waiting" || now.status === "running") {
    told(now);
    await new Promise((after) => setTimeout(after, LOOK_MS));
    try {
      now = await (await ask(`/page/jobs/${job.id}`)).json();
      missed = 0;
    } catch (error) {
      // A look that fails says nothing of the job: it goes on, and can be stopped.
      missed += 1;
      if (missed > MOST_MISSED || (error.status >= 400 && error.status < 500)) throw error;
    }
  }
  return now;
}

export function stop(job) {
  return ask(`/page/jobs/${job.id}`, { method: "DELETE" });
}

// A progress element in its place, with what is done in words.
export class Meter {
  constructor(place) {
    this.place = place;
    this.bar = place.querySelector("progress");
    this.words = place.querySelector("p");
  }

  show(share, words) {
    this.place.hidden = false;
    if (share === null) this.bar.removeAttribute("value");
    else this.bar.value = share;
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  job({ status, progress }, doing) {
    if (status === "waiting") return this.show(null, "Waiting for what is going on before …");
    const share = progress && progress.of_bytes ? progress.bytes / progress.of_bytes : null;
    const done = progress?.passages ? ` ${progress.passages.toLocaleString("en")} passages` : "";
    const files = progress && progress.of_sources > 1 ? ` of ${progress.sources} of ${progress.of_sources} files` : "";
    this.show(share, `${doing} …${done}${files}`);
  }

  hide() {
    this.place.hidden = true;
    this.words.textContent = "";
  }
}

export function quiet(message) {
  const box = document.createElement("div");
  box.className = "nh-message";
  box.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = message;
  box.append(words);
  return box;
}
