import { decideObject, judgeRule } from '../../shared/objects/decide.ts';
import { extensionOf } from '../../shared/objects/record.ts';
import { dateOf } from '../../shared/objects/retain.ts';
import { asError } from '../../shared/objects/settle.ts';
import type { ObjectDecision, ObservedVersion } from '../../shared/objects/types.ts';
import { skippedReasons } from '../../shared/objects/unretainable.ts';
import { type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { cloudWords } from '../../shared/platform/cloud-words.ts';
import { failure, type HoldfastError, hasCode } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { visible } from '../../shared/platform/visible.ts';
import { findCollision } from '../../shared/rules/collision.ts';
import { explainMatch, type Mismatch } from '../../shared/rules/match.ts';
import type { ObjectRule, Rules } from '../../shared/rules/types.ts';
import { color, describeError, objectUrl, type Report, shownVersionId, table } from '../terminal/output.ts';
import { type HeldBy, heldByLines } from '../world/held-by.ts';
import {
  objectLockData,
  objectLockInWords,
  objectLockRemedy,
  type SeenObjectLock,
  takesNoRetention,
} from '../world/object-lock.ts';
import type { SeenObject } from '../world/observe-object.ts';

/** Returns every object rule with what it says of one object, the decision, and what stands in its way. */
export function explainObject(
  rules: Rules,
  { version, described, now, held, objectLock }: SeenObject,
): Report {
  const decision = decideObject(rules, version, now);
  const { cloud } = rules;
  const shown = rules.objects.filter(({ matter }) => matter === undefined || matter.covers(version));
  const verdicts = shown.map((rule) => judge(rules, rule, { version, decision, now }));
  const errors = errorsOf(rules, { version, decision, objectLock, held });
  const isBarred = hasCode(errors[0], 'RULES_COLLIDE', 'OBJECT_WORM_OFF', 'WORM_NOT_OFFERED');
  const sentence = isBarred ? 'would fail, whatever the rules above say' : inWords(decision);
  const write = isBarred ? undefined : writeOf(decision);
  const rows = verdicts.map(({ rule, matched, wins, says }) => [
    wins ? color.green(rule) : rule,
    matched ? color.green(wins ? 'yes, wins' : 'yes') : 'no',
    says,
  ]);
  return {
    text: [
      describe(cloud, version, described),
      ...(objectLock === undefined ? [] : [lockLine(cloud, objectLock)]),
      ...heldByLines(held),
      '',
      table(['rule', 'matches', 'retain until, or why not'], rows),
      '',
      color.bold(sentence),
      write
        ? `written        ${write.mode} until ${formatInstant(write.retainUntil)}`
        : 'written        nothing',
      ...errors.flatMap((error) => [
        `${color.red(`error ${error.code}:`)} ${error.message}`,
        `what to do: ${error.remedy}`,
      ]),
    ].join('\n'),
    json: {
      cloud,
      bucket: version.bucket,
      key: version.key,
      versionId: described ? undefined : version.versionId,
      lastModified: version.lastModified,
      tags: Object.fromEntries(version.tags),
      retention: version.retention,
      legalHold: version.legalHold,
      objectLock: objectLockData(objectLock),
      matters: held !== undefined && 'matters' in held ? held.matters : null,
      mattersUnknown: held !== undefined && 'error' in held ? describeError(held.error) : null,
      rules: verdicts,
      decision:
        decision.action === 'skipped' ? { ...decision, reason: skippedReasons[decision.why] } : decision,
      explanation: sentence,
      write: write ?? null,
      errors: errors.map(describeError),
    },
    exitCode: errors.length > 0 ? 1 : 0,
  };
}

const lockLine = (cloud: CloudName, seen: SeenObjectLock): string =>
  `${cloudWords[cloud].objectLock.padEnd('last modified  '.length)}${objectLockInWords(seen)}`;

interface Barred {
  readonly version: ObservedVersion;
  readonly decision: ObjectDecision;
  readonly objectLock: SeenObjectLock | undefined;
  readonly held: HeldBy | undefined;
}

/** Tells what stands in the way: first what bars every write, then what the decision refuses, then that matters may ask for more. */
function errorsOf(rules: Rules, { version, decision, objectLock, held }: Barred): HoldfastError[] {
  const collision = findCollision(rules, version.bucket);
  const barring = decision.action === 'protect' && takesNoRetention(objectLock) ? objectLock : undefined;
  return [
    ...(collision === undefined ? [] : [collision]),
    ...(barring === undefined ? [] : [errorOfWrite(rules.cloud, version, barring)]),
    ...problemsOf(rules.cloud, decision, version),
    ...(held !== undefined && 'error' in held ? [held.error] : []),
  ];
}

/** Returns the error that the write would end with. */
function errorOfWrite(cloud: CloudName, { bucket, key, versionId }: ObservedVersion, seen: SeenObjectLock) {
  if ('error' in seen) return seen.error;
  const target = formatAddress(cloud, { bucket, key, versionId });
  return failure('OBJECT_WORM_OFF', { bucket, target }, { remedy: objectLockRemedy(cloud, bucket) });
}

/** Tells what PutObjectRetention would be sent with; undefined: it would not be sent. */
const writeOf = (decision: ObjectDecision) =>
  decision.action === 'protect' ? { mode: 'COMPLIANCE', retainUntil: decision.until } : undefined;

interface Verdict {
  readonly rule: string;
  readonly matched: boolean;
  readonly wins: boolean;
  readonly until?: string;
  /** The date and what was bent on the way to it, or why there is none. */
  readonly says: string;
}

interface Judged {
  readonly version: ObservedVersion;
  readonly decision: ObjectDecision;
  readonly now: Date;
}

function judge(rules: Rules, rule: ObjectRule, { version, decision, now }: Judged): Verdict {
  const { name } = rule;
  const { cloud } = rules;
  const match = explainMatch(rule, version.bucket, version.key, version.tags);
  if (!match.matched) return { rule: name, matched: false, wins: false, says: whyNot(match) };
  const judged = judgeRule(rules, rule, version, now).date;
  // A date over the cap is no date of the rule's judgement; it is shown beside its error.
  const date = judged ?? dateOf(rule, version);
  if ('problem' in date) {
    return { rule: name, matched: true, wins: false, says: asError(cloud, date.problem, version).message };
  }
  const until = formatInstant(date.until);
  const wins = 'rule' in decision && decision.rule === name;
  const over = problemsOf(cloud, decision, version, name).map((error) => error.code);
  const says = [until, ...extensionOf(judged ?? {}), ...date.warnings, ...over].join('; ');
  return { rule: name, matched: true, wins, until, says };
}

function whyNot(mismatch: Mismatch): string {
  const globs = mismatch.globs.join(', ');
  if (mismatch.part !== 'tag') return `${mismatch.part} ${visible(mismatch.value)} does not match ${globs}`;
  return mismatch.value === undefined
    ? `there is no tag ${mismatch.tag}`
    : `tag ${mismatch.tag}=${visible(mismatch.value)} does not match ${globs}`;
}

function problemsOf(
  cloud: CloudName,
  decision: ObjectDecision,
  version: ObservedVersion,
  rule?: string,
): HoldfastError[] {
  const problems = 'problems' in decision ? decision.problems : [];
  return problems
    .filter((problem) => rule === undefined || problem.rule === rule)
    .map((problem) => asError(cloud, problem, version));
}

function inWords(decision: ObjectDecision): string {
  switch (decision.action) {
    case 'protect': {
      const longer = decision.previousUntil
        ? `, longer than now (${formatInstant(decision.previousUntil)})`
        : '';
      const by = [`by rule ${decision.rule}${longer}`, ...extensionOf(decision)].join(', ');
      return `would be retained until ${formatInstant(decision.until)} ${by}`;
    }
    case 'already-protected':
      return (
        `stays as it is: retained until ${formatInstant(decision.previousUntil)}, ` +
        [`rule ${decision.rule} asks for ${formatInstant(decision.until)}`, ...extensionOf(decision)].join(
          ', ',
        )
      );
    case 'at-cap':
      return (
        `stays as it is: retained until ${formatInstant(decision.previousUntil)}, which is near; it is in use, and ` +
        `neither upTo of rule ${decision.rule} nor limits.maxRetention allows a later date`
      );
    case 'elapsed':
      return `would not be retained: the date of rule ${decision.rule} is past (${[
        formatInstant(decision.until),
        ...extensionOf(decision),
      ].join(', ')})`;
    case 'no-rule':
      return 'would not be retained: no rule matches';
    case 'skipped':
      return `would not be retained: ${skippedReasons[decision.why]}`;
    case 'refuse':
      return 'would fail and not be retained';
  }
}

function describe(cloud: CloudName, version: ObservedVersion, described: boolean): string {
  const { bucket, key, versionId, lastModified, tags, retention, legalHold } = version;
  const words = [...tags].map(([tag, value]) => visible(`${tag}=${value}`));
  return [
    color.bold(objectUrl(cloud, { bucket, key })),
    ...(described ? [] : [`version        ${visible(shownVersionId(versionId))}`]),
    `last modified  ${formatInstant(lastModified)}`,
    `tags           ${words.join(', ') || '(none)'}`,
    ...(retention ? [`retained       until ${formatInstant(retention.until)} (${retention.mode})`] : []),
    ...(legalHold ? ['legal hold     ON: it cannot be deleted until the hold is lifted'] : []),
  ].join('\n');
}
