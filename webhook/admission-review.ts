import { ADMISSION_REVIEW } from '../lib/contract/kubernetes.ts';
import { asObject, asText, type JsonObject } from '../lib/json/json.ts';
import { type JsonMeasure, measureJson, whyTooLarge } from '../lib/json/json-bounds.ts';

/** Fields that podrole reads of an AdmissionReview's request; the objects stay raw. */
export interface ReviewRequest {
  readonly uid: string;
  readonly operation: string;
  /** `pods`, `pods/ephemeralcontainers`, `deployments.apps`. */
  readonly resource: string;
  readonly namespace: string;
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
  /** The object will not be stored: a review must have no side effect. */
  readonly isDryRun: boolean;
}

export type ReadReview =
  | { readonly ok: true; readonly request: ReviewRequest }
  /** The body holds no request that a review could answer: `problem` is for an HTTP 400. */
  | { readonly ok: false; readonly problem: string };

/** Limit because the answer repeats the UID. An API server sends a UUID: 36 characters. */
const UID_MAX_LENGTH = 128;

/** Reads an AdmissionReview from a body. [k8s] admission.k8s.io/v1, AdmissionReview */
export function readReview(body: Buffer, measure: JsonMeasure = measureJson(body)): ReadReview {
  const excess = whyTooLarge(measure);
  if (excess !== undefined) return { ok: false, problem: `the body ${excess}` };
  let review: JsonObject | undefined;
  try {
    review = asObject(JSON.parse(body.toString('utf8')));
  } catch {
    return { ok: false, problem: 'the body is not JSON' };
  }
  if (review?.['kind'] !== ADMISSION_REVIEW.kind || review['apiVersion'] !== ADMISSION_REVIEW.apiVersion) {
    return {
      ok: false,
      problem: `the body is not an ${ADMISSION_REVIEW.kind} of ${ADMISSION_REVIEW.apiVersion}`,
    };
  }
  const request = asObject(review['request']);
  const uid = asText(request?.['uid']);
  if (!request || !uid) return { ok: false, problem: 'the AdmissionReview has no request.uid' };
  if (uid.length > UID_MAX_LENGTH) {
    return { ok: false, problem: `request.uid has more than ${UID_MAX_LENGTH} characters` };
  }
  return {
    ok: true,
    request: {
      uid,
      operation: asText(request['operation']) ?? '',
      resource: resourceOf(request),
      namespace: asText(request['namespace']) ?? '',
      object: asObject(request['object']),
      oldObject: asObject(request['oldObject']),
      isDryRun: request['dryRun'] === true,
    },
  };
}

function resourceOf(request: JsonObject): string {
  const resource = asObject(request['resource']);
  const group = asText(resource?.['group']);
  const subResource = asText(request['subResource']);
  const name = asText(resource?.['resource']) ?? '';
  return `${name}${group ? `.${group}` : ''}${subResource ? `/${subResource}` : ''}`;
}

/** Answer to a review. */
export interface Verdict {
  readonly allowed: boolean;
  /** Reason for a refusal: `status.message`. */
  readonly message?: string;
  /** `status.code` of a refusal: 400, the pod cannot be read; 403, its role is refused. */
  readonly code?: 400 | 403;
  /** JSON Patch; absent or empty: the object stays as it is. */
  readonly patch?: readonly unknown[];
  readonly warnings?: readonly string[];
  /** For the audit log of the API server, which puts the name of the webhook before each key. */
  readonly auditAnnotations?: Readonly<Record<string, string>> | undefined;
}

/** [k8s] meta/v1 StatusReason */
const FORBIDDEN = 'Forbidden';

/** Returns the AdmissionReview that answers, as JSON. */
export function writeReview(uid: string, verdict: Verdict): string {
  const { allowed, message, code = 400, patch, warnings, auditAnnotations } = verdict;
  const response: Record<string, unknown> = { uid, allowed };
  if (message !== undefined) {
    response['status'] = code === 403 ? { code, reason: FORBIDDEN, message } : { code, message };
  }
  if (patch && patch.length > 0) {
    response['patchType'] = 'JSONPatch';
    response['patch'] = Buffer.from(JSON.stringify(patch)).toString('base64');
  }
  if (warnings && warnings.length > 0) response['warnings'] = warnings;
  if (auditAnnotations) response['auditAnnotations'] = auditAnnotations;
  return JSON.stringify({ ...ADMISSION_REVIEW, response });
}
