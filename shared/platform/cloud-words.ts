import { type CloudName, formatAddress } from './address.ts';

/** The names that one cloud has for what both have, and the commands of its own tools. */
export interface CloudWords {
  /** The region that is meant where none is named. */
  readonly region: string;
  /** The storage service. */
  readonly service: string;
  /** This is what has to be on for a bucket that takes retention. */
  readonly objectLock: string;
  /** The product that the functions run on. */
  readonly functions: string;
  /** The option that tells a command without an address which cloud is meant, with the blank before it; empty for the cloud that is meant otherwise. */
  readonly option: string;
  /** Tells what repairs a bucket every day. */
  readonly dailyRepair: string;
  /** The command that makes a bucket. */
  makeBucket(bucket: string, region: string): string;
  /** Tells what turns versioning on. */
  versioningOn(bucket: string): string;
  /** Tells what turns object lock on; nobody can turn it off again. */
  objectLockOn(bucket: string): string;
}

/** The words of each cloud, for messages. */
export const cloudWords: Readonly<Record<CloudName, CloudWords>> = {
  oss: {
    region: 'cn-hangzhou',
    service: 'OSS',
    objectLock: 'ObjectWorm',
    functions: 'Function Compute',
    option: '',
    dailyRepair: 'let an inventory start it every day',
    makeBucket: (bucket, region) => `ossutil mb ${formatAddress('oss', { bucket })} --region ${region}`,
    versioningOn: (bucket) =>
      `ossutil api put-bucket-versioning --bucket ${bucket} --versioning-configuration '{"Status":"Enabled"}'`,
    objectLockOn: (bucket) =>
      `ossutil api put-bucket-object-worm-configuration --bucket ${bucket} --object-worm-configuration '{"ObjectWormEnabled":"Enabled"}' (by invitation; it can never be turned off again)`,
  },
  obs: {
    region: 'cn-north-4',
    service: 'OBS',
    objectLock: 'WORM',
    functions: 'FunctionGraph',
    option: ' --cloud obs',
    dailyRepair: 'see why the function policy-timer does not do it every day',
    makeBucket: (bucket, region) => `obsutil mb ${formatAddress('obs', { bucket })} -location=${region}`,
    versioningOn: (bucket) => `holdfast setup --cloud obs --enable-versioning ${bucket}`,
    objectLockOn: (bucket) =>
      `holdfast setup --cloud obs --enable-object-worm ${bucket} (it can never be turned off again)`,
  },
};
