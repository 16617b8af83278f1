import * as z from 'zod';

/** This is what nobody outside knows of OBS, or what differs by region: each can be switched. */
export const quirksForm = z.strictObject({
  /** A retention with the date that is stored already is answered 200 instead of 400. */
  equalDateAccepted: z.boolean().optional(),
  /** The region offers no tags: 405. */
  noTags: z.boolean().optional(),
  /** The region offers no WORM: buckets cannot be given it. */
  noWorm: z.boolean().optional(),
  /** Callers have no GetObjectRetention: HEAD leaves the two headers out. */
  retentionHidden: z.boolean().optional(),
  /** Events come by EventGrid, as CloudEvents. */
  eventGrid: z.boolean().optional(),
  /** Events name no version, as those of buckets without versions. */
  eventsWithoutVersion: z.boolean().optional(),
});

/** The switches of an embedded OBS; one that is absent is off. */
export type ObsQuirks = z.infer<typeof quirksForm>;
