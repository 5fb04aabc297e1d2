export { CAPTURED_COMMAND } from './bootstrap';
export type { CapturedResult, LeftProcess } from './captured-result';
export { runCaptured } from './captured-run';
export type { CapturedCommand } from './command';
export * from './errors';
