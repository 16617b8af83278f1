import { approvalsIn } from '../../approvals/name.ts';
import { mattersIn } from '../../matters/name.ts';
import { approving, keepingRecords } from './people.ts';
import { allow, type IamStatement, onBucket, onFolder, onObjects, type PolicyBuckets } from './statement.ts';

/** The functions that `holdfast init --cloud obs` deploys, by the names of their resources in s.yaml. */
export const graphFunctionNames = [
  'dead-letter',
  'protect-existing',
  'policy-timer',
  'object-created',
] as const;
export type GraphFunctionName = (typeof graphFunctionNames)[number];

/** The policies in iam/: those of the functions, and those of the people who run commands. */
export const iamPolicyNames = [...graphFunctionNames, 'setup', 'examiner', 'records', 'approver'] as const;
export type IamPolicyName = (typeof iamPolicyNames)[number];

/** This is what protecting a version takes: to read it, its tags and its retention, and to set its retention. */
const protecting = ({ objectBuckets }: PolicyBuckets): IamStatement[] => [
  allow(
    [
      'obs:object:GetObject',
      'obs:object:GetObjectVersion',
      'obs:object:GetObjectTagging',
      'obs:object:GetObjectVersionTagging',
      'obs:object:GetObjectRetention',
      'obs:object:PutObjectRetention',
    ],
    objectBuckets.map((bucket) => onObjects(bucket)),
  ),
  allow(
    ['obs:bucket:ListBucketVersions', 'obs:bucket:GetBucketObjectLockConfiguration'],
    objectBuckets.map(onBucket),
  ),
];

/**
 * This is what a function that decides needs where the rules have `audit`: it writes evidence. It may not write matters and
 * approvals, which are kept in the same folder: people write them.
 */
const evidence = ({ audit }: PolicyBuckets): IamStatement[] =>
  audit === undefined
    ? []
    : [
        allow(['obs:object:PutObject'], [onFolder(audit)]),
        {
          Effect: 'Deny',
          Action: ['obs:object:PutObject'],
          Resource: [onFolder(mattersIn(audit)), onFolder(approvalsIn(audit))],
        },
      ];

/** This is what finding the open matters takes: uploads are kept for them, and repairs go on with it. */
const readingMatters = ({ audit }: PolicyBuckets): IamStatement[] =>
  audit === undefined
    ? []
    : [
        allow(['obs:object:GetObject', 'obs:object:GetObjectVersion'], [onFolder(mattersIn(audit))]),
        allow(['obs:bucket:ListBucketVersions'], [onBucket(audit.bucket)]),
      ];

/** The timer may read the rest of the evidence anyway. */
const readingVersions = ({ audit }: PolicyBuckets): IamStatement[] =>
  audit === undefined ? [] : [allow(['obs:object:GetObjectVersion'], [onFolder(mattersIn(audit))])];

/** The second may also turn WORM on, so it is given on the buckets of such rules alone. */
const keepingDefaults = ({ defaultBuckets = [] }: PolicyBuckets): IamStatement[] =>
  defaultBuckets.length === 0
    ? []
    : [
        allow(
          ['obs:bucket:GetBucketObjectLockConfiguration', 'obs:bucket:PutBucketObjectLockConfiguration'],
          defaultBuckets.map(onBucket),
        ),
      ];

/** The timer compares with its last evidence, and anchors the ends of all chains. */
const anchoring = ({ audit }: PolicyBuckets): IamStatement[] =>
  audit === undefined
    ? []
    : [
        allow(['obs:object:GetObject'], [onFolder(audit)]),
        allow(['obs:bucket:ListBucketVersions'], [onBucket(audit.bucket)]),
      ];

const inFolder = ({ deadLetters }: PolicyBuckets, part: string, ...verbs: string[]): IamStatement =>
  allow(
    verbs.map((verb) => `obs:object:${verb}`),
    [onObjects(deadLetters.bucket, `${deadLetters.prefix}${part}/`)],
  );

