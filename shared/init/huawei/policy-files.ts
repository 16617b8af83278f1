import { iamPolicyNames, iamStatements, type PolicyBuckets } from '../../deploy/graph/policies.ts';

/** BUCKET stands for the names of the object buckets, and INVENTORY for the bucket that inventories are written to. */
const example: PolicyBuckets = {
  objectBuckets: ['BUCKET'],
  deadLetters: { bucket: 'holdfast-dead-letters', prefix: 'dead-letters/' },
  inventoryBucket: 'INVENTORY',
  audit: undefined,
};

/** Returns the IAM policies that ship in iam/, by the names of their files. Those of functions have the statements of main.tf.json. */
export const iamPolicyFiles = (): ReadonlyMap<string, string> =>
  new Map(
    iamPolicyNames.map((name) => {
      const policy = { Version: '1.1', Statement: iamStatements(name, example) };
      return [`${name}.json`, `${JSON.stringify(policy, null, 2)}\n`];
    }),
  );
