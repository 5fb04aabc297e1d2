export * from './clock';
export * from './errors';
export type { DataKeyRequest, GetDataKey } from './handshake';
export type { Resume, StreamAddress } from './line';
export { Session } from './session';
export * from './session-channel';
export type { DataKey } from './session-cipher';
export * from './session-props';
export * from './transport';
