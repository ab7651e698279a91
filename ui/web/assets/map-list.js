// The list beside the map, beyond its cards. Events to Python: "cluster" (one of them, or more of a selection), "verb".
// Runs in the same function as cards.js.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.cluster) trigger("cluster", { cluster: Number(button.dataset.cluster) });
  else if (button?.dataset.more) trigger("cluster", { more: Number(button.dataset.more), token: button.dataset.token });
  else if (button?.matches(".nh-picks .nh-open")) trigger("open", { id: button.dataset.id });
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const { verb, token } = event.target.dataset;
  trigger("verb", { verb, token, name: new FormData(event.target).get("name") });
});

// The selector lists a collection that was made here.
watch("value", () => element.querySelector(".nh-done") && window.dispatchEvent(new Event("focus")));
