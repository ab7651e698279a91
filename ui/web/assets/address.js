// What is looked at stands in the address, so that it can be bookmarked, sent and gone back to:
// #look-up?q=river&collection=notes. A tab keeps its own values while another one is open.
"use strict";

window.nearhoodAddress = (() => {
  const SHARED = "collection";
  const kept = {};
  let isTyping = false;

  function read() {
    // A query may have a question mark of its own.
    const [, tab, query] = location.hash.match(/^#?([^?]*)\??(.*)$/s);
    return { tab: tab && tab !== "tour" ? tab : "look-up", values: new URLSearchParams(query) };
  }

  function write(isStep) {
    const values = new URLSearchParams(kept[open] ?? {});
    for (const [name, value] of [...values]) if (!value) values.delete(name);
    const collection = document.documentElement.dataset.collection;
    if (collection) values.set(SHARED, collection);
    const hash = `#${open}${values.size ? `?${values}` : ""}`;
    if (hash === location.hash) return;
    if (isStep) history.pushState(null, "", hash);
    else history.replaceState(null, "", hash);
  }

  // A view that was come back to, or whose address was typed.
  function restore() {
    const { tab, values } = read();
    open = tab;
    isTyping = false;
    kept[tab] = Object.fromEntries(values);
    const name = values.get(SHARED);
    if (name) window.dispatchEvent(new CustomEvent("nh-choose", { detail: { name } }));
    window.dispatchEvent(new CustomEvent("nh-address", { detail: { tab, values } }));
  }

  const first = read();
  let open = first.tab;
  kept[open] = Object.fromEntries(first.values);
  addEventListener("popstate", restore);
  addEventListener("nh-collection", () => write(false));

  return {
    tab: () => read().tab,
    collection: () => first.values.get(SHARED),
    values: (tab) => new URLSearchParams(kept[tab] ?? {}),
    // Of what is being typed, one step to come back to is kept, and not one for each letter.
    keep(tab, values, how = "same") {
      kept[tab] = { ...values };
      if (tab !== open) return;
      write(how !== "same" && !isTyping);
      isTyping = how === "typed";
    },
    go(tab) {
      if (tab === open && read().tab === tab) return;
      open = tab;
      isTyping = false;
      write(true);
    },
  };
})();
