export { Client, type RunOptions } from './client';
export * from './client-errors';
export type { CommandInput } from './command-event';
export { read, readCommand } from './command-source';
export type { CommandRun } from './streamed-call';
