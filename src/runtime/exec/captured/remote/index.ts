export { DIRECTORY_PREFIX } from './directory';
export { CHUNK_BYTES } from './output';
export * from './program';
