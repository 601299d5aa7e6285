/**
 * Nodes on a line or a circle, and arrows between them.
 */

import { formatCoordinate } from "./svg.ts";
import { shorten, textWidth } from "./text.ts";

/** A node: a name in a box around a place. */
export interface PlacedNode {
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** An arrow as two paths: its line, and its head. */
export interface Arrow {
  line: string;
  head: string;
}

type Point = readonly [x: number, y: number];

const nodeHeight = 24;
const headLength = 8;

/** Nodes from left to right, in the middle of `height`. */
export function onLine(names: readonly string[], width: number, y: number): PlacedNode[] {
  const step = width / names.length;
  return names.map((name, i) => box(name, (i + 0.5) * step, y, Math.max(step - 8, 22)));
}

/** Nodes on a circle, clockwise from the top. */
export function onCircle(names: readonly string[], width: number, radius: number): PlacedNode[] {
  // The two nodes beside the lowest place stand closest, at one height.
  const most = Math.min(100, Math.max(22, 2.5 * radius * Math.sin(Math.PI / names.length) - 6));
  return names.map((name, i) => {
    const angle = (2 * Math.PI * i) / names.length - Math.PI / 2;
    const [x, y] = [width / 2 + radius * 1.25 * Math.cos(angle), radius + 44 + radius * Math.sin(angle)];
    return box(name, x, y, most);
  });
}

/** An arrow over the line for a step forward, under it for a step back or to itself. */
export function arrowOnLine(from: PlacedNode, to: PlacedNode): Arrow {
  const half = nodeHeight / 2;
  if (from === to) return loop(from, [0, 1]);
  const forward = to.x > from.x;
  const side = forward ? -1 : 1;
  const offset = Math.min(5, from.width / 4) * (forward ? 1 : -1);
  const rise = side * lineRise(Math.abs(to.x - from.x));
  const start: Point = [from.x + offset, from.y + side * half];
  const end: Point = [to.x - offset, to.y + side * (half + 1)];
  return curve(start, [start[0], start[1] + rise], [end[0], end[1] + rise], end);
}

/** How far the controls of an arc over `distance` stand off the line; the arc rises to three quarters of it. */
export function lineRise(distance: number): number {
  return 16 + 0.22 * distance;
}

/** A slightly bent arrow across the circle, so that there and back are two. */
export function arrowOnCircle(from: PlacedNode, to: PlacedNode, center: Point): Arrow {
  if (from === to) {
    const [dx, dy] = [from.x - center[0], from.y - center[1]];
    const length = Math.hypot(dx, dy) || 1;
    return loop(from, Math.abs(dy) / length > 0.35 ? [0, Math.sign(dy)] : [Math.sign(dx), 0]);
  }
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const bend: Point = [(from.x + to.x) / 2 - dy * 0.09, (from.y + to.y) / 2 + dx * 0.09];
  const start = onBorder(from, bend, 0);
  const end = onBorder(to, bend, 1.5);
  return curve(start, bend, bend, end);
}

function box(name: string, x: number, y: number, most: number): PlacedNode {
  const shown = shorten(name, most - 10);
  return { name: shown, x, y, width: Math.min(Math.max(textWidth(shown) + 14, 26), most), height: nodeHeight };
}

/** A loop on the side of a node that `direction` points to. */
function loop({ x, y, width, height }: PlacedNode, [dx, dy]: Point): Arrow {
  const [px, py] = [x + (dx * width) / 2, y + (dy * height) / 2];
  const [ax, ay] = [dy * 6, dx * 6];
  const [bx, by] = [dy * 15 + dx * 26, dx * 15 + dy * 26];
  const control: Point = [px - dy * 15 + dx * 26, py - dx * 15 + dy * 26];
  return curve([px + ax, py + ay], [px + bx, py + by], control, [px - ax + dx, py - ay + dy]);
}

/** Where the way from a node's middle to `toward` leaves its box, and `gap` beyond. */
function onBorder({ x, y, width, height }: PlacedNode, toward: Point, gap: number): Point {
  const [dx, dy] = [toward[0] - x, toward[1] - y];
  const scale = Math.min(width / 2 / Math.abs(dx || 1e-9), height / 2 / Math.abs(dy || 1e-9));
  const length = Math.hypot(dx, dy) || 1;
  return [x + dx * scale + (dx / length) * gap, y + dy * scale + (dy / length) * gap];
}

/** A cubic curve whose line stops where the head begins. */
function curve(start: Point, first: Point, second: Point, end: Point): Arrow {
  const [dx, dy] = [end[0] - second[0], end[1] - second[1]];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const base: Point = [end[0] - ux * headLength, end[1] - uy * headLength];
  const [left, right]: [Point, Point] = [
    [base[0] - uy * 3.5, base[1] + ux * 3.5],
    [base[0] + uy * 3.5, base[1] - ux * 3.5],
  ];
  return {
    line: `M${at(start)}C${at(first)} ${at(second)} ${at([base[0] + ux, base[1] + uy])}`,
    head: `M${at(end)}L${at(left)}L${at(right)}z`,
  };
}

function at([x, y]: Point): string {
  return `${formatCoordinate(x)},${formatCoordinate(y)}`;
}
