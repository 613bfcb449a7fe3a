/** The minor version of the API server that e2e/run chose, 36 for Kubernetes 1.36. */
export const KUBERNETES_MINOR = Number(process.env['PODROLE_E2E_KUBERNETES']?.split('.')[1] ?? 36);
