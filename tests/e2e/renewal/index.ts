import { ClusterPki } from "../../../components/cluster/pki";
import { CERTIFICATE_VALIDITY_HOURS, signedCertificate } from "../../../components/lib/certificates";

const pki = new ClusterPki("pki");
const leaf = (name: string, validityHours: number) =>
    signedCertificate(name, { ca: pki.ca, commonName: name, usages: ["client_auth"], validityHours }, {}).certificate;

export const ca = pki.ca.certificate;
export const admin = pki.admin.certificate;
export const other = leaf("other", CERTIFICATE_VALIDITY_HOURS);
export const month = leaf("month", 30 * 24);
