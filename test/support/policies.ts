import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Need } from '../../shared/deploy/role-needs.ts';

/** A policy file of ram/ for functions. */
export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }[];
}

/** The real buckets that a placeholder of the files stands for. */
export type BucketNames = Readonly<Record<'BUCKET' | 'INVENTORY', readonly string[]>>;

/** A policy as a user makes it from the file that ships: every placeholder for a bucket becomes the buckets' own names. */
export function filledPolicy(file: string, names: BucketNames): PolicyDocument {
  const { Version, Statement }: PolicyDocument = JSON.parse(readFileSync(join('ram', file), 'utf8'));
  return {
    Version,
    Statement: Statement.map((statement) => ({
      ...statement,
      Resource: statement.Resource.flatMap((resource) => {
        const [hole] = /BUCKET|INVENTORY/.exec(resource) ?? [];
        if (hole !== 'BUCKET' && hole !== 'INVENTORY') return [resource];
        return names[hole].map((name) => resource.replace(hole, name));
      }),
    })),
  };
}

/** Writes the policies of all functions, filled with real names, into a folder. */
export function writePolicies(folder: string, names: BucketNames): void {
  for (const file of readdirSync('ram').filter((name) => /^(?!trust|trigger).*\.json$/.test(name))) {
    writeFileSync(join(folder, file), JSON.stringify(filledPolicy(file, names)));
  }
}

/** A policy that gives exactly these permissions. */
export function exactly(needs: readonly Need[]): string {
  const Statement = needs.map(({ action, resource, prefix }) => ({
    Effect: 'Allow',
    Action: [action],
    Resource: [`${action.startsWith('fc:') ? 'acs:fc:REGION' : 'acs:oss:*'}:ACCOUNT:${resource}`],
    ...(prefix !== undefined && { Condition: { StringLike: { 'oss:Prefix': [`${prefix}*`] } } }),
  }));
  return JSON.stringify({ Version: '1', Statement });
}
