/**
 * What the client's Lambda function is asked, and what it answers.
 *
 * Shared by the program in the function's image and by whoever calls the function, so that the two cannot differ.
 */
export * from './contract/event';
export { environmentProblems } from './contract/event-environment';
export * from './contract/frame-decoder';
export * from './contract/frames';
export { hasHalfCharacters } from './contract/half-characters';
export * from './contract/result';
