// The field of Tokens: shows its tokens for the model that is chosen, once typing pauses.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
const PAUSE_MS = 120;
const page = import("/page/asking.js");
const tab = element.closest(".tabitem");
let shown = "";
let isAsking = false;
let waiting;

const field = () => tab.querySelector("#nh-token-text textarea");
const choice = () => tab.querySelector("#nh-model input:checked");
const wanted = () => JSON.stringify({ text: field().value, model: choice().value });

// One request at a time: of two, the older one may reach the server last, or its reply the page.
async function ask() {
  if (isAsking) return;
  isAsking = true;
  const { piece, quiet } = await page;
  while (wanted() !== shown) {
    const body = (shown = wanted());
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body };
    try {
      props.value = await piece("/page/tokens", options);
    } catch (error) {
      props.value = quiet(error.message).outerHTML;
      // What fails is asked for again at the next occasion, and not at once.
      if (wanted() === body) {
        shown = "";
        break;
      }
    }
  }
  isAsking = false;
}

// Gradio lays the fields out when their own scripts have come, which may be later than this one.
const laid = new MutationObserver(begin);
function begin() {
  if (!field() || !choice()) return;
  laid.disconnect();
  new IntersectionObserver(([seen]) => seen.isIntersecting && ask()).observe(tab);
  tab.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, event.target === field() ? PAUSE_MS : 0);
  });
}
laid.observe(tab, { childList: true, subtree: true, attributes: true });
begin();
