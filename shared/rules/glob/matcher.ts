import { type Automaton, classOf, isAccepting, Stepper } from './run.ts';

/**
 * A glob as it is matched, as plain data. Most globs are a text, or two texts with one star between them, which needs
 * no automaton; for the others the texts at both ends reject most names before the automaton is asked.
 */
export interface GlobData {
  /** Each name that matches begins so. */
  readonly prefix: string;
  /** Each name that matches ends so. */
  readonly suffix: string;
  /** Each name that matches has this between the two; it may be empty. */
  readonly inside?: string;
  /**
   * This is what stands between the two: nothing, anything, anything but a slash, or what the automaton says of the
   * name.
   */
  readonly middle: 'nothing' | 'anything' | 'segment' | Automaton;
}

/** Returns the function that says whether a name matches. Its time is linear in the name. */
export function matcher({ prefix, suffix, middle, inside = '' }: GlobData): (name: string) => boolean {
  const ends = (name: string) =>
    name.length >= prefix.length + suffix.length && name.startsWith(prefix) && name.endsWith(suffix);
  switch (middle) {
    case 'nothing':
      return (name) => name === prefix;
    case 'anything':
      return ends;
    case 'segment':
      return (name) => {
        if (!ends(name)) return false;
        const slash = name.indexOf('/', prefix.length);
        return slash === -1 || slash >= name.length - suffix.length;
      };
    default: {
      // Made when a name gets that far: of many rules most never meet one.
      let run: ((name: string) => boolean) | undefined;
      return (name) => {
        if (!name.startsWith(prefix) || !name.endsWith(suffix) || !name.includes(inside)) return false;
        run ??= runner(middle);
        return run(name);
      };
    }
  }
}

/** Runs the automaton over a whole name. */
function runner(automaton: Automaton): (name: string) => boolean {
  const { cuts, start } = automaton;
  const ascii = Uint16Array.from({ length: 128 }, (_, point) => classOf(cuts, point));
  const kindOf = (point: number): number => ascii[point] ?? classOf(cuts, point);
  return start.length === 1 ? narrow(automaton, kindOf) : wide(automaton, kindOf);
}

type KindOf = (point: number) => number;

/** Up to 32 states: one number holds them all. */
function narrow(
  { start: [first = 0], forward, staying, free, accepting }: Automaton,
  kindOf: KindOf,
): (name: string) => boolean {
  const ahead = Int32Array.from(forward, ([word = 0]) => word);
  const here = Int32Array.from(staying, ([word = 0]) => word);
  const sources = Int32Array.from(free, ([from]) => 1 << from);
  const targets = Int32Array.from(free, ([, to]) => 1 << to);
  const freely = sources.reduce((mask, bit) => mask | bit, 0);
  const followed = (states: number): number => {
    let all = states;
    for (let index = 0; index < sources.length; index += 1) {
      if ((all & (sources[index] ?? 0)) !== 0) all |= targets[index] ?? 0;
    }
    return all;
  };
  return (name) => {
    let states = first;
    for (let at = 0; at < name.length && states !== 0; at += 1) {
      const point = name.codePointAt(at) ?? 0;
      if (point > 0xffff) at += 1;
      const kind = kindOf(point);
      states = ((states & (ahead[kind] ?? 0)) << 1) | (states & (here[kind] ?? 0));
      if ((states & freely) !== 0) states = followed(states);
    }
    return (states & (1 << accepting)) !== 0;
  };
}

/** Does so over several words. */
function wide(automaton: Automaton, kindOf: KindOf): (name: string) => boolean {
  const stepper = new Stepper(automaton);
  const start = Int32Array.from(automaton.start);
  let states = new Int32Array(start.length);
  let next = new Int32Array(start.length);
  return (name) => {
    states.set(start);
    for (let at = 0; at < name.length; at += 1) {
      const point = name.codePointAt(at) ?? 0;
      if (point > 0xffff) at += 1;
      if (!stepper.step(states, kindOf(point), next)) return false;
      [states, next] = [next, states];
    }
    return isAccepting(automaton, states);
  };
}
