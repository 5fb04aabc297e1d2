export * from './engine';
export * from './network/vast-egress';
export { VastPeeringOptions } from './network/vast-peer';
export { AttachedStorageOptions, EfsStorageOptions, VastDirectoryOptions, VastStorage } from './storage/vast-storage';
export { IVastDeployment, VastDeploymentBase } from './vast-deployment-base';
export * from './vast-deployment-props';
export * from './vast-deployment';
