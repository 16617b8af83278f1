import type { CloudName } from './address.ts';

/** The names that one cloud has for what both have. */
export interface CloudWords {
  /** The storage service. */
  readonly service: string;
  /** Who answers for it. */
  readonly support: string;
  /** What has to be on for a bucket that takes retention. */
  readonly objectLock: string;
  /** The product that the functions run on. */
  readonly functions: string;
}

/** The words of each cloud, for messages. */
export const cloudWords: Readonly<Record<CloudName, CloudWords>> = {
  oss: {
    service: 'OSS',
    support: 'Alibaba Cloud',
    objectLock: 'ObjectWorm',
    functions: 'Function Compute',
  },
  obs: {
    service: 'OBS',
    support: 'Huawei Cloud',
    objectLock: 'WORM',
    functions: 'FunctionGraph',
  },
};
