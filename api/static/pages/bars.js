// Tallies as bars: upright for years and months, lying for names.

export function bars(tallies, colours, colour, upright) {
  const soft = { color: colours.soft };
  const category = { type: "category", data: tallies.map(({ name }) => name), inverse: !upright, axisTick: { show: false }, axisLabel: upright ? soft : { ...soft, width: 150, overflow: "truncate" } };
  const value = { type: "value", minInterval: 1, axisLabel: soft, splitLine: { lineStyle: { opacity: 0.3 } } };
  return {
    grid: { left: 4, right: 36, top: 18, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: upright ? category : value,
    yAxis: upright ? value : category,
    tooltip: { trigger: "item" },
    series: [{
      type: "bar", data: tallies.map(({ count }) => count), barMaxWidth: 26, itemStyle: { color: colours[colour], borderRadius: 2 },
      label: { show: true, position: upright ? "top" : "right", color: "inherit" }, labelLayout: { hideOverlap: true },
    }],
  };
}
