import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { type AccessKey, defaultAccessKey } from '../../local/keyring.ts';
import { isBucketName } from '../../shared/init/answers.ts';
import { type Address, type CloudName, isCloudName, parseAddress } from '../../shared/platform/address.ts';
import { instantIn } from '../options/read-instant.ts';

/** These are the options of `holdfast local`. */
export interface LocalCloudOptions {
  readonly json?: boolean;
  readonly port: number;
  readonly host?: readonly string[];
  readonly accessKey?: readonly AccessKey[];
  readonly rules?: string;
  readonly template?: string;
  readonly clock?: Date;
  readonly data?: string;
  readonly empty?: boolean;
  readonly quiet?: boolean;
  readonly enforceRoles?: boolean;
  readonly faults?: string;
  readonly upload?: Address;
  readonly demo?: boolean;
  readonly cloud: readonly CloudName[];
  readonly obsPort?: number;
}

export function readClouds(text: string): CloudName[] {
  const names = text.split(',');
  const known = names.filter(isCloudName);
  if (known.length === names.length && new Set(known).size === known.length) return known;
  throw new InvalidArgumentError('Expected oss, obs, or oss,obs.');
}

export function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('Expected 0 to 65535.');
  return port;
}

/** Collects the values of --host: one address at most, since there is one listener, and any number of names. */
export function collectHost(text: string, before: readonly string[] = []): readonly string[] {
  if (isIP(text) === 0 && !/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/i.test(text)) {
    throw new InvalidArgumentError('Expected an IP address or a host name, without port.');
  }
  if (isIP(text) !== 0 && before.some((host) => isIP(host) !== 0)) {
    throw new InvalidArgumentError('Expected one IP address at most; 0.0.0.0 listens on all.');
  }
  return [...before, text];
}

/** Collects the values of --access-key: `ID:SECRET`, of people beside the one that is always there. */
export function collectAccessKey(text: string, before: readonly AccessKey[] = []): readonly AccessKey[] {
  const { id, secret } = /^(?<id>[\w.-]+):(?<secret>[\x21-\x7e]+)$/.exec(text)?.groups ?? {};
  if (id === undefined || secret === undefined) {
    throw new InvalidArgumentError('Expected ID:SECRET, in plain ASCII text without spaces.');
  }
  if ([defaultAccessKey, ...before].some(({ accessKeyId }) => accessKeyId === id)) {
    throw new InvalidArgumentError(`There is an access key ${id} already.`);
  }
  return [...before, { accessKeyId: id, accessKeySecret: secret }];
}

export function readUploadAddress(text: string): Address {
  const at = parseAddress(text);
  if (at === undefined || at.key === '' || !isBucketName(at.bucket, at.cloud)) {
    throw new InvalidArgumentError('Expected oss://bucket/key or obs://bucket/key.');
  }
  return at;
}

export function readClock(text: string): Date {
  const instant = instantIn(text);
  if (instant === undefined)
    throw new InvalidArgumentError('Expected ISO 8601, such as 2026-11-20T10:00:00Z.');
  return instant;
}
