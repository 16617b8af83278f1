import { startCloud } from '../local/cloud.ts';
import { answerParent } from './answer-parent.ts';

/** The embedded cloud in a process of its own. */
const data = process.argv[2];
const cloud = await startCloud(data === undefined ? {} : { data });
answerParent(cloud.port, () => cloud.close());
