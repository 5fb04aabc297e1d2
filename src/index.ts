export * from './engine';
export * from './network/vast-egress';
export type { VastPeeringOptions } from './network/vast-peer';
export type { AttachedStorageOptions, EfsStorageOptions, VastDirectoryOptions } from './storage/vast-storage';
export { VastStorage } from './storage/vast-storage';
export type { IVastDeployment } from './vast-deployment-base';
export { VastDeploymentBase } from './vast-deployment-base';
export * from './vast-deployment-props';
export * from './vast-deployment';
