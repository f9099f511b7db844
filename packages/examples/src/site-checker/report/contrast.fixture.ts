/** How well a text stands out, as WCAG 2.2 measures it in 1.4.3: 4.5 is enough for any text. */
export function contrast(ink: string, ground: string): number {
  const [lighter, darker] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

/** @param color as `#rgb`, `#rrggbb` or `rgb(…)` */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
    const value = channel / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color: string): number[] {
  if (!color.startsWith('#')) return (color.match(/[\d.]+/g) ?? []).map(Number);
  const digits = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join('') : color.slice(1);
  return (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}
