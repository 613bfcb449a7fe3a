import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { identities } from '../../testing/arbitrary/identities.ts';
import { podOf } from '../../testing/arbitrary/pods.ts';
import { mutatePod } from '../mutate-pod.ts';

const pods = fc.oneof(podOf(false), podOf(true));
const options = fc.record({ recordOwnership: fc.boolean() });

test('every warning is one line under 256 characters that ends with a remedy', () => {
  fc.assert(
    fc.property(pods, identities, options, (pod, identity, chosen) => {
      for (const warning of mutatePod(pod, identity, chosen).warnings) {
        assert.match(warning, /^(?:Pod|ServiceAccount) [ -~]{1,255}$/);
        assert.match(warning, /; (?:write|did you mean|name|remove|rename|mount|use|set|add|give) [^;]+$/);
      }
    }),
    { numRuns: 500 },
  );
});

test('a pod that has its identity gives no other warnings', () => {
  fc.assert(
    fc.property(pods, identities, options, (pod, identity, chosen) => {
      const once = mutatePod(pod, identity, chosen);
      const again = mutatePod(once.pod, identity, chosen).warnings;
      assert.deepEqual(
        again.filter((warning) => !once.warnings.includes(warning)),
        [],
      );
    }),
    { numRuns: 500 },
  );
});
