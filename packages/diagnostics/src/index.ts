/**
 * Looking inside a network while it learns: plots as SVG, sparklines, event files.
 */

// Plots
export { type SparklineOptions, sparkline } from "./plots/sparkline.ts";
