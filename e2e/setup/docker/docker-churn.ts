import { setTimeout as sleep } from 'node:timers/promises';
import { ROLE_LABEL } from '../../../lib/contract/podrole.ts';
import type { Life } from '../agent/churn.ts';
import { type Answers, type Collector, isServed } from '../agent/collector.ts';
import { randomNumbers } from '../random-numbers.ts';
import type { DockerAnswer, DockerApi } from './docker-api.ts';
import type { RecordingSts } from './recording-sts.ts';

export interface DockerChurnOptions {
  readonly api: DockerApi;
  /** Name of the network of the containers. */
  readonly network: string;
  readonly collector: Collector;
  /** ARNs, chosen at random; undefined: a container without a role. */
  readonly roles: readonly (string | undefined)[];
  /** Number of containers at the same time; more than addresses make each wait for a free one. */
  readonly slots: number;
  readonly lives: number;
  /** Called at the end of each life. */
  readonly onEnd?: () => void;
  /** Seed of the random choices, and part of the names. */
  readonly seed: number;
}

const FIRST_CREDENTIALS_MS = 60_000;
/** Time between two looks whether a container that gets nothing still runs. */
const STILL_RUNS_MS = 500;
const ATTEMPTS = 600;
const PAUSE_MS = 50;

/** Starts and ends containers in all slots until the lives are over. @throws when one cannot be created */
export async function churnContainers(options: DockerChurnOptions): Promise<readonly Life[]> {
  const random = randomNumbers(options.seed);
  const lives: Life[] = [];
  let started = 0;
  const slot = async () => {
    while (started < options.lives) {
      started += 1;
      lives.push(await live(options, random, `life-${options.seed}-${started}`));
      options.onEnd?.();
    }
  };
  await Promise.all(Array.from({ length: options.slots }, slot));
  return lives;
}

async function live(options: DockerChurnOptions, random: () => number, name: string): Promise<Life> {
  const { api, network, collector, roles } = options;
  const role = roles[Math.floor(random() * roles.length)];
  const finishes = random() < 0.2;
  const isShort = random() < 0.3;
  const lifetimeMs = finishes || isShort ? Math.round(100 + random() * 900) : 0;
  const [way, rest] = [random(), random() * 300];
  await persist(() =>
    api.request('POST', `/containers/create?name=${name}`, {
      Image: 'app-asker:1',
      Env: [
        ...[`POD_UID=${name}`, `COLLECTOR=${collector.address}`],
        ...(finishes ? [`LIFETIME_MS=${lifetimeMs}`] : []),
        ...(random() < 0.5 ? ['IGNORE_TERM=true'] : []),
      ],
      Labels: role === undefined ? {} : { [ROLE_LABEL]: role },
      HostConfig: { NetworkMode: network },
    }),
  );
  if (!(await start(api, name))) {
    await persist(() => api.request('DELETE', `/containers/${name}?force=true`));
    return { uid: name, role, served: undefined, isShort: true, hasFinished: false };
  }
  const served = await firstCredentials(
    options,
    name,
    role,
    isShort || finishes ? lifetimeMs : FIRST_CREDENTIALS_MS,
  );
  const wasEnded = !served && !(await isRunning(api, name));
  if (!finishes) {
    await sleep(rest);
    await end(api, name, way);
  } else await waitForEnd(api, name, lifetimeMs);
  await persist(() => api.request('DELETE', `/containers/${name}?force=true`));
  return { uid: name, role, served, isShort: isShort || finishes || wasEnded, hasFinished: finishes };
}

/** A daemon that was killed in the middle of a start refuses to start that container for ever. */
const MOST_REFUSALS = 40;

/** Starts a container once there is a free address. Returns false for one that the daemon cannot start. */
async function start(api: DockerApi, name: string): Promise<boolean> {
  for (let refusals = 0; refusals < MOST_REFUSALS; ) {
    const answer = await api.request('POST', `/containers/${name}/start`).catch(() => undefined);
    if (answer && answer.status < 400) return true;
    const hasNoAddress = JSON.stringify(answer?.body)?.includes('no available IPv4 addresses');
    // Without an answer the daemon restarts.
    if (answer && !hasNoAddress) refusals += 1;
    await sleep(PAUSE_MS);
  }
  return false;
}

/** Waits for the first credentials; a container without a role, or one that a daemon ended, gets none. */
async function firstCredentials(
  { api, collector }: DockerChurnOptions,
  name: string,
  role: string | undefined,
  withinMs: number,
): Promise<Answers | undefined> {
  if (role === undefined) {
    await collector.waitFor(name, () => true, STILL_RUNS_MS);
    return undefined;
  }
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += STILL_RUNS_MS) {
    const served = await collector.waitFor(name, isServed, Math.min(STILL_RUNS_MS, withinMs - waitedMs));
    if (served || !(await isRunning(api, name))) return served;
  }
  return undefined;
}

async function isRunning(api: DockerApi, name: string): Promise<boolean> {
  const { body } = await persist(() => api.request('GET', `/containers/${name}/json`));
  return (body as { readonly State?: { readonly Running: boolean } }).State?.Running === true;
}

/** Ends a container by one of the ways that free its address. */
async function end(api: DockerApi, name: string, way: number): Promise<void> {
  // Killed at once, told to end and killed a second later, or left to the removal.
  if (way < 0.4) await persist(() => api.request('POST', `/containers/${name}/kill`));
  else if (way < 0.7) await persist(() => api.request('POST', `/containers/${name}/stop?t=1`));
}

async function waitForEnd(api: DockerApi, name: string, lifetimeMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < 20 * lifetimeMs && (await isRunning(api, name)); waitedMs += PAUSE_MS)
    await sleep(PAUSE_MS);
}

/**
 * Sends a request again until the daemon, which may be restarting or have no free address, does it.
 * @throws when it refuses for another reason
 */
async function persist(request: () => Promise<DockerAnswer>): Promise<DockerAnswer> {
  let last = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const answer = await request().catch((thrown: unknown) => {
      last = String(thrown);
      return undefined;
    });
    // Done by an earlier attempt whose answer was lost: 304, 404 and 409.
    if (answer && (answer.status < 400 || answer.status === 404 || answer.status === 409)) return answer;
    if (answer) last = `${answer.status} ${JSON.stringify(answer.body)}`;
    if (answer && answer.status < 500 && answer.status !== 403) break;
    await sleep(PAUSE_MS);
  }
  throw new Error(`the Docker daemon refuses: ${last}`);
}

/** An answer with something of another container. */
export interface WrongAnswer {
  readonly life: string;
  readonly role: string | undefined;
  /** Role of the answer. */
  readonly got: string | undefined;
  readonly answers: Answers;
}

/**
 * Returns the answers with credentials for which STS gave the role of another container, or with the name of
 * another role.
 */
export function wrongContainerAnswers(
  lives: readonly Life[],
  collector: Collector,
  sts: Pick<RecordingSts, 'roleOf'>,
): readonly WrongAnswer[] {
  return lives.flatMap(({ uid: life, role }) =>
    collector.answersTo(life).flatMap((answers) => {
      if (answers.status !== 200) return [];
      const got = answers.key === undefined ? answers.role : sts.roleOf(answers.key);
      const isRight = role !== undefined && (got === role || role.endsWith(`:role/${got}`));
      return isRight ? [] : [{ life, role, got, answers }];
    }),
  );
}
