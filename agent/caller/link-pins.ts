import type { Link } from '../../lib/network/links.ts';
import type { NodePod } from '../pods/node-pod.ts';

/** Links of certain pods. As long as a link is the same, its address has the same owner. */
export interface LinkPins {
  /** Returns the UID of the pod to which this link of an address is pinned. */
  uidAt(address: string, link: Link): string | undefined;
  /**
   * Pins the link of a certain pod.
   * @returns why the pod is not certain after all: it was certain with another link, and has not started a
   *   container since
   */
  pin(pinned: Pinned): string | undefined;
  /** Forgets the pins of a pod that is gone. */
  forget(uid: string): void;
}

export interface Pinned {
  readonly address: string;
  readonly link: Link;
  readonly pod: NodePod;
  /** Time at which kubelet last began to create a container of the pod, by the wall clock. */
  readonly createdMs: number | undefined;
  /** Now, by the wall clock. */
  readonly nowMs: number;
}

interface Pin {
  readonly uid: string;
  readonly link: Link;
  readonly seenMs: number;
}

export function createLinkPins(): LinkPins {
  // An address has one pin, and only addresses of certain pods have one: not more than pods have addresses.
  const pins = new Map<string, Pin>();
  return {
    uidAt: (address, link) => {
      const pin = pins.get(address);
      return pin && isSame(pin.link, link) ? pin.uid : undefined;
    },
    pin: ({ address, link, pod: { uid, namespace, name }, createdMs, nowMs }) => {
      const before = pins.get(address);
      const isNewLink = before?.uid === uid && !isSame(before.link, link);
      if (isNewLink && (createdMs === undefined || createdMs <= before.seenMs)) {
        return `the link of the address has changed, but pod ${namespace}/${name} has not started again`;
      }
      pins.set(address, { uid, link, seenMs: nowMs });
      return undefined;
    },
    forget: (uid) => {
      for (const [address, pin] of pins) if (pin.uid === uid) pins.delete(address);
    },
  };
}

function isSame(one: Link, other: Link): boolean {
  return one.device === other.device && one.mac === other.mac && one.port === other.port;
}
