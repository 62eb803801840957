// What the page uses of ECharts; see README.md for how echarts.js is made from it.

import { BarChart, GraphChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";

use([AriaComponent, BarChart, CanvasRenderer, GraphChart, GridComponent, LabelLayout, MarkLineComponent, TooltipComponent]);

export { init };
