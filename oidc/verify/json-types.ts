/**
 * Content types with which STS is known to read a key set. RFC 7517, section 8.5.2; kube-apiserver serves the
 * first
 */
export const JSON_TYPES = /^application\/(jwk-set\+)?json\b/;
