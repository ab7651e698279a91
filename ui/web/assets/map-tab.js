// The map's tab. Its parts are modules; this hands them what Gradio gives, and its events to Python: "pick" (a point),
// "choose" (a selection), "place" (a text, or passages of another tab), "clear".
// Gradio runs this as a function of (element, trigger, props, server, upload, watch).
let page = null;
const update = () => page?.update(props.value ?? {});

watch("value", update);
import("/page/map-page.js").then(({ MapPage }) => {
  page = new MapPage(element, trigger);
  // For tests, and for who looks with the browser's own tools.
  element.mapPage = page;
  update();
});
