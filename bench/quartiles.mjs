// What is compared is the median; the quartiles say how much it is to be trusted.

const quantile = (sorted, part) => sorted[Math.round((sorted.length - 1) * part)];

export function quartiles(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}
