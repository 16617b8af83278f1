/** An alert rule of Simple Log Service: a query over a span of the log, and what of its result raises it. */
export interface Alarm {
  /** Its id in the project. */
  readonly name: string;
  readonly title: string;
  /** The search, `|`, and an analytic statement that gives one row. */
  readonly query: string;
  readonly spanMinutes: number;
  readonly everyMinutes: number;
  /** An expression over the columns of the row. */
  readonly condition: string;
  /** So many evaluations in a row have to raise it. */
  readonly times: number;
  /** 6 is medium, 8 high, 10 critical. */
  readonly severity: 6 | 8 | 10;
  /** The line that tells a person what to do. */
  readonly remedy: string;
  /** The function whose lines it waits for; where that is not deployed the alarm would never be quiet, or never raised. */
  readonly of?: 'policy-timer';
}

/** A line that a function has logged, by its keys: Function Compute keeps it in `message`. */
const line = (key: string, value: string): string => `message.${key}: "${value}"`;

/**
 * The alarms of docs/operations.md, in its order. Every figure is in a log line: in ours, or in the request metrics that
 * `enableRequestMetrics` in s.yaml lets Function Compute write into the same logstore (Function Compute, "Log fields").
 */
export const alarms: readonly Alarm[] = [
  {
    name: 'holdfast-error',
    title: 'Holdfast: something needs a person',
    query: `${line('level', 'error')} | select count(1) as lines`,
    spanMinutes: 15,
    everyMinutes: 15,
    condition: 'lines > 0',
    times: 1,
    severity: 8,
    remedy: 'read the lines of level error: code and remedy say what to do',
  },
  {
    name: 'holdfast-function-errors',
    title: 'Holdfast: a function has failed for an hour',
    query: `${line('msg', 'the invocation failed')} or hasFunctionError: "true" | select count(1) as failures`,
    spanMinutes: 15,
    everyMinutes: 15,
    condition: 'failures > 0',
    times: 4,
    severity: 8,
    remedy: 'its events are repeated, and end as dead letters: read its lines of level error',
  },
  {
    name: 'holdfast-timer-silent',
    title: 'Holdfast: the timer has not run for 45 minutes',
    query: `${line('function', 'policy-timer')} and ${line('msg', 'the run is over')} | select count(1) as runs`,
    spanMinutes: 45,
    everyMinutes: 15,
    condition: 'runs == 0',
    times: 1,
    severity: 10,
    of: 'policy-timer',
    remedy: 'policies may lapse: see whether the trigger of policy-timer is enabled, and run holdfast doctor',
  },
  {
    name: 'holdfast-deadline',
    title: 'Holdfast: a policy has under two hours to be locked',
    query: `${line('msg', 'the run is over')} and message.soonestDeadline.hoursLeft < 2 | select count(1) as runs`,
    spanMinutes: 20,
    everyMinutes: 15,
    condition: 'runs > 0',
    times: 1,
    severity: 10,
    of: 'policy-timer',
    remedy: 'lock it, or let it lapse: holdfast plan names the bucket',
  },
  {
    name: 'holdfast-dead-letter',
    title: 'Holdfast: an event failed to the end',
    query: `${line('msg', 'a dead letter')} or ${line('msg', 'not kept')} | select count(1) as letters`,
    spanMinutes: 15,
    everyMinutes: 15,
    condition: 'letters > 0',
    times: 1,
    severity: 8,
    remedy: 'an object may be unprotected: holdfast redrive, then holdfast redrive replay',
  },
  {
    name: 'holdfast-doctor',
    title: 'Holdfast: the set-up is not what the rules need',
    query: `${line('function', 'doctor')} and message.failures > 0 | select count(1) as runs`,
    spanMinutes: 24 * 60,
    everyMinutes: 60,
    condition: 'runs > 0',
    times: 1,
    severity: 8,
    remedy: 'run holdfast doctor: each line says what fixes it',
  },
  {
    name: 'holdfast-audit',
    title: 'Holdfast: evidence is missing, changed or not retained',
    query: `${line('function', 'audit')} and message.failures > 0 | select count(1) as runs`,
    spanMinutes: 24 * 60,
    everyMinutes: 60,
    condition: 'runs > 0',
    times: 1,
    severity: 10,
    remedy: 'run holdfast audit verify: it names the files',
  },
];

/**
 * This is what the alarms search by, as keys of the index: those of our lines below `message`, and those of the
 * service beside it.
 */
export const indexedKeys = {
  ofLines: {
    text: ['level', 'msg', 'function', 'code', 'bucket', 'action', 'requestId'],
    whole: ['failures'],
    decimal: ['soonestDeadline.hoursLeft'],
  },
  ofService: ['functionName', 'hasFunctionError', 'errorType', 'requestId'],
} as const;

/** The action policy that every account has (Simple Log Service, "Built-in action policy"). */
export const builtInActionPolicy = 'sls.builtin';

/** This is where an alert rule looks, and the action policy of Simple Log Service that says who is told. */
export interface AlarmPlace {
  readonly project: string;
  readonly logstore: string;
  readonly region: string;
  readonly actionPolicy: string;
}

/**
 * Makes the alert rule as CreateAlert takes it.
 * Source: Simple Log Service, "Data structure of an alert rule" (2025).
 */
export function alertRule(alarm: Alarm, { project, logstore, region, actionPolicy }: AlarmPlace) {
  return {
    name: alarm.name,
    displayName: alarm.title,
    description: '',
    type: 'Alert',
    schedule: { type: 'FixedRate', interval: `${alarm.everyMinutes}m` },
    configuration: {
      version: '2.0',
      type: 'default',
      dashboard: 'internal-alert-analysis',
      queryList: [
        {
          storeType: 'log',
          region,
          project,
          store: logstore,
          query: alarm.query,
          timeSpanType: 'Relative',
          start: `-${alarm.spanMinutes}m`,
          end: 'now',
          powerSqlMode: 'auto',
        },
      ],
      groupConfiguration: { type: 'no_group', fields: [] },
      joinConfigurations: [],
      severityConfigurations: [
        { severity: alarm.severity, evalCondition: { condition: alarm.condition, countCondition: '' } },
      ],
      threshold: alarm.times,
      noDataFire: false,
      noDataSeverity: alarm.severity,
      sendResolved: true,
      autoAnnotation: true,
      labels: [],
      annotations: [
        { key: 'title', value: alarm.title },
        { key: 'desc', value: alarm.remedy },
      ],
      policyConfiguration: {
        alertPolicyId: 'sls.builtin.dynamic',
        actionPolicyId: actionPolicy,
        repeatInterval: '4h',
      },
    },
  };
}
