export { CAPTURED_COMMAND } from './bootstrap';
export type { CapturedResult, LeftProcess } from './captured-result';
export { runCaptured } from './captured-run';
export { type CapturedCommand, checked as checkCommand } from './command';
export * from './errors';
