import { iamPolicyNames, iamStatements } from '../../deploy/graph/policies.ts';
import type { PolicyBuckets } from '../../deploy/graph/statement.ts';

/** BUCKET stands for the names of the object buckets, INVENTORY for the bucket that inventories are written to, and EVIDENCE and FOLDER for those of the evidence. */
const example: PolicyBuckets = {
  objectBuckets: ['BUCKET'],
  deadLetters: { bucket: 'holdfast-dead-letters', prefix: 'dead-letters/' },
  inventoryBucket: 'INVENTORY',
  audit: undefined,
};

/** Those who read the evidence. */
const ofPeople: ReadonlySet<string> = new Set(['examiner', 'records', 'approver']);

/** Returns the IAM policies that ship in iam/, by the names of their files. Those of functions have the statements of main.tf.json. */
export const iamPolicyFiles = (): ReadonlyMap<string, string> =>
  new Map(
    iamPolicyNames.map((name) => {
      // What `audit` adds to the functions is in iam/README.md, since many have none.
      const audit = ofPeople.has(name) ? { bucket: 'EVIDENCE', prefix: 'FOLDER/' } : undefined;
      const policy = { Version: '1.1', Statement: iamStatements(name, { ...example, audit }) };
      return [`${name}.json`, `${JSON.stringify(policy, null, 2)}\n`];
    }),
  );
