import {
  type ApiAnswer,
  type ApiClient,
  describeAnswer,
  type Limits,
} from '../../../kubernetes/api-client.ts';
import { apiPath } from '../../../kubernetes/api-path.ts';
import { remedyFor } from '../../../kubernetes/api-refusal.ts';
import { mutatingWebhooksPath } from '../../../kubernetes/core-paths.ts';
import { PodroleError } from '../../../lib/errors.ts';
import { asObject, type JsonObject } from '../../../lib/json/json.ts';
import { metadataOf } from '../../../lib/kubernetes-objects.ts';

type Client = Pick<ApiClient, 'get' | 'send'>;

/** One object of the API server, which is changed only if it is still the one that was read. */
export interface ObjectStore {
  /** Name in messages: `Secret podrole/podrole-webhook-tls`. */
  readonly name: string;
  /**
   * Reads the object.
   * @returns undefined if it does not exist
   * @throws PodroleError `CERTIFICATE_REFUSED`, `API_UNREACHABLE`
   */
  read(limits: Limits): Promise<JsonObject | undefined>;
  /**
   * Writes the object.
   * @param object with the resourceVersion with which it was read; a Secret without one is created
   * @returns the object after the write; `raced` if another client has changed, created or removed it
   * meanwhile
   * @throws PodroleError `CERTIFICATE_REFUSED`, `SECRET_MISSING`, `API_UNREACHABLE`; after the latter the
   * change may have been made
   */
  write(object: JsonObject, limits: Limits): Promise<JsonObject | 'raced'>;
}

export function secretStore(
  client: Client,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): ObjectStore {
  const secrets = apiPath('/api/v1', 'namespaces', namespace, 'secrets');
  const path = apiPath('/api/v1', 'namespaces', namespace, 'secrets', name);
  const answers = readAnswers(
    `Secret ${namespace}/${name}`,
    `allow this account get and update on the Secret ${name} in namespace ${namespace} (Role); ` +
      'if the answer says that the Secret is immutable, delete it and create it again, empty',
    `name the namespace of the webhook with --namespace, or create ${namespace}`,
  );
  return {
    name: answers.name,
    read: async (limits) => answers.read(await client.get(path, limits)),
    write: async (body, limits) => {
      const isNew = metadataOf(body)?.['resourceVersion'] === undefined;
      const change = isNew
        ? ({ method: 'POST', path: secrets, body } as const)
        : ({ method: 'PUT', path, body } as const);
      const answer = await client.send(change, limits);
      if (isNew && answer.status === 403) throw missingSecret(answers.name, { namespace, name }, answer);
      const isRaced = answer.status === 409 || (answer.status === 404 && !isNew);
      return isRaced ? 'raced' : answers.written(answer);
    },
  };
}

/**
 * Returns the error for a Secret that does not exist. The shipped manifests contain it and do not grant
 * `create`: whoever may create a Secret can choose any type.
 */
function missingSecret(
  object: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  answer: ApiAnswer,
): PodroleError {
  return new PodroleError({
    code: 'SECRET_MISSING',
    object,
    problem: `does not exist, and the API server ${describeAnswer(answer)} when asked to create it`,
    remedy:
      "apply podrole's manifests again, or run: " +
      `kubectl create secret generic ${name} --namespace ${namespace}; the webhook fills it`,
  });
}

/** Returns the store of a MutatingWebhookConfiguration, which writes strategic merge patches. */
export function webhookConfigurationStore(client: Client, name: string): ObjectStore {
  const path = mutatingWebhooksPath(name);
  const answers = readAnswers(
    `MutatingWebhookConfiguration ${name}`,
    `allow this account get and patch on the MutatingWebhookConfiguration ${name} (ClusterRole)`,
  );
  return {
    name: answers.name,
    read: async (limits) => answers.read(await client.get(path, limits)),
    write: async (body, limits) => {
      const patchType = 'application/strategic-merge-patch+json';
      const answer = await client.send({ method: 'PATCH', path, body, patchType }, limits);
      return answer.status === 409 || answer.status === 404 ? 'raced' : answers.written(answer);
    },
  };
}

/**
 * @param remedy if a right is missing
 * @param absentRemedy if what holds the object does not exist: a write answers 404
 */
function readAnswers(name: string, remedy: string, absentRemedy = remedy) {
  const objectOf = (answer: ApiAnswer): JsonObject => {
    const object = answer.status === 200 || answer.status === 201 ? asObject(answer.body) : undefined;
    if (object) return object;
    const problem = `the API server ${describeAnswer(answer)}`;
    const advice = answer.status === 404 ? absentRemedy : remedy;
    throw new PodroleError({
      code: 'CERTIFICATE_REFUSED',
      object: name,
      problem,
      remedy: remedyFor(answer, advice),
    });
  };
  return {
    name,
    read: (answer: ApiAnswer) => (answer.status === 404 ? undefined : objectOf(answer)),
    written: objectOf,
  };
}
