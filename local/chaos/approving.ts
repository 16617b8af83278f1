import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { formatApprovalName } from '../../shared/approvals/name.ts';
import { approvalSubject, approvalText } from '../../shared/approvals/record.ts';
import { hashSubjects } from '../../shared/approvals/subject.ts';
import type { ApprovalSubject } from '../../shared/approvals/types.ts';
import { hour, second } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import type { Draw } from './draw.ts';
import { type EndedCommand, type Person, runAs, type Workshop } from './people.ts';
import { approvalsFolder, evidenceBucket, evidenceFolder } from './rules-of-run.ts';
import type { ChaosStore } from './store.ts';
import type { Weather } from './watch.ts';

/** The ways in which somebody meets an act that waits for an approval. */
export type Mood = 'none' | 'approved' | 'own' | 'soon over' | 'other' | 'taken back' | 'late';

const moods: readonly Mood[] = [
  ...(['none', 'none', 'approved', 'approved', 'approved', 'own'] as const),
  ...(['soon over', 'other', 'taken back', 'late'] as const),
];

/** The people of a run with approvals, and what they have in their hands. */
export interface Approving {
  readonly drawMood: () => Mood;
  /** Runs a command; in a storm now and then to be killed. */
  run(person: Person, args: readonly string[], weather: Weather): Promise<EndedCommand>;
  /** Keeps a plan that a command has printed. @returns its file; undefined when nothing in it needs an approval */
  keepPlan(stdout: string): string | undefined;
  /** A file for a plan. */
  newFile(): string;
  /** Gives an approval, or what does not count as one. */
  approve(plan: string, mood: Exclude<Mood, 'none' | 'late'>, weather: Weather): Promise<void>;
  /** The instants at which approvals were taken back, by key. */
  readonly takenBack: ReadonlyMap<string, number>;
  /** Keys of approvals of acts that nobody has planned. */
  readonly forged: ReadonlySet<string>;
}

const refusals = /APPROVAL_(MISSING|OWN|EXPIRED|OTHER)|DISPOSITION_UNAPPROVED/;
const killRate = 0.3;
const latestKill = 25;
const takenBackAtOnceRate = 0.5;

const given = z.object({ approval: z.object({ key: z.string() }) });
const planned = z.looseObject({
  approval: approvalSubject.optional(),
  approvals: z.array(z.looseObject({ subject: approvalSubject })).optional(),
});

/**
 * @param folder takes plans
 * @param onRefusal hears of each command that is refused for want of an approval
 */
export function createApproving(
  cloud: Cloud,
  store: ChaosStore,
  workshop: Workshop,
  draw: Draw,
  folder: string,
  onRefusal: () => void,
): Approving {
  mkdirSync(folder, { recursive: true });
  const takenBack = new Map<string, number>();
  const forged = new Set<string>();
  let files = 0;
  let approvals = 0;
  const evidence = store.client(evidenceBucket);
  const newFile = () => {
    files += 1;
    return join(folder, `plan-${files}.json`);
  };
  const run: Approving['run'] = async (person, args, weather) => {
    const kills = weather === 'storm' && draw.chance(killRate);
    const killing = kills ? { store, atRequest: draw.between(1, latestKill) } : undefined;
    const ended = await runAs(workshop, person, [...args, '--cloud', store.cloud], killing);
    if (refusals.test(`${ended.stdout}${ended.stderr}`)) onRefusal();
    return ended;
  };
  const withdraw = async (key: string) => {
    await evidence.delete(key);
    takenBack.set(key, cloud.time.now().getTime());
  };
  /** Writes an approval of something else than was planned, in the form that the command writes. */
  const forge = async (plan: string) => {
    const subjects = subjectsOf(readFileSync(plan, 'utf8')).map(changed);
    if (subjects.length === 0) return;
    const end = cloud.time.now().getTime() + 48 * hour;
    const until = new Date(Math.floor(end / second) * second);
    const by = { caller: 'approver', callerFrom: 'a forger' };
    const text = approvalText({ by, until, plan: hashSubjects(subjects), subjects });
    const sha256 = createHash('sha256').update(text).digest('hex');
    const key = `${evidenceFolder}${formatApprovalName({ caller: by.caller, until, sha256 })}`;
    if (!key.startsWith(approvalsFolder)) throw new RangeError(`approvals lie elsewhere: ${key}`);
    forged.add(key);
    await evidence.put(key, Buffer.from(text));
  };
  return {
    drawMood: () => draw.pick(moods),
    run,
    newFile,
    keepPlan(stdout) {
      if (subjectsOf(stdout).length === 0) return undefined;
      const file = newFile();
      writeFileSync(file, stdout);
      return file;
    },
    async approve(plan, mood, weather) {
      if (mood === 'other') return await forge(plan);
      approvals += 1;
      const until = mood === 'soon over' ? '5m' : '2d';
      const words = ['approve', plan, '--until', until, '--note', `the ${approvals}th`, '--yes'];
      const { code, stdout } = await run(mood === 'own' ? 'operator' : 'approver', words, weather);
      if (mood !== 'taken back' || code !== 0) return;
      if (draw.chance(takenBackAtOnceRate)) await withdraw(given.parse(JSON.parse(stdout)).approval.key);
    },
    takenBack,
    forged,
  };
}

/** Returns what a plan asks an approval for; nothing where it is none, since its command was killed. */
export function subjectsOf(text: string): readonly ApprovalSubject[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const { approval, approvals = [] } = planned.parse(json);
  return [...(approval ? [approval] : []), ...approvals.map(({ subject }) => subject)];
}

const noHash = `sha256:${'0'.repeat(64)}`;

/** Returns another act on the same thing. */
function changed(subject: ApprovalSubject): ApprovalSubject {
  switch (subject.act) {
    case 'lock':
    case 'extend':
      return { ...subject, days: subject.days + 1 };
    case 'retain':
      return { ...subject, until: subject.until.replace(/^\d{4}/, (year) => String(Number(year) - 1)) };
    case 'protect':
      return { ...subject, list: noHash };
    case 'release':
      return { ...subject, records: noHash };
  }
}
