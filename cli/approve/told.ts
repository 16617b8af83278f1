import * as z from 'zod';
import { cloudNames } from '../../shared/platform/address.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { quantity } from '../../shared/platform/quantity.ts';
import { visible } from '../../shared/platform/visible.ts';
import { size } from '../../shared/report/words.ts';

/*
 * A plan of one act is what a command has printed. Only the act in it is approved, and nothing signs the rest: it is shown as what the
 * plan says, and what has another form is left out.
 */

const count = z.int().nonnegative();
const instant = z.coerce.date();

/** The parts of a document that tell what its act comes to. */
export const toldByPlan = z.object({
  cloud: z.enum(cloudNames).optional().catch(undefined),
  // A release tells these:
  reason: z.string().optional().catch(undefined),
  lifted: count.optional().catch(undefined),
  deletableNow: count.optional().catch(undefined),
  lastDeletable: instant.optional().catch(undefined),
  failed: count.optional().catch(undefined),
  // A run of protect tells these:
  bytes: count.optional().catch(undefined),
  unsized: count.optional().catch(undefined),
  rules: z.record(z.string(), z.record(z.string(), z.unknown())).optional().catch(undefined),
});

/** It says what the dry run of an act has told beside the act. */
export type ToldByPlan = z.infer<typeof toldByPlan>;

/** Returns what a plan says of a release, as names and values. Pure. */
export function toldOfRelease({ reason, lifted, deletableNow, lastDeletable, failed = 0 }: ToldByPlan) {
  const parts = [
    ...(lifted === undefined ? [] : [`${quantity(lifted, 'hold')} would be taken off`]),
    ...(deletableNow === undefined ? [] : [`${quantity(deletableNow, 'version')} could be deleted at once`]),
    ...(lastDeletable === undefined ? [] : [`all by ${formatInstant(lastDeletable)}`]),
    ...(failed === 0 ? [] : [`${quantity(failed, 'version')} failed`]),
  ];
  return [
    ...(reason === undefined ? [] : [['why released', visible(reason)] as const]),
    ...(parts.length === 0 ? [] : [['plan says', parts.join(', ')] as const]),
  ];
}

/** Returns what a plan says of a run of protect, as names and values. Pure. */
export function toldOfRun({ bytes, unsized = 0, rules = {}, failed = 0 }: ToldByPlan) {
  const byRule = Object.entries(rules).flatMap(([rule, { 'would-protect': versions }]) =>
    typeof versions === 'number' ? [`${quantity(versions, 'version')} by ${visible(rule)}`] : [],
  );
  const parts = [
    ...(bytes === undefined ? [] : [size({ bytes, unsized })]),
    ...byRule,
    ...(failed === 0 ? [] : [`${quantity(failed, 'version')} could not be looked at`]),
  ];
  return parts.length === 0 ? [] : [['plan says', parts.join(', ')] as const];
}
