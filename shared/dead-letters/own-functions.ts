/** The functions whose failures `redrive` can replay. The list is closed: no text of a letter adds to it. */
export const replayedFunctions = ['object-created', 'policy-timer', 'protect-existing'] as const;
export type ReplayedFunction = (typeof replayedFunctions)[number];

/** All functions of Holdfast, by the names of their folders in `dist/`. */
export const ownFunctions = [...replayedFunctions, 'dead-letter'] as const;
export type OwnFunction = (typeof ownFunctions)[number];

/** s.yaml deploys each function under its own name after this. */
const deployedPrefix = 'holdfast-';

/**
 * Finds the function that a deployed name stands for.
 * @param deployed the name as a letter has it, such as `holdfast-object-created`
 * @returns undefined for any other name, however much it resembles one
 */
export const replayedFunctionOf = (deployed: string): ReplayedFunction | undefined =>
  replayedFunctions.find((name) => isNamed(deployed, name));

/** Says whether a deployed name stands for this function: it is the name itself, or `holdfast-` and the name. */
export const isNamed = (deployed: string, name: string): boolean =>
  deployed === name || deployed === `${deployedPrefix}${name}`;
