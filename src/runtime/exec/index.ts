export { type CapturedResult, CommandNotStartedError, ExecFault, ExecOutcomeUnknownError, type LeftProcess, MissingProgramsError } from './captured';
export * from './errors';
export type { ExecuteOptions } from './execute';
export { type InteractiveEnd, type InteractiveOptions, refuseWithoutTerminal, runInteractive } from './interactive';
export type { OpenSessionOptions } from './open-session';
export {
  type SessionChannel, type SessionEnd, SessionEncryptionError, SessionEndedError, SessionExpiredError, SessionLostError, SessionOpenError,
} from './session';
export { SessionConnectionError } from './websocket-transport';
export type { TerminalSize } from './wire';
