import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { HOURS } = createRequire(import.meta.url)('../cost-doc/costs.cjs');

/** Amounts of money in documents and docstrings that do not follow from the named prices, which docs/cost.md is made from. */
export function checkPrices(files) {
  const amounts = amountsFrom(JSON.parse(readFileSync('build-tools/cost-doc/prices.json', 'utf8')).prices);
  return [...files, ...sourcesIn('src')].flatMap(file => [...readFileSync(file, 'utf8').matchAll(/(?<![\d.])(\d+(?:\.(\d+))?) USD/g)]
    .filter(([, said, decimals = '']) => !amounts.some(amount => amount.toFixed(decimals.length) === said))
    .map(([, said]) => `${file}: no price is ${said} USD`));
}

/** What may stand in a sentence, rounded: each price, that of an hour for a month, and what is bought together. */
function amountsFrom(prices) {
  const usd = Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, price.usd]));
  const server = (2 * usd.fargateVcpuHour + 4 * usd.fargateGbHour) * HOURS;
  const idle = (usd.natHour + usd.ipv4Hour) * HOURS + usd.zoneMonth;
  return [
    ...Object.values(usd),
    ...Object.keys(usd).filter(name => name.endsWith('Hour')).map(name => usd[name] * HOURS),
    // A one-off task; the server, what stays when it is stopped, and both.
    usd.fargateVcpuHour / 2 + usd.fargateGbHour,
    server,
    idle,
    server + idle,
  ];
}

function sourcesIn(directory) {
  return readdirSync(directory, { recursive: true }).filter(file => file.endsWith('.ts')).map(file => path.join(directory, file)).sort();
}
