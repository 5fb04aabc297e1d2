export { type InteractiveEnd, type InteractiveOptions, refuseWithoutTerminal, runInteractive } from './run-interactive';
