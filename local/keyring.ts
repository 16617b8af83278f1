import { randomBytes } from 'node:crypto';

/** A key that the embedded cloud accepts, and whom it stands for. */
export interface Key {
  readonly secret: string;
  /** Must come with every request, when there is one. */
  readonly securityToken?: string;
  /** The clock that the holder of the key signs by; `machine` unless given. */
  readonly clock?: 'machine' | 'virtual';
  /** `user holdfast`, `function holdfast-policy-timer` */
  readonly principal: string;
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** The access keys of the embedded cloud. */
export interface Keyring {
  find(accessKeyId: string): Key | undefined;
  /** Makes temporary credentials for a function's role, as STS does. */
  issue(functionName: string): TemporaryKey;
  /** Makes temporary credentials for a client outside, which signs by the machine's clock. */
  issueOutside(principal: string): TemporaryKey;
}

/** An access key that is good only with its token. */
export interface TemporaryKey extends AccessKey {
  readonly securityToken: string;
}

/** The key of `holdfast local` unless another is given. */
export const defaultAccessKey: AccessKey = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };

/** Temporary credentials kept; the oldest go first, long after their invocation is over. */
const mostTemporary = 10_000;

/** Makes a keyring that knows the given users' keys. */
export function createKeyring(users: readonly AccessKey[]): Keyring {
  const permanent = new Map<string, Key>(
    users.map(({ accessKeyId, accessKeySecret }) => [
      accessKeyId,
      { secret: accessKeySecret, principal: `user ${accessKeyId}` },
    ]),
  );
  const temporary = new Map<string, Key>();
  const issue = (principal: string, clock: 'machine' | 'virtual'): TemporaryKey => {
    const accessKeyId = `STS.${randomBytes(12).toString('hex')}`;
    const accessKeySecret = randomBytes(20).toString('hex');
    const securityToken = randomBytes(48).toString('base64');
    temporary.set(accessKeyId, { secret: accessKeySecret, securityToken, clock, principal });
    const [oldest] = temporary.keys();
    if (temporary.size > mostTemporary && oldest !== undefined) temporary.delete(oldest);
    return { accessKeyId, accessKeySecret, securityToken };
  };
  return {
    find: (accessKeyId) => permanent.get(accessKeyId) ?? temporary.get(accessKeyId),
    issue: (functionName) => issue(`function ${functionName}`, 'virtual'),
    issueOutside: (principal) => issue(principal, 'machine'),
  };
}
