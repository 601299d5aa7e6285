/**
 * Numbers as people read them.
 */

/** `1234567` as `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A number of parameters: `0.81M`, `10.7M`, `12,345`. */
export function formatParameters(count: number): string {
  if (count < 1e5) return formatCount(count);
  const [value, unit] = count < 1e9 ? [count / 1e6, "M"] : [count / 1e9, "B"];
  return `${value.toFixed(value < 10 ? 2 : 1)}${unit}`;
}

/** `850 kB`, `1.2 MB`, `3.4 GB`: powers of ten. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** `5s`, `2m 05s`, `3h 20m`. */
export function formatDuration(seconds: number): string {
  const total = Math.max(0, Math.round(seconds));
  const pad = (value: number): string => String(value).padStart(2, "0");
  if (total < 60) return `${total}s`;
  if (total < 3600) return `${Math.floor(total / 60)}m ${pad(total % 60)}s`;
  return `${Math.floor(total / 3600)}h ${pad(Math.floor((total % 3600) / 60))}m`;
}
