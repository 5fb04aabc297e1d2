export * from './message';
export * from './message-types';
export * from './payloads';
