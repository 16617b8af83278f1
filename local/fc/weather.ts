import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { minute, second } from '../../shared/platform/instant.ts';
import type { DeliveryPolicy, Message } from './delivery.ts';
import { type Garbling, garble } from './garble.ts';
import { seededRandom } from './random.ts';

const rate = z.number().min(0).max(1).default(0);
const seed = z.int().default(1);

const rule = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('events'),
    lose: rate,
    duplicate: rate,
    reorder: rate,
    encode: rate,
    early: rate,
    delayMs: z.int().min(0).default(0),
    seed,
  }),
  z.strictObject({
    kind: z.literal('instances'),
    killRate: rate,
    withinMs: z.int().positive().default(100),
    seed,
  }),
]);

/**
 * This is what the world does to functions. `events`: an event of a trigger is lost, arrives twice, or is delayed
 * so that later ones overtake it, its key arrives encoded (`encode`, of OSS), or it is stamped up to 1.5 seconds before its version
 * (`early`), each with its rate from 0 to 1; every one arrives `delayMs` of virtual time later.
 * `instances`: at this rate an invocation's instance is killed, before its work, during it (within so many
 * milliseconds), or after it. The same seed gives the same decisions in the same order.
 */
export type WeatherRule = z.input<typeof rule>;

/** This is when an instance is killed: before the function gets its event, so long after, or when it has finished. */
export type Fate = 'before' | 'after' | { readonly afterMs: number };

export interface Weather {
  /** @throws ZodError when it is no rule */
  add(rule: unknown): void;
  list(): readonly WeatherRule[];
  /** Takes away the first rule that equals this one. @returns whether there was one */
  remove(rule: unknown): boolean;
  clear(): void;
  readonly deliver: DeliveryPolicy;
  /** Returns a trigger's event as it arrives. */
  readonly garble: (event: Buffer) => Buffer;
  /** Tells what happens to the instance of the next invocation; nothing in fine weather. */
  fate(): Fate | undefined;
}

interface Active {
  readonly rule: z.infer<typeof rule>;
  readonly random: () => number;
}

/** The longest by which an event is delayed. */
const longestHoldMs = minute;

/** The most by which another front end's clock is behind that of the object's. */
const longestEarlyMs = 1.5 * second;

/** Makes the weather; without rules it is fine. */
export function createWeather(rules: readonly WeatherRule[] = []): Weather {
  let active: Active[] = [];
  const add = (given: unknown) => {
    const parsed = rule.parse(given);
    active.push({ rule: parsed, random: seededRandom(parsed.seed) });
  };
  rules.forEach(add);
  return {
    add,
    list: () => active.map((each) => each.rule),
    remove(given) {
      const found = active.find((each) => isDeepStrictEqual(each.rule, given));
      active = active.filter((each) => each !== found);
      return found !== undefined;
    },
    clear() {
      active = [];
    },
    deliver: (message) => active.reduce((delays, each) => delays.flatMap(onTheWay(each, message)), [0]),
    garble: (event) => active.reduce((arriving, each) => garble(arriving, garblingOf(each)), event),
    fate() {
      const fates = active.map(fateOf).filter((fate) => fate !== undefined);
      return fates[0];
    },
  };
}

/** An API call that was accepted is not lost, nor is what goes to a destination: only triggers' events see weather. */
const throughTrigger = ({ trigger }: Message) => trigger !== 'api' && trigger !== 'destination';

function onTheWay({ rule, random }: Active, message: Message): (delay: number) => number[] {
  if (rule.kind !== 'events' || !throughTrigger(message)) return (delay) => [delay];
  const held = () => Math.ceil(random() * longestHoldMs);
  return (delay) => {
    if (random() < rule.lose) return [];
    const arrives = delay + rule.delayMs + (random() < rule.reorder ? held() : 0);
    if (random() >= rule.duplicate) return [arrives];
    return [arrives, arrives + (random() < 0.5 ? 0 : held())]; // at the same time, or later
  };
}

/** Rates of zero draw nothing, so that a seed goes on meaning what it meant. */
function garblingOf({ rule, random }: Active): Garbling {
  if (rule.kind !== 'events') return {};
  const isHit = (rate: number) => rate > 0 && random() < rate;
  return {
    ...(isHit(rule.encode) && { key: random() < 0.5 ? 'percent' : 'form' }),
    ...(isHit(rule.early) && { earlierMs: Math.ceil(random() * longestEarlyMs) }),
  };
}

function fateOf({ rule, random }: Active): Fate | undefined {
  if (rule.kind !== 'instances' || random() >= rule.killRate) return undefined;
  const point = random() * 3;
  if (point < 1) return 'before';
  return point < 2 ? 'after' : { afterMs: (point - 2) * rule.withinMs };
}
