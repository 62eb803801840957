// Pictures, drawn by ECharts, which is loaded only where there is one.

import { h } from "./dom.js";

const COLOURS = ["ground", "paper", "ink", "soft", "line", "accent", "accent-soft", "lead", "responsible", "support", "target", "target-soft", "found"];

/**
 * An element that draws itself once it stands in the page, and anew when its size or the colours of the system change.
 *
 * `label` says in words what is to be seen; `describe(colours)` brings the options for ECharts, with the colours of frame.css by name
 * (`colours.accent`); `height` is in rem and kept free at once, so that nothing moves. `open(point)`, if there is one, gets what was
 * clicked, as ECharts tells it. What a picture shows must stand somewhere as text or a table, too.
 */
export function chart(label, describe, { height = 18, open } = {}) {
  const element = h("div", { class: "chart", role: "img", "aria-label": label });
  element.style.height = `${height}rem`; // through the object model: no policy on styles is in its way
  draw(element, describe, open);
  return element;
}

async function draw(element, describe, open) {
  const { init } = await import("./vendor/echarts/echarts.js");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let drawn = null;
  const paint = () => drawn.setOption(complete(describe(colours())), { notMerge: true });
  const watching = new ResizeObserver(([{ contentRect }]) => {
    if (!element.isConnected && drawn) {
      watching.disconnect();
      dark.removeEventListener("change", paint);
      drawn.dispose();
    } else if (contentRect.width > 0 && drawn) drawn.resize();
    else if (contentRect.width > 0) {
      drawn = init(element);
      if (open) drawn.on("click", open);
      dark.addEventListener("change", paint);
      paint();
    }
  });
  watching.observe(element);
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** The options with the page's type; tooltips are drawn as text, so that nothing in them can be markup. */
function complete(options) {
  const { ink, paper, line } = colours();
  const quiet = matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    animation: !quiet,
    animationDuration: 300,
    textStyle: { color: ink, fontFamily: getComputedStyle(document.body).fontFamily },
    ...options,
    tooltip: { backgroundColor: paper, borderColor: line, textStyle: { color: ink }, ...options.tooltip, renderMode: "richText" },
  };
}
