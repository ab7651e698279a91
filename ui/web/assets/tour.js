// A short tour of the sample, in the order of the lecture. It begins at #tour, which `nearhood demo` leads to, or by
// its button; that it was skipped is remembered. Nothing behind it is locked.
"use strict";

(() => {
  const SEEN = "nearhood-tour";
  const SAMPLE = ["sample-words", "sample-sentences", "sample-notes"];
  const STEPS = [
    {
      head: "Found by meaning",
      text: "Notes on economics and on embeddings, asked a question: what is near in meaning comes first, with how near it is, and the map shows where it stands. Seven steps show how that works. Your own notes can go in at any time.",
      address: `look-up?collection=sample-notes&q=${encodeURIComponent("Why do people run to the bank?")}`,
    },
    {
      head: "Tokens",
      text: "A model reads no letters. It reads tokens: pieces of words, each with a number. Change the text and see where it breaks.",
      address: "tokens",
    },
    {
      head: "Cosine",
      text: "Each text becomes a point in a space of 384 dimensions. The cosine of two says how near they are: bank is nearer to banks than to river.",
      address: "compare",
      act: () => press("#nh-compare", "Words"),
    },
    {
      head: "Neighbours",
      text: "A word is known by what is near to it. Choose a card and go on from there; the trail leads back.",
      address: "look-up?collection=sample-words&q=river",
    },
    {
      head: "The dog and the man",
      text: "Near is not the same. Who chases whom makes all the difference to us and nearly none to the cosine: that is what the cautions under the table are for.",
      address: "compare",
      act: () => press("#nh-compare", "Sentences"),
    },
    {
      head: "The map",
      text: "The same space, pressed flat. It says how far to believe it: where a true neighbour stands far away, the map is wrong and the list is right.",
      address: "map?collection=sample-words",
    },
    {
      head: "A follow-up question",
      text: "Ask this, and then “and when it is too low?”. What is searched is filled in from what was said before, and shown.",
      address: "ask?collection=sample-notes",
      act: () => type("#nh-question textarea, #nh-question input", "What does a central bank do when inflation is high?"),
    },
    {
      head: "Softmax",
      text: "A probe turns a point into chances: p = softmax(Wz / T). Fit this one, type a word, and turn the temperature: towards 0 the first takes all.",
      address: "probe?collection=sample-words",
      act: () => {
        press("#nh-probe .nh-new:not([open])", "New probe");
        return press("#nh-probe", "Names alone") && type("#nh-probe [name=names]", "animal, place, feeling");
      },
    },
  ];
  const isCalled = location.hash === "#tour";
  let panel = null;
  let at = 0;

  // Both return whether there is anything yet to press, or to type in.
  function press(within, text) {
    const found = [...document.querySelectorAll(`:is(${within}) :is(button, label, summary)`)];
    const button = found.find((each) => each.textContent.trim() === text);
    button?.click();
    return Boolean(button);
  }

  function type(selector, text) {
    const field = document.querySelector(selector);
    if (!field || field.value) return Boolean(field);
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    return true;
  }

  function button(text, run, style = "nh-chip") {
    const made = document.createElement("button");
    made.type = "button";
    made.className = style;
    made.textContent = text;
    made.addEventListener("click", run);
    return made;
  }

  function show(step) {
    at = step;
    const { head, text, address, act } = STEPS[at];
    location.hash = address;
    const title = document.createElement("h2");
    title.tabIndex = -1;
    title.textContent = head;
    const words = document.createElement("p");
    words.textContent = text;
    const count = document.createElement("small");
    count.textContent = `${at + 1} of ${STEPS.length}`;
    const row = document.createElement("div");
    const isLast = at === STEPS.length - 1;
    const next = isLast ? "Done" : at ? "Next" : "Show me how";
    row.append(button(next, () => (isLast ? end("done") : show(at + 1)), "primary"));
    if (at) row.append(button("Back", () => show(at - 1)));
    if (isLast || !at) row.append(button("Take in my notes", takeIn));
    if (!isLast) row.append(button("Skip", () => end("skipped"), "nh-skip"));
    row.append(count);
    panel.replaceChildren(title, words, row);
    title.focus({ preventScroll: true });
    // Once the tab is there, if whoever reads is not a step further. What it presses takes the focus along; it is given
    // back to where it was, which may be the next button already.
    const attempt = () => {
      if (!act || !panel?.contains(title)) return;
      const focused = panel.contains(document.activeElement) ? document.activeElement : title;
      if (!act()) return void setTimeout(attempt, 250);
      focused.focus({ preventScroll: true });
    };
    setTimeout(attempt, 250);
  }

  function takeIn() {
    end("done");
    location.hash = "library";
  }

  function begin() {
    if (!panel) {
      panel = document.createElement("section");
      panel.className = "nh-tour";
      panel.setAttribute("aria-label", "Tour");
      panel.addEventListener("keydown", (event) => event.key === "Escape" && end("skipped"));
      document.querySelector(".gradio-container").append(panel);
    }
    show(0);
  }

  function end(how) {
    localStorage.setItem(SEEN, how);
    panel?.remove();
    panel = null;
    document.querySelector(".nh-tour-button")?.focus();
  }

  // Offered where the sample is.
  async function offer() {
    const reply = await fetch("/page/collections").catch(() => null);
    const names = reply?.ok ? (await reply.json()).map(({ name }) => name) : [];
    if (!SAMPLE.every((name) => names.includes(name))) return;
    if (!document.querySelector(".nh-tour-button")) {
      document.querySelector("#nh-theme")?.before(button("Tour", begin, "nh-tour-button"));
    }
    if (isCalled && !localStorage.getItem(SEEN)) begin();
  }

  window.addEventListener("nh-collection", offer, { once: true });
})();
