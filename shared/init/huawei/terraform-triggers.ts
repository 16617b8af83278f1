import type { PolicyBuckets } from '../../deploy/graph/statement.ts';
import type { FunctionProps, TimerTrigger } from '../../deploy/template.ts';
import { functionUrn, jsonText, quotedText } from './terraform-text.ts';

/** The answers that say how events come. */
export interface EventAnswers {
  readonly region: string;
  /** Those of the object buckets whose uploads come by EventGrid also where OBS has triggers. */
  readonly eventGridBuckets: readonly string[];
}

/**
 * Tells whether events come by EventGrid in a region: those of the Chinese mainland take no trigger of type OBS
 * (FunctionGraph, "Creating a Trigger", 2025-10-31).
 */
const needsEventGrid = (region: string): boolean => region.startsWith('cn-');

/** Tells whether any events come by EventGrid, which takes an agency of its own. */
export const usesEventGrid = ({ region, eventGridBuckets }: EventAnswers): boolean =>
  needsEventGrid(region) || eventGridBuckets.length > 0;

/** A function that something fires. */
interface Fired {
  /** The name of its resources in Terraform. */
  readonly id: string;
  readonly props: FunctionProps;
}

/** Returns the triggers of the functions: timers, uploads and inventories. */
export function triggersOf(
  functions: readonly Fired[],
  {
    region,
    objectBuckets,
    eventGridBuckets,
    inventoryBucket,
  }: EventAnswers & Pick<PolicyBuckets, 'objectBuckets' | 'inventoryBucket'>,
) {
  const timers = functions.flatMap(({ id, props }) =>
    props.triggers.flatMap((trigger) =>
      trigger.triggerType === 'timer' ? [[id, timerOf(id, trigger)] as const] : [],
    ),
  );
  const by = needsEventGrid(region) ? byEventGrid : byObs;
  const uploads = objectBuckets.map((bucket, index) => [
    `upload_${index}`,
    (eventGridBuckets.includes(bucket) ? byEventGrid : by)({
      id: 'object_created',
      name: `uploads-${bucket}`,
      bucket,
      suffix: '',
    }),
  ]);
  const inventories =
    inventoryBucket === undefined
      ? []
      : [['inventory', by({ id: 'protect_existing', ...arrivalIn(inventoryBucket) })]];
  return Object.fromEntries([...timers, ...inventories, ...uploads]);
}

/** OBS writes the manifest last, when all files of the inventory are there. */
const arrivalIn = (bucket: string) => ({ name: `inventories-${bucket}`, bucket, suffix: 'manifest.json' });

/** The new objects that fire a function. */
interface Arrival {
  /** The function, by the name of its resources. */
  readonly id: 'object_created' | 'protect_existing';
  readonly name: string;
  readonly bucket: string;
  /** The end of their keys. */
  readonly suffix: string;
}

/** The zone of an expression without one is not documented, so it is written out. */
const timerOf = (id: string, { triggerName, triggerConfig }: TimerTrigger) => ({
  function_urn: `\${${functionUrn(id)}}`,
  type: 'TIMER',
  event_data: jsonText({
    name: triggerName,
    schedule_type: 'Cron',
    schedule: /^(?:CRON_TZ=|@every)/.test(triggerConfig.cronExpression)
      ? triggerConfig.cronExpression
      : `CRON_TZ=UTC ${triggerConfig.cronExpression}`,
    user_event: triggerConfig.payload ?? '',
  }),
});

/** No upload fires a function whose failures have no place yet. */
const afterDestination = (id: Arrival['id']) => ({
  depends_on: [
    'huaweicloud_fgs_async_invoke_configuration.dead_letter',
    `huaweicloud_fgs_async_invoke_configuration.${id}`,
  ],
});

const byObs = ({ id, name, bucket, suffix }: Arrival) => ({
  function_urn: `\${${functionUrn(id)}}`,
  type: 'OBS',
  event_data: jsonText({ name, bucket, events: ['s3:ObjectCreated:*'], prefix: '', suffix }),
  ...afterDestination(id),
});

/**
 * The service answers other data than it was given, so changes of them are not followed (the provider's own example). It names no field
 * for the end of a key: the function leaves what it is not for.
 */
const byEventGrid = ({ id, name, bucket }: Arrival) => ({
  function_urn: `\${${functionUrn(id)}}`,
  type: 'EVENTGRID',
  cascade_delete_eg_subscription: true,
  event_data: `\${jsonencode({"channel_id" = data.huaweicloud_eg_event_channels.official.channels[0].id, "channel_name" = data.huaweicloud_eg_event_channels.official.channels[0].name, "source_name" = "HC.OBS.DWR", "trigger_name" = ${quotedText(name)}, "agency" = var.eventgrid_agency, "bucket" = ${quotedText(bucket)}, "event_types" = ["OBS:DWR:ObjectCreated:PUT", "OBS:DWR:ObjectCreated:POST", "OBS:DWR:ObjectCreated:COPY", "OBS:DWR:ObjectCreated:CompleteMultipartUpload"], "Key_encode" = true})}`,
  lifecycle: { ignore_changes: ['event_data'] },
  ...afterDestination(id),
});
