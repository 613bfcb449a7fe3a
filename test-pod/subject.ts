import { PodroleError } from '../lib/errors.ts';
import { isNamespaceName, isObjectName } from '../lib/kubernetes-names.ts';

export interface TestSubject {
  readonly namespace: string;
  readonly serviceAccount: string;
}

const KIND = /^(?:sa|serviceaccounts?)$/i;

/**
 * Reads the ServiceAccount of a command line: `web`, `sa/web` or `shop/web`.
 * @throws PodroleError `INVALID_SETTING`, `MISSING_SETTING`
 */
export function parseSubject([given]: readonly string[], asked: string): TestSubject {
  if (given === undefined) {
    const remedy = 'name it: podrole test -n shop web';
    throw new PodroleError({
      code: 'MISSING_SETTING',
      object: 'ServiceAccount',
      problem: 'is not named',
      remedy,
    });
  }
  const [first = '', second, ...more] = given.split('/');
  const isPlain = second === undefined || KIND.test(first);
  const [namespace, serviceAccount] = isPlain ? [asked, second ?? first] : [first, second];
  if (more.length === 0 && isNamespaceName(namespace) && isObjectName(serviceAccount)) {
    return { namespace, serviceAccount };
  }
  throw new PodroleError({
    code: 'INVALID_SETTING',
    object: `ServiceAccount ${JSON.stringify(given)} in namespace ${JSON.stringify(asked)}`,
    problem: 'cannot be the name of one',
    remedy: 'write its name with -n NAMESPACE, sa/NAME or NAMESPACE/NAME',
  });
}
