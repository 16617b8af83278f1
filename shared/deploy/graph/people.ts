import { approvalsFolder, approvalsIn } from '../../approvals/name.ts';
import { mattersFolder } from '../../matters/name.ts';
import type { ObjectPrefix } from '../../rules/types.ts';
import { allow, type IamStatement, onBucket, onFolder, onObjects, type PolicyBuckets } from './statement.ts';

/** Evidence lies by years: this is what each of its files begins with. */
const records = '2';

/** This is what reading the matters, the approvals and the evidence takes. */
const reading = (audit: ObjectPrefix): IamStatement[] => [
  allow(['obs:bucket:ListBucketVersions'], [onBucket(audit.bucket)]),
  allow(['obs:object:GetObject', 'obs:object:GetObjectVersion'], [onFolder(audit)]),
];

/** This is what writing takes, and retaining what was written where a rule asks for it. */
const writing = ({ bucket, prefix }: ObjectPrefix, parts: readonly string[]): IamStatement =>
  allow(
    ['obs:object:PutObject', 'obs:object:PutObjectRetention'],
    parts.map((part) => onObjects(bucket, `${prefix}${part}`)),
  );

/**
 * Returns what whoever runs `hold`, `protect` and `disposition` needs besides what protecting a version takes: they write evidence and
 * matters, and no approval.
 */
export const keepingRecords = ({ audit }: PolicyBuckets): IamStatement[] => [
  allow(['obs:bucket:ListAllMyBuckets'], ['obs:*:*:bucket:*']),
  ...(audit === undefined
    ? []
    : [
        ...reading(audit),
        writing(audit, [records, mattersFolder]),
        {
          Effect: 'Deny' as const,
          Action: ['obs:object:PutObject'],
          Resource: [onFolder(approvalsIn(audit))],
        },
      ]),
];

/** Returns what whoever runs `approve` needs: they write below the folder of their own access key alone. */
export const approving = ({ audit, approver = 'ACCESSKEY' }: PolicyBuckets): IamStatement[] =>
  audit === undefined ? [] : [...reading(audit), writing(audit, [records, `${approvalsFolder}${approver}/`])];
