export * from './vast-version';
