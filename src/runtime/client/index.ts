export { Client, type ClientRunOptions, type ClientSubmitOptions } from './client';
export * from './errors';
export type { ClientRunResult } from './outcome';
