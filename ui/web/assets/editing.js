// That a question takes the place of the last one. The component's value is how many turns stay before it; empty for none.
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
element.addEventListener("click", (event) => {
  if (!event.target.closest("button")) return;
  const field = document.querySelector("#nh-question :is(textarea, input)");
  field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});
// Emptied, it is no longer the one that was asked.
document.querySelector("#nh-ask-tab").addEventListener("input", (event) => {
  if (event.target.closest("#nh-question") && !event.target.value.trim()) props.value = "";
});