/**
 * Returns what the agency of a function may do in OBS, or the people who set buckets up, export, keep records or approve. None may delete anything, and no function may change a
 * bucket, but for the default retention that rules ask for.
 * @param name the resource in s.yaml, or who it is for
 */
export function iamStatements(name: IamPolicyName, buckets: PolicyBuckets): readonly IamStatement[] {
  const letters = inFolder(buckets, 'letters', 'PutObject', 'GetObject');
  // Without it the service may answer 403 instead of 404 for a letter that is not there yet.
  const looking = allow(['obs:bucket:ListBucket'], [onBucket(buckets.deadLetters.bucket)]);
  switch (name) {
    case 'dead-letter':
      return [letters, looking];
    case 'object-created':
      return [...protecting(buckets), letters, looking, ...evidence(buckets), ...readingMatters(buckets)];
    case 'protect-existing':
      return [
        ...readingInventories(buckets),
        ...protecting(buckets),
        ...repairing(buckets),
        letters,
        looking,
        ...evidence(buckets),
        ...readingMatters(buckets),
      ];
    case 'policy-timer':
      return [
        allow(['obs:bucket:ListAllMyBuckets'], ['obs:*:*:bucket:*']),
        ...protecting(buckets),
        ...keepingDefaults(buckets),
        ...repairing(buckets),
        looking,
        ...anchoring(buckets),
        ...readingVersions(buckets),
        ...evidence(buckets),
      ];
    case 'examiner':
      return examining(buckets);
    case 'records':
      return [...protecting(buckets), ...repairing(buckets), ...keepingRecords(buckets)];
    case 'approver':
      return approving(buckets);
    case 'setup':
      return [
        allow(['obs:bucket:ListAllMyBuckets'], ['obs:*:*:bucket:*']),
        allow(
          [
            'obs:bucket:GetBucketVersioning',
            'obs:bucket:PutBucketVersioning',
            'obs:bucket:GetBucketObjectLockConfiguration',
            'obs:bucket:PutBucketObjectLockConfiguration',
          ],
          buckets.objectBuckets.map(onBucket),
        ),
      ];
  }
}

/** This is what an export reads: versions, their tags and their retention, and all evidence with its retention. */
const examining = ({ objectBuckets, audit }: PolicyBuckets): IamStatement[] => {
  const reading = ['GetObject', 'GetObjectVersion', 'GetObjectRetention'].map((verb) => `obs:object:${verb}`);
  const tagging = ['obs:object:GetObjectTagging', 'obs:object:GetObjectVersionTagging'];
  return [
    allow(['obs:bucket:ListAllMyBuckets'], ['obs:*:*:bucket:*']),
    allow(['obs:bucket:ListBucketVersions'], objectBuckets.map(onBucket)),
    allow(
      [...reading, ...tagging],
      objectBuckets.map((bucket) => onObjects(bucket)),
    ),
    ...(audit === undefined
      ? []
      : [
          // Without ListBucket the service may answer 403 instead of 404 for evidence that is missing.
          allow(['obs:bucket:ListBucketVersions', 'obs:bucket:ListBucket'], [onBucket(audit.bucket)]),
          allow(reading, [onFolder(audit)]),
        ]),
  ];
};

/** This is what a repair keeps: how far it has come, and its record when it is done. */
const repairing = (buckets: PolicyBuckets): IamStatement[] => [
  allow(['obs:bucket:ListBucketVersions'], [onBucket(buckets.deadLetters.bucket)]),
  inFolder(buckets, 'fan-out', 'PutObject', 'GetObject'),
  inFolder(buckets, 'repairs', 'PutObject', 'GetObject'),
];

const readingInventories = ({ inventoryBucket }: PolicyBuckets): IamStatement[] =>
  inventoryBucket === undefined ? [] : [allow(['obs:object:GetObject'], [onObjects(inventoryBucket)])];
