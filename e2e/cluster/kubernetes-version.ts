/** The minor version of the API server that e2e/run chose, 37 for Kubernetes 1.37. */
export const KUBERNETES_MINOR = Number(process.env['PODROLE_E2E_KUBERNETES']?.split('.')[1] ?? 37);
