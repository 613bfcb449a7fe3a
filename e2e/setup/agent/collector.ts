import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Equal answers to one pod, as e2e/images/asker counts them. */
export interface Answers {
  /** UID of the pod that asked. */
  readonly uid: string;
  /** Way of asking: `role`, `keys`, `kept` at instance metadata; `uri`, `token` for container credentials. */
  readonly kind: string;
  /** 0 if the connection failed. */
  readonly status: number;
  readonly role?: string;
  /** Access key of the credentials. */
  readonly key?: string;
  readonly reason?: string;
  readonly count: number;
  /** Times in ms since 1970: of the program's start, and of the first and the last such answer. */
  readonly beganMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly longestMs: number;
}

/** True for an answer with credentials. */
export function isServed({ status, key }: Answers): boolean {
  return status === 200 && key !== undefined;
}

export interface Collector {
  /** `host:port` for the pods. */
  readonly address: string;
  /** Returns the answers to one pod so far. */
  answersTo(uid: string): readonly Answers[];
  /** Resolves when a pod has got an answer that meets the condition; undefined after the time. */
  waitFor(uid: string, holds: (answers: Answers) => boolean, timeoutMs: number): Promise<Answers | undefined>;
  stop(): void;
}

/**
 * Takes what the pods of e2e/images/asker report.
 * @param host address of this machine for pods
 */
export async function startCollector(host: string): Promise<Collector> {
  const byUid = new Map<string, Map<string, Answers>>();
  const waiting = new Map<string, Set<(answers: Answers) => void>>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    const lines = createInterface(socket);
    // It repeats the errors of the socket.
    lines
      .on('error', () => {})
      .on('line', (line) => {
        const answers = JSON.parse(line) as Answers;
        const { uid, kind, status, role, key, reason } = answers;
        const ofPod = byUid.get(uid) ?? new Map<string, Answers>();
        byUid.set(uid, ofPod.set([kind, status, role, key, reason].join('\n'), answers));
        for (const tell of waiting.get(uid) ?? []) tell(answers);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const answersTo = (uid: string) => [...(byUid.get(uid)?.values() ?? [])];
  return {
    address: `${host}:${port}`,
    answersTo,
    waitFor: (uid, holds, timeoutMs) =>
      new Promise((resolve) => {
        const listeners = waiting.get(uid) ?? new Set();
        waiting.set(uid, listeners);
        const end = (answers: Answers | undefined) => {
          clearTimeout(timer);
          listeners.delete(tell);
          resolve(answers);
        };
        const tell = (answers: Answers) => {
          if (holds(answers)) end(answers);
        };
        const timer = setTimeout(() => end(undefined), timeoutMs);
        listeners.add(tell);
        for (const answers of answersTo(uid)) tell(answers);
      }),
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
