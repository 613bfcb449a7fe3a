import type { admissionErrors } from './admission-errors.ts';
import type { agentErrors } from './agent-errors.ts';
import type { answerErrors } from './answer-errors.ts';
import type { auditErrors } from './audit-errors.ts';
import type { bindErrors } from './bind-errors.ts';
import type { certificateErrors } from './certificate-errors.ts';
import type { clusterErrors } from './cluster-errors.ts';
import type { dockerApiErrors } from './docker-api-errors.ts';
import type { dockerRoleErrors } from './docker-role-errors.ts';
import type { doctorErrors } from './doctor-errors.ts';
import type { iamErrors } from './iam-errors.ts';
import type { policyErrors } from './policy-errors.ts';
import type { publishErrors } from './publish-errors.ts';
import type { redirectErrors } from './redirect-errors.ts';
import type { rotationErrors } from './rotation-errors.ts';
import type { settingErrors } from './setting-errors.ts';
import type { sidecarErrors } from './sidecar-errors.ts';
import type { stsErrors } from './sts-errors.ts';
import type { testPodErrors } from './test-pod-errors.ts';

/** Code of a fault. Each stands in docs/errors.md. */
export type FaultCode =
  | keyof typeof admissionErrors
  | keyof typeof agentErrors
  | keyof typeof auditErrors
  | keyof typeof bindErrors
  | keyof typeof certificateErrors
  | keyof typeof clusterErrors
  | keyof typeof dockerApiErrors
  | keyof typeof dockerRoleErrors
  | keyof typeof doctorErrors
  | keyof typeof iamErrors
  | keyof typeof policyErrors
  | keyof typeof publishErrors
  | keyof typeof redirectErrors
  | keyof typeof rotationErrors
  | keyof typeof settingErrors
  | keyof typeof sidecarErrors
  | keyof typeof stsErrors
  | keyof typeof testPodErrors;

/** Code in an HTTP answer that refuses a request. Without a session, the answer has a FaultCode instead. */
export type AnswerCode = keyof typeof answerErrors;
