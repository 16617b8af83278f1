/** This is a piece of work that any number of workers can do together. */
interface Work {
  /** Tells whether a further worker would find something to begin. */
  hasMore(): boolean;
  /** Works until there is nothing left to begin; never rejects. */
  worker(): Promise<void>;
}

/** Gives its places for workers to several pieces of work, which share them. */
export interface SharedPlaces {
  /** Resolves when all of the work is done. It gets the places that those before it have no use for. */
  workWith(work: Work): Promise<void>;
}

interface Job extends Work {
  workers: number;
  readonly ended: () => void;
}

/**
 * Makes places that go to the first piece of work that has something to begin. So the last items of one and the first of the next
 * are worked on side by side, and two never end at the same time, as they would if they shared the places evenly.
 */
export function placesFor(count: number): SharedPlaces {
  const jobs: Job[] = [];
  let free = count;
  const leave = (job: Job) => {
    free += 1;
    job.workers -= 1;
    if (job.workers === 0 && !job.hasMore()) job.ended();
    fill();
  };
  const fill = () => {
    for (let [job] = jobs; job !== undefined && free > 0; [job] = jobs) {
      if (job.hasMore()) {
        const taken = job;
        free -= 1;
        taken.workers += 1;
        void taken.worker().then(() => leave(taken));
      } else jobs.shift();
    }
  };
  return {
    workWith: (work) =>
      new Promise((resolve) => {
        if (!work.hasMore()) return resolve();
        jobs.push({ ...work, workers: 0, ended: resolve });
        fill();
      }),
  };
}
