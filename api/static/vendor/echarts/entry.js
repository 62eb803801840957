// What the page uses of ECharts; see README.md for how echarts.js is made from it.

import { BarChart, GraphChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  AriaComponent, BarChart, CanvasRenderer, DataZoomComponent, GraphChart, GridComponent, HeatmapChart, LegendComponent, LineChart,
  MarkLineComponent, ScatterChart, TooltipComponent, VisualMapComponent,
]);

export { init };
