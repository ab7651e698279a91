// The list beside the map, beyond its cards: what is done there is told to the map's tab.
// Runs in the same function as cards.js.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.cluster) act("choose", { cluster: Number(button.dataset.cluster) });
  else if (button?.dataset.more) act("choose", { more: Number(button.dataset.more), token: button.dataset.token });
  else if (button?.matches(".nh-picks .nh-open")) act("pick", { id: button.dataset.id });
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const { verb, token } = event.target.dataset;
  act("verb", { verb, token, name: new FormData(event.target).get("name") });
});

// The selector lists a collection that was made here.
columns().addEventListener("nh-found", () =>
  requestAnimationFrame(() => element.querySelector(".nh-done") && window.dispatchEvent(new Event("focus"))),
);
