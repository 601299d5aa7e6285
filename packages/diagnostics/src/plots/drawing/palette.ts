/**
 * The colours of all plots, for light and for dark backgrounds.
 *
 * The series colours keep the hues of Okabe and Ito (blue, orange, purple, green, vermilion, sky blue; "Color Universal
 * Design", 2008), with lightness and chroma chosen so that each has a contrast of at least 3:1 with the background, as
 * WCAG 2.2 asks of graphics (1.4.11), and that the least distance between two of them in OKLab stays above 0.1 as seen
 * with protanopia and deuteranopia. The heat scale runs through 16 steps of rising distance from the background, equal
 * in OKLab lightness but for a jump in the middle: text on the lower half is ink, on the upper half paper, and either
 * has a contrast of at least 4.5:1.
 *
 * Dashes repeat after five and colours after six, so that 30 lines differ, and neighbours differ by both.
 */

/** Colours for one kind of background. */
export interface Theme {
  ink: string;
  /** The background the theme is made for. Plots draw no background of their own. */
  paper: string;
  muted: string;
  grid: string;
  series: readonly string[];
  heat: readonly string[];
}

export const lightTheme: Theme = {
  ink: "#1f2328",
  paper: "#ffffff",
  muted: "#57606a",
  grid: "#d8dee4",
  series: ["#215c9c", "#c48204", "#6c045c", "#087f67", "#922c00", "#0f99cd"],
  // prettier-ignore
  heat: ["#f7f8ef", "#e7ebd3", "#d3e0b9", "#b4d7a8", "#8fcfa1", "#6ac3a3", "#41b7a7", "#03a8ac",
         "#078091", "#03718f", "#00628e", "#075190", "#1f4184", "#273276", "#2a2367", "#2a1556"],
};

export const darkTheme: Theme = {
  ink: "#f0f6fc",
  paper: "#0d1117",
  muted: "#a2acb8",
  grid: "#30363d",
  series: ["#7eaefe", "#ff9e1d", "#b4329c", "#1ad4a6", "#b56d52", "#c6f0ff"],
  // prettier-ignore
  heat: ["#1e1d2d", "#262640", "#2e2f55", "#35396a", "#3c4380", "#375293", "#1b659e", "#08789b",
         "#0296a7", "#0ba9a2", "#24bb9c", "#59ca8f", "#87d77e", "#b3e26d", "#d7ec74", "#f6f593"],
};

const dashes = [undefined, "7 3", "2 3", "9 3 2 3", "4 2"] as const;

/** How many series can be told apart. */
export const distinctSeries: number = lightTheme.series.length * dashes.length;

/** Attributes that draw in the colour of series `index`: use `currentColor` as the stroke or fill. */
export function seriesColor(index: number): { class: string; color: string } {
  const color = index % lightTheme.series.length;
  return { class: `s${color}`, color: lightTheme.series[color] };
}

/** The dash pattern of series `index`. */
export function seriesDash(index: number): string | undefined {
  return dashes[index % dashes.length];
}

/** The step of the heat scale for a share from 0 to 1. */
export function heatLevel(share: number): number {
  const levels = lightTheme.heat.length;
  return Math.min(Math.max(Math.floor(share * levels), 0), levels - 1);
}

/** Attributes that draw in the colour of a heat level: use `currentColor` as the fill. */
export function heatColor(level: number): { class: string; color: string } {
  return { class: `h${level}`, color: lightTheme.heat[level] };
}

/** Whether text on a heat level is written in ink; on the others it is paper. */
export function takesInk(level: number): boolean {
  return level < lightTheme.heat.length / 2;
}
