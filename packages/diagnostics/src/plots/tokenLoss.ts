/**
 * A text coloured by what each token costs the model: where it is sure, and where it is surprised.
 */

import { colorScale } from "./drawing/cells.ts";
import { type Block, figure, type Layout, type PlotOptions } from "./drawing/figure.ts";
import { formatCount, formatNumber, formatPercent } from "./drawing/number.ts";
import { heatColor, heatLevel, lightTheme, takesInk } from "./drawing/palette.ts";
import { element, type Markup } from "./drawing/svg.ts";
import { shorten, textWidth, visibleText } from "./drawing/text.ts";

/** What {@link tokenLoss} draws. */
export interface TokenLossData {
  /** The text, token by token. */
  tokens: readonly string[];
  /** Negative log-likelihood of each token in nats; NaN for one that nothing predicts, such as the first. */
  losses: ArrayLike<number>;
}

/** Options of {@link tokenLoss}. */
export interface TokenLossOptions extends PlotOptions {
  /** The loss at the upper end of the scale, in nats. @defaultValue the greatest */
  max?: number;
}

const mostTokens = 1000;
const size = 13;
const characterWidth = 8;
const boxHeight = 20;
const barHeight = 10;
const lineHeight = boxHeight + barHeight + 6;

/**
 * Draws the text in lines, each token on a ground coloured by its loss and with a bar under it as high as its loss. A
 * line end is `↵`; loss and probability are under the pointer. A token without a loss has a frame and no colour.
 *
 * Of more than 1000 tokens the first 1000 are drawn, and a note says so.
 *
 * @throws RangeError if there are no tokens, a loss is missing, or `max` is not above 0.
 */
export function tokenLoss(data: TokenLossData, options: TokenLossOptions = {}): string {
  const { tokens, losses } = data;
  if (tokens.length === 0 || losses.length !== tokens.length) {
    const got = `${tokens.length} tokens and ${losses.length} losses`;
    throw new RangeError(`tokenLoss: expected a loss for each of at least one token, got ${got}`);
  }
  const finite = Array.from(losses).filter((loss) => Number.isFinite(loss));
  const greatest = finite.reduce((high, loss) => Math.max(high, loss), 0);
  const { max = greatest > 0 ? greatest : 1 } = options;
  if (!(max > 0 && max < Infinity)) throw new RangeError(`tokenLoss: expected a max above 0 nats, got ${max}`);
  const infinite = Array.from(losses).filter((loss) => loss === Infinity).length;
  const mean = finite.reduce((sum, loss) => sum + loss, 0) / finite.length;
  const shown = Math.min(tokens.length, mostTokens);

  return figure("tokenLoss", options, (layout) => ({
    title: "Loss of each token",
    description:
      `${formatCount(tokens.length, "token")}, on average ${formatNumber(mean)} nats, at most ` +
      `${formatNumber(greatest)}: ${shorten(tokens.slice(0, shown).map(visibleText).join(""), 2000)}.`,
    blocks: [
      drawText(layout, data, shown, (loss) => Math.min(loss / max, 1)),
      colorScale(layout, "loss, nats", (share) => share * max),
    ],
    notes: [
      finite.length === 0 ? "" : `Mean of ${formatCount(finite.length, "token")}: ${formatNumber(mean)} nats.`,
      infinite === 0 ? "" : `${formatCount(infinite, "token has", "tokens have")} an infinite loss: ∞ above the text.`,
      greatest > max ? `Losses above ${formatNumber(max)} nats are drawn as that.` : "",
      shown < tokens.length
        ? `The first ${formatNumber(shown)} of ${formatNumber(tokens.length)} tokens are drawn.`
        : "",
    ],
  }));
}

function drawText(
  { width }: Layout,
  { tokens, losses }: TokenLossData,
  shown: number,
  shareOf: (loss: number) => number,
): Block {
  const levels = lightTheme.heat.map((): Markup[] => []);
  const inks: Markup[] = [];
  const papers: Markup[] = [];
  const plain: Markup[] = [];
  let [x, y] = [0, 2];
  for (let i = 0; i < shown; i++) {
    const name = visibleText(tokens[i]);
    const text = cutToCells(name, Math.floor(width / characterWidth) - 1);
    const tokenWidth = cellsOf(text) * characterWidth;
    if (x > 0 && x + tokenWidth > width) [x, y] = [0, y + lineHeight];
    const loss = losses[i];
    const level = Number.isNaN(loss) ? undefined : heatLevel(shareOf(loss));
    const probability = `${formatNumber(loss)} nats, probability ${formatPercent(Math.exp(-loss))}`;
    const title = element("title", {}, `${name}: ${level === undefined ? "no loss" : probability}`);
    const box = { x: x + 0.5, y, width: tokenWidth - 1, height: boxHeight };
    const words = { x, y: y + 15, textLength: tokenWidth, lengthAdjust: "spacingAndGlyphs" };
    // Blanks at either end of a text element would be dropped.
    const letters = element("text", words, text.replaceAll("␣", "\u00A0"));
    if (level === undefined) {
      plain.push(element("rect", { ...box, "fill-opacity": 0, stroke: "currentColor", "stroke-opacity": 0.4 }, title));
      inks.push(letters);
    } else {
      const height = shareOf(loss) * barHeight;
      levels[level].push(element("rect", box, title));
      plain.push(
        element("rect", { x: x + 1.5, y: y + boxHeight + 1, width: tokenWidth - 3, height, "fill-opacity": 0.55 }),
      );
      (takesInk(level) ? inks : papers).push(letters);
      if (loss === Infinity) plain.push(element("text", { x, y: y - 1, "font-size": 11 }, "∞"));
    }
    x += tokenWidth;
    if (tokens[i].endsWith("\n")) [x, y] = [0, y + lineHeight];
  }
  const font = { "font-size": size, class: "mono", fill: "currentColor", "pointer-events": "none" };
  const markup = element(
    "g",
    {},
    ...levels.map((rects, level) =>
      rects.length === 0 ? undefined : element("g", { ...heatColor(level), fill: "currentColor" }, ...rects),
    ),
    element("g", { fill: "currentColor" }, ...plain),
    element("g", font, ...inks),
    element("g", { class: "paper", color: "#ffffff" }, element("g", font, ...papers)),
  );
  return { height: (x === 0 ? y - lineHeight : y) + lineHeight, markup };
}

/** Cells of a typewriter that a text takes: East Asian characters and emoji take two. */
function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += textWidth(character, 1) > 1 ? 2 : 1;
  return cells;
}

function cutToCells(text: string, most: number): string {
  if (cellsOf(text) <= most) return text;
  let kept = "";
  for (const character of text) {
    if (cellsOf(kept + character) >= most) break;
    kept += character;
  }
  return `${kept}…`;
}
